"""Configurations written from a look at a file: they load, and read that file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.common.article import Article
from pipeline.common.config_file import load_config
from pipeline.common.errors import DataError
from pipeline.corpora import files
from pipeline.preparation.init_config import write_config

TEXT = "A text that is long enough to look like an article because it goes on for a good many words more than that."


def made(path: Path, output: Path) -> tuple[Any, list[Article]]:
    write_config(path, output)
    config = load_config(output)
    items = files.read(files.Options(**config.corpora[0].options), output)
    return config, [item for item in items if isinstance(item, Article)]


def test_the_sample_gives_a_configuration_that_works(tmp_path: Path) -> None:
    sample = Path("data/samples/my-articles.csv")
    config, articles = made(sample, tmp_path / "My Archive.yaml")
    assert config.name == "my-archive"
    assert (config.topics is None, config.regions is None) == (False, False)
    assert len(articles) == 12
    assert all(article.topics and article.regions and article.date for article in articles)
    written = (tmp_path / "My Archive.yaml").read_text()
    assert "12 of 12 are dates" in written
    assert "separator: ';'; 5 labels" in written


def test_strange_names_are_found_by_what_they_hold(tmp_path: Path) -> None:
    path = tmp_path / "export.jsonl"
    rows = [
        {"No": i, "Überschrift: #1": f"Title {i}", "copy": TEXT, "desk": ["home", "world"][i % 2]} for i in range(20)
    ]
    path.write_text("\n".join(json.dumps(row) for row in rows))
    summary = write_config(path, tmp_path / "c.yaml")
    assert (summary.columns["text"], summary.columns["topics"]) == ("copy", "desk")
    assert summary.labels == {"topics": {"home": 10, "world": 10}}
    config, articles = made(path, tmp_path / "d.yaml")
    assert config.regions is None
    assert [article.topics for article in articles[:2]] == [["home"], ["world"]]


def test_regions_that_are_no_countries_become_topics(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("text,region\n" + "".join(f"{TEXT},{name}\n" for name in ("North", "South", "North", "South")))
    config, articles = made(path, tmp_path / "c.yaml")
    assert config.regions is None
    assert articles[0].topics == ["North"]
    assert "holds few countries" in (tmp_path / "c.yaml").read_text()


def test_regions_only(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"text,country,published\n{TEXT},France,13/2/2025\n{TEXT},Peru,1/2/2025\n")
    config, articles = made(path, tmp_path / "c.yaml")
    assert config.topics is None
    assert [(article.regions, article.date) for article in articles] == [(["FR"], "2025-02-13"), (["PE"], "2025-02-01")]


def test_an_own_split_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"text,topics,split\n{TEXT},a,train\n{TEXT},b,test\n")
    config, articles = made(path, tmp_path / "c.yaml")
    assert config.prepare.split == "own"
    assert [article.split for article in articles] == ["train", "test"]


@pytest.mark.parametrize("label", ["a: b #c", "x\u0085y", "tab\\there", "émigré 🙂", "- {", "'\"", "yes"])
def test_no_label_or_name_breaks_the_yaml(tmp_path: Path, label: str) -> None:
    path = tmp_path / f"{label.replace('/', '_')}.jsonl"
    path.write_text("\n".join(json.dumps({"text": TEXT, "topics": [label, "b"], label: 1}) for _ in range(3)))
    config, articles = made(path, tmp_path / "c.yaml")
    assert articles[0].topics == [" ".join(label.split()), "b"]
    assert config.corpora[0].options["path"] == str(path)


@pytest.mark.parametrize(
    ("content", "part"),
    [
        ("id,topics\n1,a\n2,b\n", "no column looks like the text"),
        (f"text,number\n{TEXT},1\n{TEXT},2\n", "no column looks like labels"),
        ("text,topics\n", "no row that can be read"),
        ("text,topics\na\n", "1 cells"),
    ],
)
def test_files_that_cannot_be_used_are_told(tmp_path: Path, content: str, part: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(content)
    with pytest.raises(DataError, match=part):
        write_config(path, tmp_path / "c.yaml")
    assert not (tmp_path / "c.yaml").exists()


def test_a_file_that_is_there_is_kept(tmp_path: Path) -> None:
    output = tmp_path / "c.yaml"
    output.write_text("mine")
    with pytest.raises(DataError, match="is there already"):
        write_config(Path("data/samples/my-articles.csv"), output)
    assert output.read_text() == "mine"
    write_config(Path("data/samples/my-articles.csv"), output, force=True)
    assert load_config(output).name == "c"


def test_the_language_of_the_texts_is_written_down(tmp_path: Path) -> None:
    path = tmp_path / "export.jsonl"
    text = (
        "Die Regierung hat am Montag beschlossen, dass die Schulen auch im Sommer geöffnet bleiben, wie sie mitteilte."
    )
    rows = [{"titel": f"Meldung {i}", "text": text, "ressort": ["inland", "sport"][i % 2]} for i in range(12)]
    path.write_text("\n".join(json.dumps(row) for row in rows))
    config, _ = made(path, tmp_path / "c.yaml")
    assert config.language == "de"
    assert config.regions.borrowed
    assert "German, by a look at the texts" in (tmp_path / "c.yaml").read_text()
