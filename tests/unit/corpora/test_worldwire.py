"""Worldwire: the written articles are read whole, and never judged on as if they were real."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import pytest

from pipeline.common.article import Article, Reject
from pipeline.common.config_file import load_config
from pipeline.corpora import notice
from pipeline.corpora.worldwire import Options, read
from pipeline.preparation.prepare import load_taxonomy


def read_all(path: Path) -> Iterable[Article | Reject]:
    return list(read(Options(path=path), Path()))


def test_every_article_has_text_and_labels_of_the_vocabularies() -> None:
    taxonomy = load_taxonomy(load_config(Path("configs/worldwire.yaml"), []))
    found = [item for item in read(Options(), Path()) if isinstance(item, Article)]
    assert len(found) == len({article.id for article in found}) == 1312
    assert {key for article in found for key in article.topics or ()} <= set(taxonomy.topics)
    assert {code for article in found for code in article.regions or ()} <= set(taxonomy.countries)


def test_a_bad_row_costs_no_other(tmp_path: Path) -> None:
    good = {"id": "1", "title": "Title", "text": "Text", "date": "", "topics": ["sport"], "regions": []}
    rows = [json.dumps(good), json.dumps({**good, "topics": "sport"}), "{"]
    (tmp_path / "rows.jsonl").write_text("\n".join(rows), encoding="utf-8")
    first, second, third = read_all(tmp_path / "rows.jsonl")
    assert isinstance(first, Article)
    assert isinstance(second, Reject)
    assert "topics" in second.reason
    assert isinstance(third, Reject)


@pytest.mark.parametrize("name", ["news", "worldwire"])
def test_readers_are_told_that_a_language_model_wrote_them(name: str) -> None:
    config = load_config(Path(f"configs/{name}.yaml"), [])
    assert "language model" in config.description
    assert "language model" in notice("worldwire")
    assert [one.train_only for one in config.corpora if one.corpus == "worldwire"] == [name == "news"]
