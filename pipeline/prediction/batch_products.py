"""Sparse rows times dense weights, and weighted sums of numbered features, compiled for batches."""

from __future__ import annotations

from typing import Any

import numpy as np

from pipeline.features.compiled.compiler import compiled
from pipeline.features.compiled.country_feature_numbers import FAMILY, WORDED
from pipeline.features.compiled.name_finder import HashTable, lookup
from pipeline.features.terms import CSR


def rows_times(rows: CSR, weights: np.ndarray, intercepts: np.ndarray) -> np.ndarray:
    """Scores (n, L), float64, of rows (n, terms) under `weights` (terms, L) and `intercepts` (L,)."""
    scores = np.zeros((len(rows[0]) - 1, len(intercepts)))
    _rows_times(*rows, weights, intercepts, scores)
    return scores


@compiled
def _rows_times(indptr: Any, indices: Any, values: Any, weights: Any, intercepts: Any, scores: Any) -> None:
    labels = len(intercepts)
    for row in range(len(scores)):
        for place in range(indptr[row], indptr[row + 1]):
            value, term = np.float64(values[place]), indices[place]
            for label in range(labels):
                scores[row, label] += value * weights[term, label]
        for label in range(labels):
            scores[row, label] += intercepts[label]


class KeyedWeights:
    """Weights of features by key: those that hold no word or name in a plain array, the others in a HashTable."""

    def __init__(self, keys: np.ndarray, weights: np.ndarray) -> None:
        families, rest = keys >> FAMILY, keys & (1 << FAMILY) - 1
        worded = np.isin(families, WORDED)
        self._width = int(rest[~worded].max(initial=0)) + 1
        self._plain = np.zeros((int(families.max(initial=0)) + 1) * self._width)
        self._plain[families[~worded] * self._width + rest[~worded]] = weights[~worded]
        self._worded = HashTable(keys[worded], weights[worded])

    def sums(self, ends: np.ndarray, keys: np.ndarray, values: np.ndarray) -> np.ndarray:
        """The sum of value times weight of each group of features, from `ends[i]` to `ends[i + 1]`."""
        given = ends, keys, values, self._plain, self._width, self._worded.slots, self._worded.values
        sums = np.zeros(len(ends) - 1)
        _weighted_sums(*given, sums)
        return sums


@compiled
def _weighted_sums(
    ends: Any, keys: Any, values: Any, plain: Any, width: int, slots: Any, weights: Any, sums: Any
) -> None:
    for group in range(len(sums)):
        total = 0.0
        for place in range(ends[group], ends[group + 1]):
            family, rest = keys[place] >> FAMILY, keys[place] & (1 << FAMILY) - 1
            if rest < width:
                at = family * width + rest
                if at < len(plain):
                    total += values[place] * plain[at]
            else:
                found = lookup(np.uint64(keys[place]), slots)
                if found >= 0:
                    total += values[place] * weights[found]
        sums[group] = total
