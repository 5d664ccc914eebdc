"""Word 5-grams of many texts, compiled: their hashes, and of many permutations of these the smallest (MinHash)."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from pipeline.features.compiled.compiler import compiled, part

_WORD = re.compile(r"\w+")
_LENGTH = 5
_CRC = np.array([zlib.crc32(bytes([code]), 0xFFFFFFFF) ^ 0xFFFFFFFF for code in range(256)], np.uint32)
_IN_WORD = np.array([code >= 128 or bool(_WORD.match(chr(code))) for code in range(256)])
_MIX, _SHIFT = np.uint64(0x9E3779B97F4A7C15), np.uint64(31)
_LOW, _MOST = np.uint64(0xFFFFFFFF), np.uint32(0xFFFFFFFF)


def shingles(text: str) -> np.ndarray:
    """Hashes (uint32, sorted, unique) of the text's word 5-grams; of its whole when it is shorter."""
    data = np.frombuffer(_words(text), np.uint8)
    room = _room(len(data))
    return np.unique(room[1][: _hashes(data, 0, len(data), *room)])


def signatures(texts: Sequence[str], size: int) -> np.ndarray:
    """The MinHash sketches of texts, (n, size) uint32: the same as datasketch's `MinHash(size, 1, hashfunc=int)`."""
    fields = list(map(_words, texts))
    bounds = np.zeros(len(fields) + 1, np.int64)
    np.cumsum([len(field) for field in fields], out=bounds[1:])
    found = np.full((len(fields), size), _MOST, np.uint32)
    data, room = np.frombuffer(b"".join(fields), np.uint8), _room(max(map(len, fields), default=0))
    _sign(data, bounds, *room, *_permutations(size), found)
    return found


def _room(letters: int) -> tuple[np.ndarray, np.ndarray]:
    """Room for the hashes of the words of a text, and of its 5-grams."""
    return np.empty(letters // 2 + 2, np.uint64), np.empty(letters // 2 + 2, np.uint32)


def _words(text: str) -> bytes:
    """The text in lower case; where there is more than ASCII, its words alone."""
    text = text.lower()
    return (text if text.isascii() else " ".join(_WORD.findall(text))).encode()


def _permutations(size: int) -> tuple[np.ndarray, np.ndarray]:
    """Factors and summands of maps of 32 bits onto themselves, as datasketch draws them."""
    dice = np.random.RandomState(1)
    factors = dice.randint(0, 1 << 31, size, np.uint32) * np.uint32(2) + np.uint32(1)
    return factors, dice.randint(0, 1 << 32, size, np.uint32)


@compiled
def _hashes(data: Any, begin: int, end: int, words: Any, found: Any) -> Any:
    """Fill in the hash of each word (CRC-32) and 5-gram in `data[begin:end]`; how many the latter are."""
    count, inside, crc = 0, False, np.uint32(0)
    for at in range(begin, end + 1):
        if at < end and _IN_WORD[data[at]]:
            crc = crc if inside else _MOST
            crc = np.uint32(_CRC[(crc ^ data[at]) & 0xFF] ^ (crc >> np.uint32(8)))
            inside = True
        elif inside:
            words[count] = np.uint64(crc ^ _MOST)
            count, inside = count + 1, False
    if count < _LENGTH:
        total = np.uint64(0)
        for place in range(count):
            total += words[place]
        found[0] = np.uint32(total & _LOW)
        return 1
    for first in range(count - _LENGTH + 1):
        mixed = np.uint64(0)
        for place in range(first, first + _LENGTH):
            mixed = mixed * _MIX + words[place]
        found[first] = np.uint32((mixed ^ (mixed >> _SHIFT)) & _LOW)
    return count - _LENGTH + 1


@compiled
def _sign(data: Any, bounds: Any, words: Any, hashes: Any, factors: Any, summands: Any, found: Any) -> None:
    for text in range(len(found)):
        for number in range(_hashes(data, bounds[text], bounds[text + 1], words, hashes)):
            mixed = _finished(hashes[number])
            for place in range(len(factors)):
                value = np.uint32(factors[place] * mixed + summands[place])
                found[text, place] = value if value < found[text, place] else found[text, place]


@part
def _finished(value: Any) -> Any:
    """MurmurHash3's last steps, which make neighbours differ in all bits."""
    value = np.uint32((value ^ (value >> np.uint32(16))) * np.uint32(0x85EBCA6B))
    value = np.uint32((value ^ (value >> np.uint32(13))) * np.uint32(0xC2B2AE35))
    return np.uint32(value ^ (value >> np.uint32(16)))
