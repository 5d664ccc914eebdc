"""Rows whose texts stay on the disk."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from pipeline.common.article import Article
from pipeline.common.errors import DataError
from pipeline.preparation.prepared_splits import read_split, write_split
from pipeline.preparation.stored_rows import read_labels, stored_rows


def test_rows_have_their_texts_also_when_the_folder_is_gone(tmp_path: Path) -> None:
    articles = [
        Article(f"a{number}", f"Text {number}.", "" if number % 3 else f"Title {number}", topics=["x"], corpus="c")
        for number in range(11_000)
    ]
    write_split(articles, range(11_000), tmp_path / "test.parquet")
    whole = read_split(tmp_path, "test").to_list()
    rows = stored_rows(tmp_path, "test")
    shutil.rmtree(tmp_path)
    assert [(row["id"], row["title"], row["text"], row["topics"], row["group"]) for row in rows] == [
        (row["id"], row["title"], row["text"], row["topics"], row["group"]) for row in whole
    ]
    assert rows[7]["text"] == "Text 7."
    assert rows[10_999]["text"] == "Text 10999."
    assert "text" not in rows[7]
    with pytest.raises(KeyError):
        rows[7]["url"]


def test_rows_without_their_texts_are_small(tmp_path: Path) -> None:
    articles = [Article("a", "Text.", topics=["x", "y"], corpus="c"), Article("b", "Text.", topics=["x", "y"])]
    write_split(articles, [0, 4], tmp_path / "train.parquet")
    one, other = read_labels(tmp_path, "train")
    whole = {"id": "b", "date": "", "source": "", "corpus": "", "topics": ["x", "y"], "regions": None, "group": 4}
    assert dict(other) == whole
    assert (one["corpus"], one.get("title")) == ("c", None)
    assert one["topics"] is other["topics"]
    assert 2 * sys.getsizeof(other) < sys.getsizeof(whole)


def test_a_split_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="run prepare"):
        stored_rows(tmp_path, "test")
