"""Near-duplicates by MinHash LSH over word 5-grams, confirmed by their exact Jaccard similarity.

Broder, A. (1997), On the resemblance and containment of documents; the index is datasketch's.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from datasketch import MinHash, MinHashLSH
from joblib import Parallel, delayed

_WORD = re.compile(r"\w+")
_PERMUTATIONS = 125
_BANDS = (25, 5)  # half of the pairs at 0.5 are candidates, 99 % of those at 0.7
_CHUNK = 500
_SCHEME = MinHash(num_perm=1).scheme


def shingles(text: str) -> np.ndarray:
    """Hashes (uint64, sorted, unique, below 2**32) of the text's word 5-grams; of its whole when it is shorter."""
    words = np.fromiter((zlib.crc32(word.encode()) for word in _WORD.findall(text.lower())), np.uint64)
    if len(words) < 5:
        return np.unique(words.sum(keepdims=True)) & np.uint64(0xFFFFFFFF)
    mixed = np.zeros(len(words) - 4, np.uint64)
    for offset in range(5):
        mixed = mixed * np.uint64(0x9E3779B97F4A7C15) + words[offset : len(words) - 4 + offset]
    return np.unique((mixed ^ (mixed >> np.uint64(31))) & np.uint64(0xFFFFFFFF))


def similar_pairs(
    texts: Sequence[str], threshold: float, jobs: int = 1, progress: Callable[[int], None] | None = None
) -> list[tuple[int, int, float]]:
    """Pairs (i, j, Jaccard) with i < j whose similarity is at least `threshold`, in order of j then i.

    MinHash finds a pair of similarity 0.5 with probability 0.55, of 0.6 with 0.87, of 0.7 with 0.99.
    """
    index = MinHashLSH(num_perm=_PERMUTATIONS, params=_BANDS)
    pairs = []
    for position, values in enumerate(_signatures(texts, jobs)):
        sketch = MinHash(num_perm=_PERMUTATIONS, hashvalues=values, scheme=_SCHEME)
        for other in sorted(index.query(sketch)):
            if (similarity := jaccard(texts[other], texts[position])) >= threshold:
                pairs.append((other, position, similarity))
        index.insert(position, sketch, check_duplication=False)
        if progress and position % _CHUNK == 0:
            progress(position)
    return pairs


def jaccard(one: str, other: str) -> float:
    """The exact Jaccard similarity of two texts' word 5-grams."""
    left, right = shingles(one), shingles(other)
    shared = len(np.intersect1d(left, right, assume_unique=True))
    return shared / max(1, len(left) + len(right) - shared)


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


def _signatures(texts: Sequence[str], jobs: int) -> Iterator[np.ndarray]:
    chunks = (texts[start : start + _CHUNK] for start in range(0, len(texts), _CHUNK))
    parallel = Parallel(n_jobs=jobs if len(texts) > 4 * _CHUNK else 1, return_as="generator")
    for signatures in parallel(delayed(_sign)(chunk) for chunk in chunks):
        yield from signatures


def _sign(texts: Sequence[str]) -> list[np.ndarray]:
    blank = MinHash(num_perm=_PERMUTATIONS, seed=1, hashfunc=int)
    signatures = []
    for text in texts:
        sketch = blank.copy()
        sketch.update_batch(shingles(text))
        signatures.append(sketch.hashvalues)
    return signatures
