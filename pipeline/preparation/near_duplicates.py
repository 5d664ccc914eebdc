"""Near-duplicates by MinHash over word 5-grams in sorted bands, confirmed by their exact Jaccard similarity.

Broder, A. (1997), On the resemblance and containment of documents. The sketches are datasketch's; its index of Python
dicts takes several KB an article, the sorted bands here 200 bytes.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

import numpy as np
from datasketch import MinHash

from pipeline.common.parallel import each

_WORD = re.compile(r"\w+")
_BANDS, _ROWS = 25, 5  # half of the pairs at 0.5 are candidates, 99 % of those at 0.7
_CHUNK = 500
_ALONE = 10_000  # texts up to which one process is faster than several
_NEIGHBOURS = 64  # of the texts alike in a band, each is compared with so many before it, and with the first
_KNOWN_WORDS, _LONGEST_KNOWN = 1_000_000, 64
_WORDS_ONLY = bytes(code if _WORD.match(chr(code)) else 32 for code in range(128)) + bytes(128)


class _WordHashes(dict[bytes, int]):
    """CRC-32 of words, remembered."""

    def __missing__(self, word: bytes) -> int:
        if len(self) >= _KNOWN_WORDS:
            self.clear()
        found = zlib.crc32(word)
        if len(word) <= _LONGEST_KNOWN:
            self[word] = found
        return found


_HASHES = _WordHashes()


def shingles(text: str) -> np.ndarray:
    """Hashes (uint64, sorted, unique, below 2**32) of the text's word 5-grams; of its whole when it is shorter."""
    found = _words(text.lower())
    words = np.fromiter(map(_HASHES.__getitem__, found), np.uint64, len(found))
    if len(words) < 5:
        return words.sum(keepdims=True) & np.uint64(0xFFFFFFFF)
    mixed = np.zeros(len(words) - 4, np.uint64)
    for offset in range(5):
        mixed = mixed * np.uint64(0x9E3779B97F4A7C15) + words[offset : len(words) - 4 + offset]
    mixed = np.sort((mixed ^ (mixed >> np.uint64(31))) & np.uint64(0xFFFFFFFF))
    return mixed[np.append(True, mixed[1:] != mixed[:-1])]


def similar_pairs(
    texts: Sequence[str], threshold: float, jobs: int = 1, progress: Callable[[int], None] | None = None
) -> list[tuple[int, int, float]]:
    """Pairs (i, j, Jaccard) with i < j whose similarity is at least `threshold`, in order of j then i.

    MinHash finds a pair of similarity 0.5 with probability 0.55, of 0.6 with 0.87, of 0.7 with 0.99. Memory grows by
    200 bytes a text. Of more than 65 texts that are alike in a band not all pairs are looked at, but the first of them
    with every other one. The result does not depend on `jobs`.
    """
    pairs = []
    hashed = lru_cache(maxsize=1024)(lambda position: shingles(texts[position]))
    for one, other in _candidates(_band_keys(texts, jobs, progress)):
        if (similarity := _overlap(hashed(one), hashed(other))) >= threshold:
            pairs.append((one, other, similarity))
    return pairs


def jaccard(one: str, other: str) -> float:
    """The exact Jaccard similarity of two texts' word 5-grams."""
    return _overlap(shingles(one), shingles(other))


def groups(count: int, pairs: Sequence[tuple[int, int, float]]) -> list[int]:
    """The connected component of each of `count` texts, named by its first member."""
    parent = list(range(count))

    def root(item: int) -> int:
        while parent[item] != item:
            parent[item] = item = parent[parent[item]]
        return item

    for one, other, _ in pairs:
        low, high = sorted((root(one), root(other)))
        parent[high] = low
    return [root(item) for item in range(count)]


def _words(text: str) -> list[bytes]:
    if text.isascii():  # several times faster, and the same
        return text.encode().translate(_WORDS_ONLY).split()
    return [word.encode() for word in _WORD.findall(text)]


def _overlap(left: np.ndarray, right: np.ndarray) -> float:
    shared = len(np.intersect1d(left, right, assume_unique=True))
    return shared / max(1, len(left) + len(right) - shared)


def _candidates(keys: np.ndarray) -> Iterator[tuple[int, int]]:
    """Pairs (i, j), i < j, of texts that share a band's key, in order of j then i; `keys` is (texts, bands)."""
    count = len(keys)
    found = np.empty(0, np.int64)
    for band in range(keys.shape[1]):
        order = np.argsort(keys[:, band], kind="stable")
        codes = [later * count + earlier for earlier, later in _alike(order, keys[order, band])]
        found = np.unique(np.concatenate([found, *codes]))
    for start in range(0, len(found), _CHUNK):
        for code in found[start : start + _CHUNK].tolist():
            yield code % count, code // count


def _alike(order: np.ndarray, keys: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Earlier and later positions of texts with the same key, which stand in `order`, each key's in a row."""
    starts = np.flatnonzero(np.append(True, keys[1:] != keys[:-1])) if len(keys) else np.empty(0, np.int64)
    sizes = np.diff(np.append(starts, len(keys)))
    rank = np.arange(len(keys)) - np.repeat(starts, sizes)
    for distance in range(1, min(int(sizes.max(initial=1)), _NEIGHBOURS + 1)):
        later = np.flatnonzero(rank >= distance)
        yield order[later - distance], order[later]
    far = np.flatnonzero(rank > _NEIGHBOURS)
    yield order[far - rank[far]], order[far]


def _band_keys(texts: Sequence[str], jobs: int, progress: Callable[[int], None] | None) -> np.ndarray:
    """A hash (uint64) of each text's signature in each band, (texts, bands)."""
    keys = np.empty((len(texts), _BANDS), np.uint64)
    chunks = (list(texts[start : start + _CHUNK]) for start in range(0, len(texts), _CHUNK))
    signed = each(_sign, ((chunk,) for chunk in chunks), jobs) if len(texts) > _ALONE else map(_sign, chunks)
    for number, found in enumerate(signed):
        keys[number * _CHUNK : number * _CHUNK + len(found)] = found
        if progress:
            progress(len(found))
    return keys


def _sign(texts: Sequence[str]) -> np.ndarray:
    blank = MinHash(num_perm=_BANDS * _ROWS, seed=1, hashfunc=int)
    signatures = np.empty((len(texts), _BANDS * _ROWS), np.uint64)
    for row, text in enumerate(texts):
        sketch = blank.copy()
        sketch.update_batch(shingles(text))
        signatures[row] = sketch.hashvalues
    keys = np.zeros((len(texts), _BANDS), np.uint64)
    for row in range(_ROWS):
        keys = (keys ^ signatures[:, row::_ROWS]) * np.uint64(0x9E3779B97F4A7C15)
        keys ^= keys >> np.uint64(32)
    return keys
