"""The words of many texts as numbers, with what each word's features are: made once a word, not once a token."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

import numpy as np

from pipeline.features.compiled.scanner import WordTable
from pipeline.features.compiled.stem_cuts import words_and_stems
from pipeline.features.country_feature_names import USES
from pipeline.features.stems import ACRONYM_LETTERS, COUNTRY


class Growing:
    """An array that grows at a constant cost for each value; `values` of before stay as they were."""

    def __init__(self, kind: Any) -> None:
        self._room = np.zeros(1 << 10, kind)
        self.values = self._room[:0]

    def extend(self, values: np.ndarray) -> None:
        """Put values at the end."""
        before = len(self.values)
        if before + len(values) > len(self._room):
            room = np.zeros(2 * (before + len(values)), self._room.dtype)
            room[:before] = self.values
            self._room = room
        self._room[before : before + len(values)] = values
        self.values = self._room[: before + len(values)]


class Lexicon:
    """Words and terms by number; both only grow, so that numbers stay good.

    Term 0 is COUNTRY. Not for several threads at once without `lock`. Made of another's words in order, it numbers them
    alike.
    """

    def __init__(self, words: Iterable[str] = USES) -> None:
        self.words: list[str] = []
        self.terms: list[str] = [COUNTRY]
        self._plain, self._upper = Growing(np.int32), Growing(np.int32)
        self.lock = threading.RLock()
        self._term = {COUNTRY: 0}
        self._table = WordTable()
        self._marked: dict[tuple[str, ...], np.ndarray] = {}
        self.numbers(words)

    def __len__(self) -> int:
        return len(self.words)

    @property
    def plain(self) -> np.ndarray:
        """Each word's term (words,), int32, as an ordinary word."""
        return self._plain.values

    @property
    def upper(self) -> np.ndarray:
        """Each word's term (words,), int32, as an acronym."""
        return self._upper.values

    def __reduce__(self) -> tuple[type[Lexicon], tuple[()]]:
        return Lexicon, ()  # another process learns its own words

    def scan(self, fields: Sequence[bytes]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Tokens of fields, folded text in UTF-8: words (int32), shapes (uint8), and where each field's begin."""
        found = self._table.scan(fields)
        self._learn()
        return found

    def numbers(self, words: Iterable[str]) -> np.ndarray:
        """The numbers (int32) of words as `tokenize` gives them; new ones are added."""
        return self.scan([" ".join(words).encode()])[0]

    def numbers_in(self, phrases: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """The numbers of the words of phrases, and how many words (phrases,) each has; new ones are added."""
        numbers, _, starts = self.scan(list(map(str.encode, phrases)))
        return numbers, np.diff(starts)

    def marks(self, words: tuple[str, ...]) -> np.ndarray:
        """1 at the numbers of these words, 0 at others; the last one stands for all words above."""
        found = self._marked.get(words)
        if found is None:
            with self.lock:
                numbers = self.numbers(words)
            found = np.zeros(numbers.max(initial=0) + 2, np.int64)
            found[numbers] = 1
            self._marked[words] = found
        return found

    def _learn(self) -> None:
        """Decode the new words and find their terms."""
        letters, ends, count = self._table.letters, self._table.ends, self._table.count
        known = len(self.words)
        if known == count:
            return
        begin = int(ends[known - 1]) if known else 0
        last = ends[known:count] - begin
        new, stems = words_and_stems(letters[begin : begin + int(last[-1])], last)
        self.words += new
        numbers, before = self._term, len(self._term)
        plain = np.array([numbers.setdefault(stem, len(numbers)) for stem in stems], np.int32)
        upper = plain.copy()
        for place in np.flatnonzero(np.diff(last, prepend=0) <= ACRONYM_LETTERS).tolist():
            if new[place].isascii():
                upper[place] = numbers.setdefault(new[place].upper(), len(numbers))
        self.terms += islice(numbers, before, None)
        self._plain.extend(plain)
        self._upper.extend(upper)
