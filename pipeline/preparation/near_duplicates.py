"""Near-duplicates by MinHash over word 5-grams in sorted bands, confirmed by their exact Jaccard similarity.

Broder, A. (1997), On the resemblance and containment of documents. The sketches are those of datasketch; its index of
Python dicts takes several KB an article, the sorted bands here 200 bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

import numpy as np

from pipeline.features.compiled.shingles import shingles, signatures

_BANDS, _ROWS = 25, 5  # half of the pairs at 0.5 are candidates, 99 % of those at 0.7
_CHUNK = 1000
_NEIGHBOURS = 64  # of the texts alike in a band, each is compared with so many before it, and with the first


def similar_pairs(
    texts: Sequence[str], threshold: float, progress: Callable[[int], None] | None = None
) -> list[tuple[int, int, float]]:
    """Pairs (i, j, Jaccard) with i < j whose similarity is at least `threshold`, in order of j then i.

    MinHash finds a pair of similarity 0.5 with probability 0.55, of 0.6 with 0.87, of 0.7 with 0.99. Memory grows by
    200 bytes a text. Of more than 65 texts that are alike in a band not all pairs are looked at, but the first of them
    with every other one.
    """
    pairs = []
    hashed = lru_cache(maxsize=1024)(lambda position: shingles(texts[position]))
    for one, other in _candidates(_band_keys(texts, progress)):
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


def _band_keys(texts: Sequence[str], progress: Callable[[int], None] | None) -> np.ndarray:
    """A hash (uint64) of each text's signature in each band, (texts, bands)."""
    keys = np.zeros((len(texts), _BANDS), np.uint64)
    for start in range(0, len(texts), _CHUNK):
        found, part = keys[start : start + _CHUNK], signatures(texts[start : start + _CHUNK], _BANDS * _ROWS)
        for row in range(_ROWS):
            found ^= part[:, row::_ROWS]
            found *= np.uint64(0x9E3779B97F4A7C15)
            found ^= found >> np.uint64(32)
        if progress:
            progress(len(found))
    return keys
