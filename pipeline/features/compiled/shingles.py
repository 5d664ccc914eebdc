"""Word 5-grams of many texts, compiled: their hashes, and of many permutations of these the smallest (MinHash)."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from pipeline.features.compiled.compiler import compiled

_WORD = re.compile(r"\w+")
_LENGTH = 5
_CRC = np.array([zlib.crc32(bytes([code]), 0xFFFFFFFF) ^ 0xFFFFFFFF for code in range(256)], np.uint32)
_IN_WORD = np.array([code >= 128 or bool(_WORD.match(chr(code))) for code in range(256)])
_MIX, _SHIFT = np.uint64(0x9E3779B97F4A7C15), np.uint64(31)
_LOW = np.uint64(0xFFFFFFFF)


def shingles(text: str) -> np.ndarray:
    """Hashes (uint32, sorted, unique) of the text's word 5-grams; of its whole when it is shorter."""
    data = np.frombuffer(_words(text), np.uint8)
    found: np.ndarray = _hashes(data, 0, len(data), np.empty(len(data) // 2 + 2, np.uint64))
    return np.unique(found)


def signatures(texts: Sequence[str], size: int) -> np.ndarray:
    """The MinHash sketches of texts, (n, size) uint32: the same as datasketch's `MinHash(size, 1, hashfunc=int)`."""
    fields = list(map(_words, texts))
    bounds = np.zeros(len(fields) + 1, np.int64)
    np.cumsum([len(field) for field in fields], out=bounds[1:])
    found: np.ndarray = _signed(np.frombuffer(b"".join(fields), np.uint8), bounds, *_permutations(size))
    return found


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
def _hashes(data: Any, begin: int, end: int, words: Any) -> Any:
    """The hash of each 5-gram of words (CRC-32) in `data[begin:end]`; `words` has room for those of the words."""
    count, inside, crc = 0, False, np.uint32(0)
    for at in range(begin, end + 1):
        if at < end and _IN_WORD[data[at]]:
            crc = np.uint32(0xFFFFFFFF) if not inside else crc
            crc = np.uint32(_CRC[(crc ^ data[at]) & 0xFF] ^ (crc >> np.uint32(8)))
            inside = True
        elif inside:
            words[count] = np.uint64(crc ^ np.uint32(0xFFFFFFFF))
            count, inside = count + 1, False
    if count < _LENGTH:
        return np.array([words[:count].sum() & _LOW]).astype(np.uint32)
    found = np.empty(count - _LENGTH + 1, np.uint32)
    for first in range(len(found)):
        mixed = np.uint64(0)
        for place in range(first, first + _LENGTH):
            mixed = mixed * _MIX + words[place]
        found[first] = np.uint32((mixed ^ (mixed >> _SHIFT)) & _LOW)
    return found


@compiled
def _signed(data: Any, bounds: Any, factors: Any, summands: Any) -> Any:
    found = np.full((len(bounds) - 1, len(factors)), 0xFFFFFFFF, np.uint32)
    longest = 0
    for text in range(len(found)):
        longest = max(longest, bounds[text + 1] - bounds[text])
    words = np.empty(longest // 2 + 2, np.uint64)
    for text in range(len(found)):
        least = found[text]
        for value in _hashes(data, bounds[text], bounds[text + 1], words):
            mixed = _finished(value)
            for place in range(len(factors)):
                least[place] = min(least[place], np.uint32(factors[place] * mixed + summands[place]))
    return found


@compiled
def _finished(value: Any) -> Any:
    """MurmurHash3's last steps, which make neighbours differ in all bits."""
    value = np.uint32((value ^ (value >> np.uint32(16))) * np.uint32(0x85EBCA6B))
    value = np.uint32((value ^ (value >> np.uint32(13))) * np.uint32(0xC2B2AE35))
    return np.uint32(value ^ (value >> np.uint32(16)))
