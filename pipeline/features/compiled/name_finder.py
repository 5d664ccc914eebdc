"""Place names found in batches of articles, compiled: the same mentions as `Gazetteer.find`."""

from __future__ import annotations

import threading
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from pipeline.features.compiled.compiler import compiled, part
from pipeline.features.compiled.lexicon import Growing, Lexicon
from pipeline.features.gazetteer import ALL_CAPITALS, ANY_CASE, COMMON_WORD, Entries, Gazetteer
from pipeline.features.meanings import JOINING
from pipeline.features.name_senses import CASED, SMALL, plain_senses
from pipeline.features.tokens import CAPITALISED, LOWER, UPPER

_PRIME, SEED = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xCBF29CE484222325)
_SHIFT, _ONE = np.uint64(29), np.uint64(1)
_ALONE, _WITHIN, _LENGTH = (1 << 32) - 1, 1 << 32, 33  # a name's number and one; the bit for words within; where


class HashTable:
    """A fixed map from 64-bit keys to int32 or float64 values, for compiled functions: open addressing, half empty."""

    def __init__(self, keys: np.ndarray, values: np.ndarray) -> None:
        size = 1 << max(4, int(2 * len(keys)).bit_length())
        self.slots, self.values = np.zeros(size, np.uint64), np.zeros(size, values.dtype)
        places = np.empty(len(keys), np.int64)
        _fill(keys.astype(np.uint64), self.slots, places)
        self.values[places] = values


class Names:
    """A gazetteer's names by the numbers that a lexicon gives to their words.

    `opening` (words,) says of each word which name it is alone, how long the longest name is that begins with it, and
    whether it stands within one; `table` finds a name of several words. `entries` are (first entry of each name, codes,
    kinds, weights); `told` is whether there are senses.
    """

    def __init__(self, gazetteer: Gazetteer, lexicon: Lexicon) -> None:
        self.opening, self.table = _known(gazetteer.names, lexicon)
        self.cases = np.array(gazetteer.cases, np.uint8)
        counts, *told = Entries.of(gazetteer.entries).columns
        first = np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])
        kinds = np.int64, np.int64, np.float64
        self.entries = first, *(column.astype(kind) for column, kind in zip(told, kinds, strict=True))
        self.told, self.joining = gazetteer.senses is not None, lexicon.numbers(JOINING)
        self._lexicon, self._senses = lexicon, gazetteer.senses or plain_senses()
        self._columns = Growing(np.int64), Growing(np.float64), Growing(np.float64)
        weights = np.array([self._senses.own, self._senses.intercept], np.float64)
        self._beside = np.asarray(self._senses.sides, np.float64), weights
        self._scratch = threading.local()

    @property
    def senses(self) -> tuple[np.ndarray, ...]:
        """Word classes, what each word of the lexicon says of a name after it and before it, what the sides say, and
        the two numbers beside them."""
        with self._lexicon.lock:
            if new := self._lexicon.words[len(self._columns[0].values) :]:
                for column, values in zip(self._columns, self._senses.of_words(new), strict=True):
                    column.extend(values)
            return *(column.values for column in self._columns), *self._beside

    def scratch(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """An array of -1, one of flags and one of zeros by name, this thread's own, which are given back so: to make
        them anew takes longer than to tag a short text."""
        found: tuple[np.ndarray, np.ndarray, np.ndarray] | None = getattr(self._scratch, "arrays", None)
        if found is None:
            named = len(self.entries[0])
            found = np.full(named, -1, np.int64), np.zeros(named, np.int64), np.zeros(named)
            self._scratch.arrays = found
        return found


_last: WeakKeyDictionary[Lexicon, tuple[list[str], np.ndarray, HashTable]] = WeakKeyDictionary()


def _known(names: list[str], lexicon: Lexicon) -> tuple[np.ndarray, HashTable]:
    """What each word is in names, and names by their words: made once for all that a training tries with a lexicon."""
    found = _last.get(lexicon)
    if found is None or found[0] != names:
        numbers, lengths = lexicon.numbers_in(names)
        ends, some = np.cumsum(lengths), np.flatnonzero(lengths)
        firsts, several = (ends - lengths)[some], np.flatnonzero(lengths > 1)
        opening, longest = np.zeros(len(lexicon), np.int64), np.zeros(len(lexicon), np.int64)
        opening[numbers[firsts[lengths[some] == 1]]] = np.flatnonzero(lengths == 1) + 1
        np.maximum.at(longest, numbers[firsts], lengths[some])
        opening[np.delete(numbers, firsts)] |= _WITHIN
        table = HashTable(_keys(numbers, ends)[several], several.astype(np.int32))
        found = names, opening | longest << _LENGTH, table
        _last[lexicon] = found
    return found[1:]


def _keys(words: np.ndarray, ends: np.ndarray) -> np.ndarray:
    found = np.empty(len(ends), np.uint64)
    _sequences(words, ends, found)
    return found


@part
def lookup(key: Any, slots: Any) -> Any:
    """Where a HashTable has the value of a key (not 0); -1 if it has none."""
    mask = np.uint64(len(slots) - 1)
    slot = (key * _PRIME >> _SHIFT) & mask
    while slots[slot] != np.uint64(0):
        if slots[slot] == key:
            return np.int64(slot)
        slot = (slot + _ONE) & mask
    return -1


@compiled
def _fill(keys: Any, slots: Any, places: Any) -> None:
    mask = np.uint64(len(slots) - 1)
    for number in range(len(keys)):
        slot = (keys[number] * _PRIME >> _SHIFT) & mask
        while slots[slot] != np.uint64(0) and slots[slot] != keys[number]:
            slot = (slot + _ONE) & mask
        slots[slot], places[number] = keys[number], slot


@part
def step(code: Any, word: Any) -> Any:
    """The key of a sequence of words with one word more."""
    code = (code ^ np.uint64(word + 1)) * _PRIME
    return code ^ (code >> _SHIFT)


@part
def one_word(word: int, finder: Any) -> int:
    """The name that is one word; -1 if there is none. `finder` is (opening, slots, numbers, cases)."""
    return (finder[0][word] & _ALONE) - 1 if word < len(finder[0]) else -1


@compiled
def _sequences(words: Any, ends: Any, keys: Any) -> None:
    begin = 0
    for number in range(len(ends)):
        code = SEED
        for at in range(begin, ends[number]):
            code = step(code, words[at])
        keys[number] = code
        begin = ends[number]


@part
def find_names(words: Any, shapes: Any, begin: int, end: int, finder: Any, found: Any, count: int, case: int) -> int:
    """The mentions in the tokens from `begin` to `end`, a field whose capitals say `case`; where they end in `found`.

    `found` (4, tokens) gets their names, first tokens (from `begin`), lengths and shapes, from `count` on.
    """
    opening, slots, numbers, cases = finder
    at = begin
    while at < end:
        told = opening[words[at]] if words[at] < len(opening) else 0
        if told >> _LENGTH == 0:
            at += 1
            continue
        name, length, code = (told & _ALONE) - 1, 1, step(SEED, words[at])
        if name >= 0 and not _written(cases[name], shapes, at, at + 1, case, at == begin):
            name = -1
        for place in range(at + 1, min(at + (told >> _LENGTH), end)):
            if words[place] >= len(opening) or not opening[words[place]] & _WITHIN:
                break
            code = step(code, words[place])
            slot = lookup(code, slots)
            if slot >= 0 and _written(cases[numbers[slot]], shapes, at, place + 1, case, at == begin):
                name, length = numbers[slot], place + 1 - at
        if name >= 0:
            found[0, count], found[1, count], found[2, count] = name, at - begin, length
            found[3, count] = CAPITALISED
            if case != SMALL:
                found[3, count] = shapes[at]
                for place in range(at + 1, at + length):
                    found[3, count] = max(found[3, count], shapes[place])
            count += 1
            at += length
        else:
            at += 1
    return count


@part
def _written(name: int, shapes: Any, begin: int, end: int, case: int, first: bool) -> bool:
    """Whether a name is written as it must be; `first` if it stands at the beginning of the field."""
    must, common = name % COMMON_WORD, name >= COMMON_WORD
    if must == ANY_CASE:
        return True
    if case == SMALL:
        return not common
    if must == ALL_CAPITALS:
        return bool(shapes[begin] == UPPER)
    if common and (case != CASED or first):
        return False
    for at in range(begin, end):  # noqa: SIM110 (compiled)
        if shapes[at] > LOWER:
            return True
    return False
