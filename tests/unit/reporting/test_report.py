"""Tests of what a training leaves for its readers: pictures, tables, the page."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.evaluation import slices
from pipeline.evaluation.bootstrap import intervals, standard_errors
from pipeline.evaluation.metrics import Judged
from pipeline.features.texts import Text, tokens
from pipeline.prediction.predictor import load_predictor
from pipeline.reporting import tables
from support.models import HOSTILE

VOID = {"meta", "br", "hr", "img", "link", "input"}


@pytest.fixture(scope="module")
def folder(reported: Path) -> Path:
    return reported / "models" / "tiny"


class Outline(HTMLParser):
    """Collects tags, and what is loaded from elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.outside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attrs:
            if name in ("src", "href", "xlink:href") and value and not value.startswith(("#", "data:")):
                self.outside.append(value)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def outline(page: str) -> Outline:
    found = Outline()
    found.feed(page)
    assert not found.open
    return found


def test_everything_lies_where_the_log_looks_for_it(folder: Path) -> None:
    pictures = {file.name for file in (folder / "report/figures").iterdir()}
    kinds = {"f1", "precision_recall", "reliability", "confusion", "cooccurrence", "thresholds"}
    assert pictures == {f"{task}_{kind}.png" for task in ("topics", "regions") for kind in kinds} | {"regions_map.html"}
    named = {file.name for file in (folder / "report/tables").iterdir()}
    assert named == {f"{task}_{kind}.json" for task in ("topics", "regions") for kind in ("labels", "terms", "errors")}
    for file in (folder / "report/tables").iterdir():
        table = json.loads(file.read_text(encoding="utf-8"))
        assert len({len(column) for column in table.values()}) <= 1, file.name


def test_the_page_is_whole_and_loads_nothing(folder: Path) -> None:
    page = (folder / "report.html").read_text(encoding="utf-8")
    found = outline(page)
    assert not found.outside
    assert found.tags.count("script") == 1
    assert found.tags.count("svg") == 13
    assert not re.search(r"@import|url\((?!#)", page)


def test_hostile_titles_are_escaped(folder: Path) -> None:
    page = (folder / "report.html").read_text(encoding="utf-8")
    errors = json.loads((folder / "report/tables/topics_errors.json").read_text(encoding="utf-8"))
    assert "<script>alert" not in page
    if any(HOSTILE in title for title in errors["title"]):
        assert "&lt;script&gt;alert" in page


def test_the_strongest_words_are_those_of_the_subject(folder: Path) -> None:
    rows = tables.records(json.loads((folder / "report/tables/topics_terms.json").read_text(encoding="utf-8")))
    football = next(row for row in rows if row["label"] == "football")
    assert (
        len(
            {"goal", "match", "coach", "trophi", "stadium", "refere", "fan", "striker", "leagu"}
            & set(football["for"].split(", "))
        )
        >= 3
    )
    regions = tables.records(json.loads((folder / "report/tables/regions_terms.json").read_text(encoding="utf-8")))
    assert "japan" in next(row for row in regions if row["label"] == "JP")["names"].split(", ")


def test_words_to_blame_are_in_the_article(folder: Path) -> None:
    tagger = load_predictor(folder).taggers["topics"]
    doc = tokens(Text("The goal came late in the match and the coach cheered.", "A goal"))
    assert "goal" in tables.blame(tagger, doc, "football", True).split(", ")
    assert "not among" in tables.blame(tagger, doc, "unknown", True)


def test_errors_are_the_worst_and_at_most_three_per_label(folder: Path) -> None:
    tagger = load_predictor(folder).taggers["topics"]
    size = len(tagger.labels)
    gold = np.zeros((9, size), bool)
    gold[8] = True
    stated = np.zeros((9, size))
    stated[:8, 0] = np.linspace(0.99, 0.9, 8)
    rows = [{"title": f"t{n}", "text": "goal", "id": str(n), "source": ""} for n in range(9)]
    found = tables.records(tables.error_table(tagger, Judged(tagger.labels, gold, stated > 0.5, stated), rows, {}))
    wrong = [row for row in found if row["error"] == "wrongly given"]
    assert [row["id"] for row in wrong] == ["0", "1", "2"]
    assert sum(row["error"] == "missed" for row in found) == size


def test_intervals_agree_with_the_standard_error() -> None:
    draw = np.random.default_rng(5)
    gold = draw.random((300, 6)) < 0.3
    predicted = gold ^ (draw.random((300, 6)) < 0.1)
    judged = Judged(tuple("abcdef"), gold, predicted, predicted * 0.9)
    overall, by_label = intervals(judged)
    low, high = overall["micro_f1"]
    assert low < slices.scores(judged)["micro_f1"] < high
    assert (high - low) / 3.92 == pytest.approx(standard_errors(judged)["micro_f1"], rel=0.2)
    assert set(by_label) == set("abcdef")


def test_slices_by_source_month_length_and_region() -> None:
    gold = np.array([[True, False], [False, True], [False, False]])
    judged = Judged(("a", "b"), gold, np.array([[True, False], [True, False], [False, False]]), gold * 0.9)
    rows: list[dict[str, Any]] = [
        {"source": "x", "date": "2020-01-05", "text": "w " * 10, "regions": ["FR"]},
        {"source": "y", "date": "2020-02-05", "text": "w " * 200, "regions": ["FR", "JP"]},
        {"source": "y", "date": "", "text": "w " * 200, "regions": None},
    ]
    found = slices.slices(judged, rows, {"FR": "Europe", "JP": "Asia"})
    assert {way: list(parts) for way, parts in found.items()} == {
        "source": ["y", "x"],
        "month": ["2020-01", "2020-02"],
        "length": ["under 150 words", "150 to 299 words"],
        "region": ["Europe", "several"],
    }
    assert found["source"]["x"]["micro_f1"] == 1
    assert found["source"]["y"] == {
        "documents": 2,
        "micro_f1": 0,
        "micro_precision": 0,
        "micro_recall": 0,
        "macro_f1": 0,
    }
