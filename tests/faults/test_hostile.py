"""Hostile input: configurations, and names, titles, labels and ids that mean harm, in every page, table and sheet."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.common.config_file import load_config
from pipeline.common.errors import ConfigError
from pipeline.features.texts import Text
from pipeline.prediction.predictor import Predictor
from pipeline.reporting.prediction_page import page
from support.commands import invoke
from support.projects import link_project

httpx = pytest.importorskip("httpx")

GOOD = {"name": "x", "corpora": [{"corpus": "files", "path": "rows.jsonl"}]}
LAUGHS = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{number}: &a{number} [{', '.join([f'*a{number - 1}'] * 9)}]\n" for number in range(1, 12)
)
SCRIPT, LURE = "<script>alert(1)</script>", '"><img src=x onerror=alert(2)>'
ESCAPE = "\x1b]0;owned\x07\x1b[31m\x9b2J\u202e"


@pytest.mark.parametrize(
    "text",
    [
        "!!python/object/apply:os.system ['touch marker']",
        "name: !!python/name:os.system",
        "name: !!python/module:this",
        LAUGHS + "name: *a11",
        LAUGHS + "name: x\ncorpora: *a11",
        "name: &a [*a]",
        "[" * 5000,
        "name: 2024-99-99",
        "name: !!timestamp x",
        "name: !!int ''",
        "seed: " + "9" * 5000,
        "name: ../../outside\ncorpora: newsarticles",
        "name: /tmp/outside\ncorpora: newsarticles",
        "name: '..'\ncorpora: newsarticles",
        "name: a/b\ncorpora: newsarticles",
        "1: 2\nname: x\ncorpora: a",
        "name: x\ncorpora: a\nregions: {gazeteer: x}",
        "\0",
        "#" * (2 << 20),
    ],
)
def test_a_hostile_configuration_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.chdir(tmp_path)
    Path("c.yaml").write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_config(Path("c.yaml"))
    assert "\n" not in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["c.yaml"]


@settings(max_examples=60)
@given(
    st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.dates()),
        lambda inner: st.one_of(
            st.lists(inner, max_size=3),
            st.dictionaries(
                st.one_of(st.sampled_from([*GOOD, "prepare", "topics", "test"]), st.integers()), inner, max_size=4
            ),
        ),
        max_leaves=8,
    ),
    st.sampled_from(
        ["name", "corpora", "prepare", "topics", "regions", "seed", "gate", "nonsense", "corpora.0", "corpora.²"]
    ),
)
def test_any_value_in_a_configuration_is_taken_or_told(tmp_path_factory: Any, value: Any, key: str) -> None:
    path = tmp_path_factory.mktemp("yaml") / "c.yaml"
    message = ""
    path.write_text(yaml.safe_dump(GOOD if "." in key else GOOD | {key: value}))
    try:
        load_config(path, [f"{key}={value}"] if "." in key else [])
    except ConfigError as error:
        message = str(error)
    assert "\n" not in message


@pytest.mark.parametrize("corpus", ["../../evil", "os", "files.read", ""])
def test_a_corpus_is_one_of_ours(project: Path, corpus: str) -> None:
    Path("c.yaml").write_text(yaml.safe_dump({"name": "x", "corpora": [{"corpus": corpus}]}))
    done = invoke("prepare", "--config", "c.yaml")
    assert (done.exit_code, "unknown corpus" in done.stderr) == (2, True)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A project in which a tagger was trained on articles whose titles, labels, sources and ids mean harm."""
    folder = link_project(tmp_path_factory.mktemp("hostile"))
    (folder / "data" / "labels").unlink()  # any text is a label
    words = "storm flood rain dam", "match goal league coach", "bank rates shares debt"
    labels = f"{SCRIPT}", f"=cmd|' /C calc'!A0{LURE}", f"$x_{{{ESCAPE}`|*_"
    rows = []
    for number in range(90):
        text = " ".join(
            f"{word} {word}{(number * 7 + place) % 40}"
            for place, word in enumerate((words[number % 3] + " ").split() * 4)
        )
        title = f"{SCRIPT}{LURE}{ESCAPE} {words[number % 3]} {number}"
        row = {"id": f"../../{number}{SCRIPT}{ESCAPE}", "title": title, "text": text, "source": f"{LURE}{ESCAPE}"}
        rows.append(row | {"topics": [labels[(number + (number % 5 == 0)) % 3]]})
    rows.append({"id": ESCAPE, "title": "", "text": "", "topics": []})
    (folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    corpus = {"corpus": "files", "path": "rows.jsonl", "separator": "\t"}
    config = {"name": "hostile", "description": SCRIPT, "corpora": [corpus], "regions": None, "jobs": 1}
    (folder / "c.yaml").write_text(yaml.safe_dump(config | {"prepare": {"near_duplicates": 0}}))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        done = invoke("train", "--config", "c.yaml")
        assert done.exit_code == 0, done.output
        assert harmless(done.output)
        yield folder


def harmless(shown: str) -> bool:
    """Whether a terminal would only show it."""
    return not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", shown)


class _Elements(HTMLParser):
    """Collects the names of elements, and whether one has an event handler or an address that runs code."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []
        self.handlers: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.handlers += [name for name, value in attrs if name.startswith("on") or "javascript:" in (value or "")]


def check_html(html: str, scripts: int) -> None:
    """No element of the page comes from the data."""
    found = _Elements()
    found.feed(html)
    assert found.names.count("script") == scripts
    assert "img" not in found.names
    assert not found.handlers
    assert SCRIPT not in html


def test_reports_and_cards_escape_what_people_wrote(hostile: Path) -> None:
    folder = hostile / "models" / "hostile"
    check_html((folder / "report.html").read_text(encoding="utf-8"), scripts=1)
    card = (folder / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert not re.search(r"(?<!\\)<(script|img)", card)
    assert harmless(card)
    done = invoke("inspect", "--config", "c.yaml")
    assert (done.exit_code, harmless(done.output)) == (0, True)
    check_html((hostile / "data" / "prepared" / "hostile.html").read_text(encoding="utf-8"), scripts=1)


def test_what_mlflow_keeps_has_no_live_html(hostile: Path) -> None:
    kept = [path for path in (hostile / "mlartifacts").rglob("*") if path.suffix in (".html", ".md")]
    assert any(path.suffix == ".html" for path in kept)
    for path in kept:
        if path.suffix == ".html":
            check_html(path.read_text(encoding="utf-8"), scripts=1)
    tables = {path.stem: path.read_text(encoding="utf-8") for path in (hostile / "mlartifacts").rglob("topics_*.json")}
    assert {"topics_labels", "topics_errors"} <= tables.keys()
    assert all(map(harmless, tables.values()))


def test_nothing_is_named_by_ids_and_titles(hostile: Path) -> None:
    around = [*hostile.parent.parent.iterdir(), *hostile.parent.iterdir(), *hostile.rglob("*")]
    assert not [path for path in around if "alert" in path.name]
    assert {path.name for path in (hostile / "models").iterdir() if not path.name.startswith(".")} == {"hostile"}


@pytest.mark.parametrize("arguments", [[], ["--explain"], ["--json"], ["--json", "--explain"]])
def test_tags_and_reasons_do_nothing_to_a_terminal(hostile: Path, arguments: list[str]) -> None:
    text = f"{ESCAPE} storm {ESCAPE}\nstorm flood rain dam storm flood {ESCAPE}"
    done = invoke("predict", text, "--model", "models/hostile", *arguments)
    assert (done.exit_code, harmless(done.stdout)) == (0, True)
    if "--json" in arguments:
        assert json.loads(done.stdout)["topics"][0]["key"]


def test_sheets_and_suspects_are_neutral(hostile: Path) -> None:
    done = invoke("suspects", "--model", "models/hostile", "--output", "suspects.csv")
    assert (done.exit_code, harmless(done.stdout)) == (0, True)
    assert "SUSPECTS" not in done.stdout
    done = invoke("suggest", "--input", "rows.jsonl", "--output", "suggest.csv", "--model", "models/hostile", "-n", "9")
    assert (done.exit_code, harmless(done.output)) == (1, True)  # one row has no text
    done = invoke("predict", "--input", "rows.jsonl", "--output", "tags.csv", "--model", "models/hostile")
    assert done.exit_code == 1
    for name in ("suspects.csv", "suggest.csv", "tags.csv"):
        for line in (hostile / name).read_text(encoding="utf-8").splitlines():
            assert not line.lstrip('"').startswith(("=", "+", "-", "@"))
            assert not re.search(r',"?[=+@]', line), line


def test_errors_do_nothing_to_a_terminal(hostile: Path) -> None:
    for arguments in (["predict", "--file", f"{ESCAPE}.txt"], ["train", "--config", f"{ESCAPE}.yaml"], [ESCAPE],
                      ["train", "--config", "c.yaml", "--set", f"seed={ESCAPE}"]):  # fmt: skip
        done = invoke(*arguments)
        assert (done.exit_code, len(done.stderr.splitlines()), harmless(done.stderr)) == (2, 1, True)


def test_the_page_of_an_article_is_all_text(tiny: Predictor) -> None:
    words = f"{SCRIPT} {LURE} {ESCAPE} storm flood rain Libya Tripoli </title></style></textarea>"
    html = page(tiny.explain(Text(words, words), near=3), subtitle=SCRIPT)
    check_html(html, scripts=1)
    assert harmless(html)
    assert html.count("</textarea>") == 0
