"""Tests of the look at the data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipeline.common.article import Article, Reject
from pipeline.common.errors import DataError
from pipeline.common.taxonomy import Taxonomy
from pipeline.preparation import prepared_splits
from pipeline.preparation.inspection import Inspection, inspect
from pipeline.reporting.inspection_page import as_page, as_text, draw
from support.commands import invoke
from support.models import HOSTILE
from support.projects import CONFIG, ROOT

STORY = "The council said on Monday that it will build a new bridge over the river because the old one is too narrow. "
FRENCH = (
    "Le conseil municipal a annoncé lundi la construction du nouveau pont sur une rivière voisine pour sept millions "
)


def article(number: int, text: str, **more: Any) -> Article:
    given = {"topics": ["sport"], "regions": ["FR"], **more}
    return Article(id=str(number), title=f"Title {number}", text=text, **given)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    long = " ".join(f"{STORY} number {n}" for n in range(9))
    words = ["alpha", "beta", "gamma", "delta", "rivers", "mountain"]
    others = [f"{STORY} {word} " * 3 + " ".join(f"{word}{n}" for n in range(60)) for word in words]
    train = [article(1, long, date="2024-01-05"), article(2, others[0]), article(3, others[1], topics=["soccer"])]
    test = [article(4, f"{long} Again.", date="2024-02-05"), article(5, others[2], topics=["film"], regions=None)]
    validation = [article(6, FRENCH * 3), article(7, "", topics=[]), article(8, others[3])]
    for split, rows in (("train", train), ("validation", validation), ("test", test)):
        prepared_splits.write_split(rows, range(len(rows)), tmp_path / f"{split}.parquet")
    reasons = [
        "near-duplicate of 1 (Jaccard 0.93)",
        "unknown topic 'sports'; did you mean 'sport'?",
        "unknown topic 'x'",
    ]
    prepared_splits.write_rejects(tmp_path, [Reject("file:1", reason, str(90 + n)) for n, reason in enumerate(reasons)])
    prepared_splits.write_manifest(tmp_path, {"name": "small", "description": "<b>small</b>", "counts": {"read": 11}})
    return tmp_path


@pytest.fixture
def found(folder: Path) -> Inspection:
    return inspect(folder, Taxonomy.load(ROOT / "data/labels/topics.csv", None), 0.7)


def test_a_leak_is_found_with_both_sides(found: Inspection) -> None:
    assert [(one, a, other, b) for one, a, other, b, _ in found.leaks] == [("train", "1", "test", "4")]
    assert found.leaks[0][4] > 0.7


def test_labels_are_counted_with_their_parents(found: Inspection) -> None:
    topics = found.tasks["topics"]
    assert topics.counts["train"] == {"sport": 3, "soccer": 1}
    assert topics.only_train == ["soccer"]
    assert topics.only_test == ["arts", "film"]
    assert topics.empty == {"train": 0, "validation": 1, "test": 0}
    assert found.tasks["regions"].labelled == {"train": 3, "validation": 3, "test": 1}
    assert ("sport", 3) in topics.rare
    assert not topics.pairs


def test_what_is_odd_is_named(found: Inspection) -> None:
    assert [(split, name) for split, name, _ in found.foreign] == [("validation", "6")]
    assert [name for name, _ in found.no_text] == ["7"]
    assert found.duplicates == [("90", "1", 0.93)]
    assert dict(found.rejected)["near-duplicate"] == 1
    assert found.months["test"] == {"2024-02": 1}


def test_in_another_language_others_are_named(folder: Path) -> None:
    found = inspect(folder, Taxonomy.load(ROOT / "data/labels/topics.csv", None), 0.7, language="fr")
    assert found.language == "French"
    assert ("validation", "6") not in [(split, name) for split, name, _ in found.foreign]
    assert ("train", "1") in [(split, name) for split, name, _ in found.foreign]
    assert "texts that look not French: " in as_text(found, {})


def test_page_and_print_say_it(found: Inspection) -> None:
    pictures = draw(found, Taxonomy())
    page, text = as_page(found, {}, pictures), as_text(found, {})
    assert "across splits: 1 (should be none)" in text
    assert "train 1 and test 4" in text
    assert "<b>small</b>" not in page
    assert page.count("<svg") == len(pictures) == 6
    assert '<b class="bad">1</b>' in page


def test_an_unprepared_corpus_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="run prepare"):
        inspect(tmp_path, Taxonomy(), 0.7)


def test_the_command_on_a_corpus_with_hostile_titles(
    tmp_path: Path, reported: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(reported)
    page = tmp_path / "page.html"
    done = invoke("inspect", *CONFIG, "-o", page)
    wrong = invoke("inspect", *CONFIG, "-o", "page.pdf")
    assert done.exit_code == 0, done.output
    assert "near-duplicates across splits: 0" in done.stdout
    assert HOSTILE not in page.read_text(encoding="utf-8")
    assert wrong.exit_code == 2
    assert "ends in .html" in wrong.stderr
