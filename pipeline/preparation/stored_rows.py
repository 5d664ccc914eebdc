"""The rows of a prepared split, of which little is in memory: titles and texts are read when they are asked for."""

from __future__ import annotations

import sys
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from itertools import accumulate
from pathlib import Path
from typing import Any

from pipeline.preparation.prepared_splits import batches, readable

_LABELLED = ("id", "date", "source", "corpus", "topics", "regions", "group")
_FIELDS = ["title", "text"]


class LabelledRow(Mapping[str, Any]):
    """A row without title, text and address; a quarter of the memory of a dict."""

    __slots__ = ("corpus", "date", "group", "id", "regions", "source", "topics")

    def __init__(self, *values: Any) -> None:
        self.id, self.date, self.source, self.corpus, self.topics, self.regions, self.group = values

    def __getitem__(self, name: str) -> Any:
        if name not in _LABELLED:
            raise KeyError(name)
        return getattr(self, name)

    def __contains__(self, name: object) -> bool:
        return name in _LABELLED

    def __iter__(self) -> Iterator[str]:
        return iter(_LABELLED)

    def __len__(self) -> int:
        return len(_LABELLED)


class StoredRow(LabelledRow):
    """A row whose title and text `row["title"]` and `row["text"]` look up."""

    __slots__ = ("_place", "_texts")

    def __init__(self, row: LabelledRow, texts: _Texts, place: int) -> None:
        super().__init__(*row.values())
        self._texts, self._place = texts, place

    def __getitem__(self, name: str) -> Any:
        return self._texts.of(self._place)[_FIELDS.index(name)] if name in _FIELDS else super().__getitem__(name)


class _Texts:
    """Titles and texts of a split, a group of rows in memory at a time.

    The file stays open, so that it can be read whatever is put in its place.
    """

    def __init__(self, folder: Path, split: str) -> None:
        import pyarrow.parquet as pq

        self._from = folder, split
        with readable(folder, split) as path:
            self._file = pq.ParquetFile(path)
        sizes = [self._file.metadata.row_group(group).num_rows for group in range(self._file.num_row_groups)]
        self._starts = list(accumulate(sizes, initial=0))
        self._held, self._rows = -1, list[tuple[str, str]]()

    def of(self, place: int) -> tuple[str, str]:
        """Title and text of a row. Raises DataError when they can't be read."""
        group = bisect_right(self._starts, place) - 1
        if group != self._held:
            with readable(*self._from, opened=True):
                columns = self._file.read_row_group(group, _FIELDS).select(_FIELDS).to_pydict()
            self._rows = [(title or "", text or "") for title, text in zip(*columns.values(), strict=True)]
            self._held = group
        return self._rows[place - self._starts[group]]


def stored_rows(folder: Path, split: str) -> list[StoredRow]:
    """The rows of a prepared split: a tenth of the memory that their texts take. Raises DataError."""
    texts = _Texts(folder, split)
    return [StoredRow(row, texts, place) for place, row in enumerate(_labelled(folder, split))]


def read_labels(folder: Path, split: str) -> list[LabelledRow]:
    """The rows of a prepared split without title, text and address. Raises DataError.

    Rows share their lists of labels, which are not to be changed.
    """
    return list(_labelled(folder, split))


def _labelled(folder: Path, split: str) -> Iterator[LabelledRow]:
    known: dict[tuple[str, ...], list[str]] = {}
    for batch in batches(folder, split, list(_LABELLED)):
        columns = dict(zip(batch.schema.names, (column.to_pylist() for column in batch.columns), strict=True))
        for task in ("topics", "regions"):
            columns[task] = [None if labels is None else _shared(labels, known) for labels in columns[task]]
        for name in ("source", "corpus"):
            columns[name] = [sys.intern(value or "") for value in columns[name]]
        yield from map(LabelledRow, *(columns[name] for name in _LABELLED))


def _shared(labels: list[str], known: dict[tuple[str, ...], list[str]]) -> list[str]:
    """The labels, those of articles with the same ones as one list."""
    given = tuple(labels)
    return known.get(given) or known.setdefault(given, list(map(sys.intern, given)))
