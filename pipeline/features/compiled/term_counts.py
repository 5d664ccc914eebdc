"""Terms counted by position in batches of articles, compiled: the same counts as `TermFeatures` makes one by one."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np

from pipeline.common.parallel import ahead, shares
from pipeline.features.compiled.batch import Batch
from pipeline.features.compiled.compiler import compiled, part
from pipeline.features.compiled.lexicon import Growing, Lexicon
from pipeline.features.tokens import LOWER, UPPER

_PART = 50_000  # articles whose tokens are in memory at a time
_NONE, _ONE, _TOP, _DE_BRUIJN = (np.uint64(value) for value in (0, 1, 58, 0x03F79D71B4CB0A89))
_PLACES = np.zeros(64, np.int64)
_PLACES[[(0x03F79D71B4CB0A89 << place & (1 << 64) - 1) >> 58 for place in range(64)]] = range(64)


class TermColumns:
    """The columns of a lexicon's words in one set of terms: as a plain word, with a capital, and as an acronym.

    Follows the lexicon as it grows. A word without a column has -1; `masked` words have COUNTRY's where capitalised.
    """

    def __init__(self, lexicon: Lexicon, column: dict[str, int] | None, masked: frozenset[str]) -> None:
        self.lexicon = lexicon
        self._column, self._masked = column, masked
        self._columns = Growing(np.int32)
        self._tables = tuple(Growing(np.int32) for _ in range(3))
        self._scratch = threading.local()
        self._decay = 0.0, np.empty(0)
        self.follow()

    @property
    def tables(self) -> tuple[np.ndarray, ...]:
        """Each word's column (words,), int32, as a plain word, with a capital, and as an acronym."""
        return tuple(table.values for table in self._tables)

    def scratch(self, terms: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Arrays of zeros, this thread's own, which are given back so: sums by term, a bit for each, and one for each
        64 of these. To make them anew takes long for a text."""
        found: tuple[np.ndarray, np.ndarray, np.ndarray] | None = getattr(self._scratch, "arrays", None)
        if found is None or len(found[0]) != terms:
            groups = (terms >> 12) + 1
            bits = np.zeros(64 * groups, np.uint64), np.zeros(groups, np.uint64)
            found = self._scratch.arrays = np.zeros(terms), *bits
        return found

    def decay(self, places: int, lead_words: float) -> np.ndarray:
        """What a word of the body counts by its place, for so many places or more."""
        words, found = self._decay
        if words != lead_words or len(found) < places:
            found = 1.0 / (1.0 + np.arange(2 * places) / lead_words)
            self._decay = lead_words, found
        return found

    def follow(self) -> None:
        """Take in the words that the lexicon has learned since."""
        lexicon, known = self.lexicon, len(self._tables[0].values)
        if known == len(lexicon.plain):
            return
        self._columns.extend(self._columns_of(lexicon.terms[len(self._columns.values) :]))
        columns = self._columns.values
        masked = np.array([word in self._masked for word in lexicon.words[known : len(lexicon.plain)]], bool)
        plain, upper = columns[lexicon.plain[known:]], columns[lexicon.upper[known:]]
        new = plain, np.where(masked, columns[0], plain), np.where(masked, columns[0], upper)
        for table, values in zip(self._tables, new, strict=True):
            table.extend(values)

    def _columns_of(self, terms: list[str]) -> np.ndarray:
        if self._column is None:
            return np.arange(len(self._columns.values), len(self._columns.values) + len(terms), dtype=np.int32)
        return np.array([self._column.get(term, -1) for term in terms], np.int32)


def document_frequency(batch: Batch, masked: frozenset[str], jobs: int = 1) -> np.ndarray:
    """How many articles each of the lexicon's terms occurs in (terms,), int64."""
    tables, terms = TermColumns(batch.lexicon, None, masked).tables, len(batch.lexicon.terms)

    def count(part: slice) -> np.ndarray:
        found, seen = np.zeros(terms, np.int64), np.full(terms, -1, np.int64)
        _frequency(batch.words, batch.shapes, batch.starts, batch.rows[part], *tables, found, seen)
        batch.let_go()
        return found

    parts = shares(len(batch), max(jobs, -(-len(batch) // _PART)))
    return sum(ahead(count, parts, jobs), np.zeros(terms, np.int64))


def count(batch: Batch, columns: TermColumns, terms: int, title_weight: float, lead_words: float) -> Any:
    """Counts of the terms by position in the compressed sparse form of `TermFeatures.count`."""
    rows, tables, scratch = batch.rows, columns.tables, columns.scratch(terms)
    begin, body, end = (batch.starts[2 * rows + field] for field in range(3))
    decay = columns.decay(int((end - body).max(initial=0)), lead_words)
    given = batch.words, batch.shapes, batch.starts, rows, *tables, *scratch, float(title_weight), decay
    most, bounds = int((end - begin).sum()), np.zeros(len(rows) + 1, np.int64)
    indices, values = np.empty(most, np.int32), np.empty(most, np.float64)
    used = _count(*given, bounds, indices, values)
    return bounds, indices[:used].copy(), values[:used].copy()


def unknown(batch: Batch, columns: TermColumns) -> np.ndarray:
    """How many words of each article (n,), int64, have no column."""
    found = np.zeros(len(batch), np.int64)
    _unknown(batch.words, batch.shapes, batch.starts, batch.rows, *columns.tables, found)
    return found


def chosen(batch: Batch, columns: TermColumns, wanted: np.ndarray) -> np.ndarray:
    """How many words of each article (n,), int64, have as plain words a column that is `wanted` (columns + 1,); its
    last place stands for words without a column."""
    found = np.zeros(len(batch), np.int64)
    _chosen(batch.words, batch.starts, batch.rows, columns.tables[0], wanted, found)
    return found


@part
def _shouting(shapes: Any, begin: int, end: int) -> bool:
    """In a field set mostly in capitals, capitals mean nothing."""
    capitals = 0
    for at in range(begin, end):
        capitals += shapes[at] == UPPER
    return 2 * capitals > end - begin


@part
def _column(shape: int, word: int, shouting: bool, plain: Any, capital: Any, upper: Any) -> Any:
    """The column of a word as it is written; below 0 for none."""
    if shape == LOWER:
        return plain[word]
    return upper[word] if shape == UPPER and not shouting else capital[word]


@compiled
def _frequency(
    words: Any, shapes: Any, starts: Any, rows: Any, plain: Any, capital: Any, upper: Any, found: Any, seen: Any
) -> None:
    for number in range(len(rows)):
        for field in range(2):
            begin, end = starts[2 * rows[number] + field], starts[2 * rows[number] + field + 1]
            shouting = _shouting(shapes, begin, end)
            for at in range(begin, end):
                column = _column(shapes[at], words[at], shouting, plain, capital, upper)
                if seen[column] != number:
                    seen[column] = number
                    found[column] += 1


@compiled
def _count(
    words: Any,
    shapes: Any,
    starts: Any,
    rows: Any,
    plain: Any,
    capital: Any,
    upper: Any,
    sums: Any,
    marks: Any,
    groups: Any,
    title_weight: float,
    decay: Any,
    bounds: Any,
    indices: Any,
    values: Any,
) -> Any:
    """Fill in where each article's terms end, their columns and counts; how many these are in all."""
    used = np.int64(0)
    for number in range(len(rows)):
        first = used
        for field in range(2):
            begin, end = starts[2 * rows[number] + field], starts[2 * rows[number] + field + 1]
            shouting = _shouting(shapes, begin, end)
            for at in range(begin, end):
                column = _column(shapes[at], words[at], shouting, plain, capital, upper)
                if column < 0:
                    continue
                bit, group = _ONE << np.uint64(column & 63), column >> 6
                if not marks[group] & bit:
                    marks[group] |= bit
                    groups[column >> 12] |= _ONE << np.uint64(group & 63)
                sums[column] += decay[at - begin] if field else title_weight
        used = _drain(sums, marks, groups, indices, values, first)
        bounds[number + 1] = used
    return used


@part
def _drain(sums: Any, marks: Any, groups: Any, indices: Any, values: Any, used: int) -> Any:
    """Write the marked columns, rising, and their sums from `used` on, and leave zeros; where they end."""
    for group in range(len(groups)):
        waiting = groups[group]
        groups[group] = _NONE
        while waiting:
            place = (group << 6) + _lowest(waiting)
            waiting &= waiting - _ONE
            bits = marks[place]
            marks[place] = _NONE
            while bits:
                column = (place << 6) + _lowest(bits)
                bits &= bits - _ONE
                indices[used], values[used] = column, sums[column]
                sums[column] = 0.0
                used += 1
    return used


@part
def _lowest(bits: Any) -> int:
    """The place of the lowest bit of 64 that is set (Leiserson, Prokop and Randall 1998)."""
    return _PLACES[((bits & (~bits + _ONE)) * _DE_BRUIJN) >> _TOP]


@compiled
def _unknown(words: Any, shapes: Any, starts: Any, rows: Any, plain: Any, capital: Any, upper: Any, found: Any) -> None:
    for number in range(len(rows)):
        for field in range(2):
            begin, end = starts[2 * rows[number] + field], starts[2 * rows[number] + field + 1]
            shouting = _shouting(shapes, begin, end)
            for at in range(begin, end):
                found[number] += _column(shapes[at], words[at], shouting, plain, capital, upper) < 0


@compiled
def _chosen(words: Any, starts: Any, rows: Any, plain: Any, wanted: Any, found: Any) -> None:
    for number in range(len(rows)):
        for at in range(starts[2 * rows[number]], starts[2 * rows[number] + 2]):
            found[number] += wanted[plain[words[at]]]
