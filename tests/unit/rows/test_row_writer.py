"""The writer of row files gives back what it took, and leaves nothing behind when it fails."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.common.errors import DataError
from pipeline.rows.reader import SUFFIXES, read_rows
from pipeline.rows.writer import open_writer

ROWS: list[dict[str, Any]] = [
    {"id": "1", "error": "row 1: no text"},
    {"id": "2", "topics": [], "score": 1, "mixed": 1, "empty": {}},
    {"id": "3", "topics": [{"key": "a", "score": 0.5}], "score": 0.5, "mixed": "x", "title": "=1+1"},
]


def write(path: Path, columns: list[str] | None = None) -> list[dict[str, Any] | None]:
    with open_writer(path, columns) as writer:
        for row in ROWS:
            writer.write(row)
    assert writer.count == len(ROWS)
    return [row.data for row in read_rows(path)]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_format_takes_ragged_nested_rows(tmp_path: Path, suffix: str) -> None:
    read = write(tmp_path / f"out{suffix}")
    if ".json" in suffix or "nd" in suffix:
        assert read == ROWS
        return
    assert [row["id"] for row in read if row] == ["1", "2", "3"]
    topics = [row["topics"] for row in read if row]
    csv_topics = ["", "[]", json.dumps([{"key": "a", "score": 0.5}])]
    assert topics == (csv_topics if "sv" in suffix else [None, [], [{"key": "a", "score": 0.5}]])


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".parquet"])
def test_columns_choose_and_order(tmp_path: Path, suffix: str) -> None:
    assert [list(row or {}) for row in write(tmp_path / f"out{suffix}", ["score", "id", "none"])] == [
        ["score", "id", "none"]
    ] * 3


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r"])
def test_formulas_are_neutralised(tmp_path: Path, sign: str) -> None:
    with open_writer(tmp_path / "a.csv") as writer:
        writer.write({"cell": f"{sign}cmd|'/c calc'!A1", "number": -1.5, f"{sign}head": "a"})
    (row,) = (row.data for row in read_rows(tmp_path / "a.csv"))
    assert row is not None
    assert row["cell"].startswith(f"'{sign}")
    assert row["number"] == "-1.5"


def test_a_failure_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("old")
    with pytest.raises(ZeroDivisionError), open_writer(path) as writer:
        writer.write({"a": 1 / 0})
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_what_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="names no row format"), open_writer(tmp_path / "a.docx"):
        pass
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="can't be written"), open_writer(tmp_path / "file" / "a.csv"):
        pass


def test_nan_and_half_characters_make_valid_json(tmp_path: Path) -> None:
    with open_writer(tmp_path / "a.jsonl") as writer:
        writer.write({"score": float("nan"), "text": "\ud83d"})
    (line,) = (tmp_path / "a.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(line) == {"score": None, "text": "?"}


def test_the_same_rows_make_the_same_gzip(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl.gz")
    write(tmp_path / "b.jsonl.gz")
    assert (tmp_path / "a.jsonl.gz").read_bytes() == (tmp_path / "b.jsonl.gz").read_bytes()
