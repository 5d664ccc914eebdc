"""The letters of words eight at a time: where a word ends, its hash and its shape, without a branch for each letter.

Eight bytes are one number (Lamport 1975, "Multiple byte processing with full-word instructions"); the lowest zero among
them is found as Mycroft did in 1987.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir

from pipeline.features.compiled.compiler import in_llvm, part
from pipeline.features.tokens import CAPITALISED, LOWER, UPPER

EIGHT = 8
_ABOVE_ASCII = 0x80
_PRIME, _HALF = np.uint64(0x9E3779B97F4A7C15), np.uint64(32)
_NONE, _ONE, _SEVEN, _BYTE, _TOP = (np.uint64(value) for value in (0, 1, 7, 8, 56))
_ONES, _HIGH = np.uint64(0x0101010101010101), np.uint64(0x8080808080808080)
_END = np.uint64(0x80)
_PAST_Z = np.uint64(0x7F - ord("Z")) * _ONES  # sets the high bit of a letter that is neither a digit nor a capital


CONTROL = bytes([*range(9), 11, 12, *range(14, 32), 127])  # what `clean` takes out of ASCII
A_CONTROL = 1


def _lowered() -> bytes:
    """Each byte of a word in lower case; 0 for one in no word, and `A_CONTROL` for one that is to be taken out."""
    found = [byte if byte >= _ABOVE_ASCII or chr(byte).isalnum() else 0 for byte in range(256)]
    for byte in CONTROL:
        found[byte] = A_CONTROL
    return bytes(found[:_ABOVE_ASCII]).lower() + bytes(found[_ABOVE_ASCII:])


LOWERED = _lowered()


@in_llvm
def _eight(_: Any, array: Any, _at: Any) -> Any:
    """Eight bytes of an array from a place on, the first one lowest."""
    from numba.core import types

    def build(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, given[0]).data
        place = builder.bitcast(builder.gep(data, [given[1]]), ir.IntType(64).as_pointer())
        found = builder.load(place)
        found.align = 1
        return found

    return types.uint64(array, types.int64), build


@part
def run_of_letters(data: Any, lowered: Any, at: int, stop: int, code: Any) -> Any:
    """A run of letters: where it ends, their hash, and the shape of the word that they are.

    `lowered` is `data` by `LOWERED`; both go on for eight bytes more.
    """
    place, capital, small, ends = at, _NONE, _NONE, _NONE
    while ends == _NONE:
        letters, written = _eight(lowered, place), _eight(data, place)
        ends = (letters - _ONES) & ~letters & _HIGH
        if place + EIGHT > stop:
            ends |= _END << (_BYTE * np.uint64(stop - place))
        within = ((ends & (~ends + _ONE)) >> _SEVEN) - _ONE
        letters, written = letters & within, written & within
        capital |= letters ^ written
        small |= ((written + _PAST_Z) | written) & _HIGH & within
        if letters:
            code = step(code, letters)
        place += int(((within & _ONES) * _ONES) >> _TOP)
    if capital == _NONE:
        return place, code, LOWER
    if small == _NONE and place - at > 1:
        return place, code, UPPER
    return place, code, CAPITALISED if data[at] != lowered[at] else LOWER


@part
def step(code: Any, letters: Any) -> Any:
    """The hash of a word with up to eight letters more."""
    code = (code ^ letters) * _PRIME
    return code ^ (code >> _HALF)


@part
def letters_among(data: Any, lowered: Any, at: int, end: int, code: Any) -> Any:
    """The hash of the letters between two places, where other signs stand among them, and their shape."""
    letters, shift, count, small, capital = _NONE, _NONE, 0, 0, 0
    for place in range(at, end):
        if lowered[place]:
            letters |= np.uint64(lowered[place]) << shift
            shift += _BYTE
            count += 1
            capital += lowered[place] != data[place]
            small += data[place] > ord("Z")
            if count % EIGHT == 0:
                code, letters, shift = step(code, letters), _NONE, _NONE
    if letters:
        code = step(code, letters)
    if capital and not small and count > 1:
        return code, UPPER
    return code, CAPITALISED if data[at] != lowered[at] else LOWER
