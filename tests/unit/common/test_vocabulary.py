"""Tests of the Media Topics: names in languages, and what a release changes."""

from __future__ import annotations

import csv
from pathlib import Path

import openpyxl
import pytest

from pipeline.common.config_file import parse_config
from pipeline.common.errors import DataError
from pipeline.common.taxonomy import Taxonomy
from pipeline.common.vocabulary import HEADER, LANGUAGES, MEDIATOPICS, changes, read_release, topic_names

ROOT = Path(__file__).parents[3]
TOPICS = ROOT / "data/labels/topics.csv"


def workbook(path: Path, rows: list[tuple[str, int, str, str]]) -> Path:
    """A workbook as IPTC makes it: code, level (from 1), name and the day of retirement of each concept."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["IPTC MediaTopic NewsCodes last updated 2030-01-31"])
    names = [f"{kind} ({tag})" for tag in ("en-GB", *LANGUAGES) for kind in ("Name", "Definition")]
    sheet.append(
        ["NewsCode-URI", "NewsCode-QCode (flat)", *(f"Level{n}/NewsCode" for n in range(1, 7)), "RetiredDate", *names]
    )
    for code, level, name, retired in rows:
        levels = [code if number == level else None for number in range(1, 7)]
        sheet.append(
            [f"http://cv.iptc.org/{code}", code, *levels, retired or None, *([name, None] * (len(names) // 2))]
        )
    book.save(path)
    return path


def test_our_vocabulary_is_that_of_its_release() -> None:
    _, release = read_release(ROOT / MEDIATOPICS)
    taxonomy = Taxonomy.from_csv(TOPICS)
    assert changes(taxonomy, release) == []
    assert taxonomy.topics["healthcare_policy"].ours
    assert (taxonomy.topics["soccer"].name, taxonomy.find("Soccer"), taxonomy.find("football")) == (
        "football",
        "soccer",
        "soccer",
    )
    assert taxonomy.find("macro economics") == "macroeconomics"
    with TOPICS.open(encoding="utf-8", newline="") as file:
        assert {row["release"] for row in csv.DictReader(file)} == {"2025-10-09"}


def test_a_newer_release_is_told_topic_by_topic(tmp_path: Path) -> None:
    rows = [
        ("medtop:1", 1, "sport and games", ""),
        ("medtop:2", 2, "competition", ""),
        ("medtop:3", 3, "football", ""),
        ("medtop:4", 1, "weather", "2029-05-01"),
        ("medtop:5", 1, "arts", ""),
        ("medtop:6", 2, "fashion", ""),
    ]
    (tmp_path / "mine.csv").write_text(
        "key,iptc,name,parent,ours\nsport,medtop:1,sport,,\nsoccer,medtop:3,football,sport,\n"
        "weather,medtop:4,weather,,\n"
        "fashion,medtop:6,fashion,sport,\nown,,ours alone,,\nchess,medtop:7,chess,sport,\n"
        "arts,medtop:5,arts,sport,here it is\n",
        encoding="utf-8",
    )
    day, release = read_release(workbook(tmp_path / "new.xlsx", rows))
    found = [(change.key, change.kind) for change in changes(Taxonomy.from_csv(tmp_path / "mine.csv"), release)]
    assert day == "2030-01-31"
    assert found == [("sport", "renamed"), ("weather", "retired"), ("fashion", "moved"), ("chess", "unknown")]


def test_the_whole_tree_is_a_vocabulary_without_what_was_retired() -> None:
    config = parse_config({"name": "mine", "corpora": ["files"], "vocabulary": "mediatopics"}, "mine")
    taxonomy = Taxonomy.load(config.vocabulary, None)
    assert len(taxonomy.topics) == 1085
    assert taxonomy.ancestors("medtop:20000591") == ["medtop:20000587", "medtop:14000000"]
    assert "medtop:20000030" not in taxonomy.topics


def test_names_in_languages() -> None:
    assert topic_names("de")["medtop:20000053"] == "Terroranschlag"
    assert topic_names("zh")["medtop:01000000"] == "艺术、文化、娱乐和媒体"
    assert all(len(topic_names(tag)) > 1000 for tag in ("en", *LANGUAGES.values()))
    with pytest.raises(DataError, match="there are ar, da, de"):
        topic_names("xx")


@pytest.mark.parametrize("name", ["other.xlsx", "other.csv"])
def test_a_file_that_is_no_release_is_one_line(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if path.suffix == ".xlsx":
        book = openpyxl.Workbook()
        book.save(path)
    else:
        path.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"is no workbook of Media Topics|the column 'iptc' is missing"):
        read_release(path)
    assert len(HEADER) == 7 + len(LANGUAGES)
