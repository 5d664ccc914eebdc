"""The tokens of many texts at once: a compiled scanner over UTF-8 bytes, the same tokens as `tokens.tokenize`."""

from __future__ import annotations

import secrets
from typing import Any

import numpy as np

from pipeline.features.compiled.compiler import compiled, part
from pipeline.features.tokens import CAPITALISED, LOWER, UPPER

_OTHER, _SMALL, _CAPITAL, _DIGIT, _HIGH = range(5)
_DOT, _APOSTROPHE = ord("."), ord("'")


def _classes() -> np.ndarray:
    kinds = np.full(256, _OTHER, np.uint8)
    kinds[ord("a") : ord("z") + 1] = _SMALL
    kinds[ord("A") : ord("Z") + 1] = _CAPITAL
    kinds[ord("0") : ord("9") + 1] = _DIGIT
    kinds[0x80:] = _HIGH
    return kinds


_CLASS = _classes()
_PRIME = np.uint64(1099511628211)
_ONE, _HIGH_BITS = np.uint64(1), np.uint64(32)  # the product's upper half is its well-mixed one
# Where the hash begins and what it is multiplied by: of each process its own, so that nobody can write a text whose
# words all fall into one slot.
_KEY = np.array([secrets.randbits(64), secrets.randbits(64) | 1], np.uint64)

_PART, _AT, _FOUND, _COUNT = range(4)


class WordTable:
    """A growing set of words, numbered as they come.

    `slots` and `numbers` (a power of two long) hold the words' hashes and numbers, `letters` their bytes one after the
    other, `ends` where each ends. Words are told apart by a 64-bit hash (FNV-1a): among ten million different words
    two are taken for one with a probability of 3 in a million. A keyed multiplication makes a slot of it
    (Dietzfelbinger et al. 1997).
    """

    def __init__(self) -> None:
        self.slots, self.numbers = np.zeros(1 << 14, np.uint64), np.zeros(1 << 14, np.int32)
        self.letters, self.ends = np.zeros(1 << 16, np.uint8), np.zeros(1 << 13, np.int64)
        self.count = 0

    def scan(self, data: np.ndarray, bounds: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The tokens of fields: their words' numbers (int32), shapes (uint8), and where each field's begin (int64).

        Field i is `data[bounds[i] : bounds[i + 1]]`, folded text in UTF-8 (uint8).
        """
        most = int(bounds[-1] - bounds[0]) // 2 + len(bounds)
        words, shapes, starts = np.empty(most, np.int32), np.empty(most, np.uint8), np.zeros(len(bounds), np.int64)
        state = np.array([0, bounds[0], 0, self.count])
        found = words, shapes, starts, state
        while _scan(data, bounds, _KEY, self.slots, self.numbers, self.letters, self.ends, *found):
            self.count = int(state[_COUNT])
            self._grow(int(bounds[state[_PART] + 1] - state[_AT]))
        self.count = int(state[_COUNT])
        return words[: state[_FOUND]].copy(), shapes[: state[_FOUND]].copy(), starts

    def _grow(self, letters: int) -> None:
        """Twice the room for words, and room for a word of so many letters."""
        if 2 * (self.count + 1) > len(self.slots):
            before = self.slots, self.numbers
            self.slots, self.numbers = (np.zeros(2 * len(array), array.dtype) for array in before)
            _rehash(_KEY[1], *before, self.slots, self.numbers)
        if self.count == len(self.ends):
            self.ends = np.concatenate([self.ends, np.zeros_like(self.ends)])
        used = int(self.ends[self.count - 1]) if self.count else 0
        if used + letters > len(self.letters):
            self.letters = np.concatenate([self.letters, np.zeros(max(used, letters), np.uint8)])


@compiled
def _scan(  # noqa: PLR0912 (calls that pass arrays cost more than the work)
    data: Any,
    bounds: Any,
    secret: Any,
    slots: Any,
    numbers: Any,
    letters: Any,
    ends: Any,
    words: Any,
    shapes: Any,
    starts: Any,
    state: Any,
) -> bool:
    """Scan on from `state` until there is no more room, which is what it says, or no more text."""
    part, at, found, count = state[_PART], state[_AT], state[_FOUND], state[_COUNT]
    full = False
    while part < len(bounds) - 1 and not full:
        stop = bounds[part + 1]
        while at < stop:
            if _CLASS[data[at]] == _OTHER:
                at += 1
                continue
            end = _acronym_end(data, at, stop)
            last = end
            if end < 0:
                end, last = _word_end(data, at, stop)
            used = ends[count - 1] if count else 0
            if used + last - at > len(letters) or 2 * (count + 1) > len(slots) or count == len(ends):
                full = True
                break
            out, code, capitals, smalls = used, secret[0], 0, 0
            for place in range(at, last):
                byte = data[place]
                kind = _CLASS[byte]
                if kind == _OTHER:
                    continue
                if kind == _CAPITAL:
                    capitals += 1
                    byte = np.uint8(byte + 32)
                elif kind != _DIGIT:
                    smalls += 1
                letters[out] = byte
                code = (code ^ np.uint64(byte)) * _PRIME
                out += 1
            shape = LOWER
            if capitals:
                if smalls == 0 and out - used > 1:
                    shape = UPPER
                elif _CLASS[data[at]] == _CAPITAL:
                    shape = CAPITALISED
            number = _find(code if code else _ONE, secret[1], slots, numbers, count)
            if number == count:
                ends[count] = out
                count += 1
            words[found], shapes[found] = number, shape
            found += 1
            at = end
        if not full:
            part += 1
            starts[part] = found
    state[_PART], state[_AT], state[_FOUND], state[_COUNT] = part, at, found, count
    return full


@part
def _letter(data: Any, at: int) -> bool:
    kind = _CLASS[data[at]]
    return kind == _SMALL or kind == _CAPITAL  # noqa: PLR1714


@part
def _acronym_end(data: Any, at: int, stop: int) -> int:
    """Where `(?:[A-Za-z]\\.)+[A-Za-z](?![letter or digit])\\.?` that begins here ends; -1 when there is none."""
    after = at
    while after + 1 < stop and data[after + 1] == _DOT and _letter(data, after):
        after += 2
    if after == at:
        return -1
    if after < stop and _letter(data, after) and not (after + 1 < stop and _CLASS[data[after + 1]] != _OTHER):
        return after + 1
    return after if after - at > 2 else -1


@part
def _word_end(data: Any, at: int, stop: int) -> tuple[int, int]:
    """Where a word with its inner apostrophes ends, and where it ends without a possessive 's."""
    end, last = at, -1
    while end < stop and _CLASS[data[end]] != _OTHER:
        end += 1
        while end < stop and _CLASS[data[end]] != _OTHER:
            end += 1
        if end + 1 < stop and data[end] == _APOSTROPHE and _CLASS[data[end + 1]] != _OTHER:
            last = end
            end += 1
    possessive = last >= 0 and end - last == 2 and (data[last + 1] == ord("s") or data[last + 1] == ord("S"))
    return end, last if possessive else end


@part
def _find(code: Any, factor: Any, slots: Any, numbers: Any, count: int) -> int:
    """The number of the word with this hash, which becomes `count` if it is new."""
    mask = np.uint64(len(slots) - 1)
    slot = ((code * factor) >> _HIGH_BITS) & mask
    while slots[slot] != np.uint64(0):
        if slots[slot] == code:
            return numbers[slot]
        slot = (slot + _ONE) & mask
    slots[slot], numbers[slot] = code, count
    return count


@compiled
def _rehash(factor: Any, slots: Any, numbers: Any, new_slots: Any, new_numbers: Any) -> None:
    """Put what a table holds into a larger one."""
    for slot in range(len(slots)):
        if slots[slot]:
            _find(slots[slot], factor, new_slots, new_numbers, np.int64(numbers[slot]))
