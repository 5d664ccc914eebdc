"""The tokens of many texts at once: a compiled scanner over UTF-8 bytes, the same tokens as `tokens.tokenize`."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

import numpy as np

from pipeline.features.compiled.compiler import compiled, part
from pipeline.features.compiled.letters import A_CONTROL, CONTROL, EIGHT, LOWERED, letters_among, run_of_letters

_DOT, _APOSTROPHE, _NINE, _S, _ABOVE_ASCII = ord("."), ord("'"), ord("9"), ord("s"), 0x80
_ONE, _HIGH_BITS = np.uint64(1), np.uint64(32)  # the product's upper half is its well-mixed one
# Where the hash begins and what it is multiplied by: of each process its own, so that nobody can write a text whose
# words all fall into one slot.
_KEY = np.array([secrets.randbits(64), secrets.randbits(64) | 1], np.uint64)

_PART, _AT, _FOUND, _COUNT = range(4)


class WordTable:
    """A growing set of words, numbered as they come.

    `slots` (a power of two, 2) hold the words' hashes and numbers, `letters` their bytes one after the
    other, `ends` where each ends. Words are told apart by a 64-bit hash, which differs for all words of up to eight
    letters: among ten million longer ones two are taken for one with a probability of 3 in a million. A keyed
    multiplication makes a slot of it (Dietzfelbinger et al. 1997).
    """

    def __init__(self) -> None:
        self.slots = np.zeros((1 << 14, 2), np.uint64)
        self.letters, self.ends = np.zeros(1 << 16, np.uint8), np.zeros(1 << 13, np.int64)
        self.count = 0

    def scan(self, fields: Sequence[bytes]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The tokens of fields, folded text in UTF-8 without its control codes: their words' numbers (int32), shapes
        (uint8), and where each field's begin (int64)."""
        bounds = np.zeros(len(fields) + 1, np.int64)
        np.cumsum([len(field) for field in fields], out=bounds[1:])
        text = b"".join([*fields, b" " * EIGHT])
        lowered = text.translate(LOWERED)
        if A_CONTROL in lowered:
            return self.scan([field.translate(None, CONTROL) for field in fields])
        data = np.frombuffer(text, np.uint8), np.frombuffer(lowered, np.uint8)
        most = int(bounds[-1]) // 2 + len(bounds)
        words, shapes, starts = np.empty(most, np.int32), np.empty(most, np.uint8), np.zeros(len(bounds), np.int64)
        state = np.array([0, 0, 0, self.count])
        found = words, shapes, starts, state
        while _scan(*data, bounds, _KEY, self.slots, self.letters, self.ends, *found):
            self.count = int(state[_COUNT])
            self._grow(int(bounds[state[_PART] + 1] - state[_AT]))
        self.count = int(state[_COUNT])
        return words[: state[_FOUND]].copy(), shapes[: state[_FOUND]].copy(), starts

    def _grow(self, letters: int) -> None:
        """Twice the room for words, and room for a word of so many letters."""
        if 2 * (self.count + 1) > len(self.slots):
            before, self.slots = self.slots, np.zeros((2 * len(self.slots), 2), np.uint64)
            _rehash(_KEY[1], before, self.slots)
        if self.count == len(self.ends):
            self.ends = np.concatenate([self.ends, np.zeros_like(self.ends)])
        used = int(self.ends[self.count - 1]) if self.count else 0
        if used + letters > len(self.letters):
            self.letters = np.concatenate([self.letters, np.zeros(max(used, letters), np.uint8)])


@compiled
def _scan(
    data: Any,
    lowered: Any,
    bounds: Any,
    secret: Any,
    slots: Any,
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
            if not lowered[at]:
                at += 1
                continue
            end = _acronym_end(data, lowered, at, stop) if at + 1 < stop and data[at + 1] == _DOT else -1
            if end < 0:
                end, code, shape = run_of_letters(data, lowered, at, stop, secret[0])
                last = end
                if end + 1 < stop and data[end] == _APOSTROPHE and lowered[end + 1]:
                    end, last = _behind_apostrophes(data, lowered, end, stop)
                    code, shape = letters_among(data, lowered, at, last, secret[0])
            else:
                last = end
                code, shape = letters_among(data, lowered, at, last, secret[0])
            used = ends[count - 1] if count else 0
            if used + last - at > len(letters) or 2 * (count + 1) > len(slots) or count == len(ends):
                full = True
                break
            number = _find(code if code else _ONE, secret[1], slots, count)
            if number == count:
                for place in range(at, last):
                    letters[used] = lowered[place]
                    used += lowered[place] != 0
                ends[count] = used
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
def _behind_apostrophes(data: Any, lowered: Any, at: int, stop: int) -> Any:
    """Where a word ends that goes on behind an apostrophe at `at`, and where without a possessive 's."""
    place, apostrophe = at, at
    while place + 1 < stop and data[place] == _APOSTROPHE and lowered[place + 1]:
        apostrophe = place
        place += 1
        while place < stop and lowered[place]:
            place += 1
    possessive = place - apostrophe == 2 and lowered[apostrophe + 1] == _S
    return place, apostrophe if possessive else place


@part
def _is_letter(letter: Any) -> bool:
    return letter > _NINE and letter < _ABOVE_ASCII


@part
def _acronym_end(data: Any, lowered: Any, at: int, stop: int) -> int:
    """Where `(?:[A-Za-z]\\.)+[A-Za-z](?![letter or digit])\\.?` that begins here ends; -1 when there is none."""
    after = at
    while after + 1 < stop and data[after + 1] == _DOT and _is_letter(lowered[after]):
        after += 2
    if after == at:
        return -1
    if after < stop and _is_letter(lowered[after]) and not (after + 1 < stop and lowered[after + 1]):
        return after + 1
    return after if after - at > 2 else -1


@part
def _find(code: Any, factor: Any, slots: Any, count: int) -> Any:
    """The number of the word with this hash, which becomes `count` if it is new."""
    mask = np.uint64(len(slots) - 1)
    slot = ((code * factor) >> _HIGH_BITS) & mask
    while slots[slot, 0] != np.uint64(0):
        if slots[slot, 0] == code:
            return np.int64(slots[slot, 1])
        slot = (slot + _ONE) & mask
    slots[slot, 0], slots[slot, 1] = code, count
    return count


@compiled
def _rehash(factor: Any, slots: Any, larger: Any) -> None:
    """Put what a table holds into a larger one."""
    for slot in range(len(slots)):
        if slots[slot, 0]:
            _find(slots[slot, 0], factor, larger, np.int64(slots[slot, 1]))
