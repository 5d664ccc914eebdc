"""Linear support-vector machines of many labels at once, by dual coordinate descent over shared sparse rows.

Hsieh et al. (2008), A dual coordinate descent method for large-scale linear SVM: the squared hinge loss, liblinear's
problem and stopping rule. One walk through the documents serves all labels: a document's terms are looked up once and
every label's margin comes from consecutive memory; labels that have converged drop out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from pipeline.features.compiled.compiler import compiled

_TOLERANCE = 0.1
_IGNORED = 0.1 * _TOLERANCE
_MOST_WALKS = 300


@dataclass(frozen=True, slots=True)
class Rows:
    """Documents (n, terms) as compressed sparse rows of log counts (float32); every fit reads the same ones.

    A fit weighs them by inverse document frequencies of its own documents, and scales each row to length 1.
    """

    indptr: np.ndarray
    indices: np.ndarray
    values: np.ndarray

    def __len__(self) -> int:
        return len(self.indptr) - 1

    def frequency(self, chosen: np.ndarray, terms: int) -> np.ndarray:
        """How many of the chosen documents each term (terms,) occurs in."""
        found: np.ndarray = _frequency(self.indptr, self.indices, chosen, terms)
        return found

    def scales(self, idf: np.ndarray) -> np.ndarray:
        """What each row (n,) is multiplied by to have length 1; 0 for a row of zeros."""
        found: np.ndarray = _scales(self.indptr, self.indices, self.values, idf)
        return found


@dataclass(frozen=True, slots=True)
class Problem:
    """What one fit learns from: the rows `chosen` with inverse document frequencies (terms,), gold (n, L), bool, and
    what an error on each row (n,) costs, 1 if None."""

    rows: Rows
    idf: np.ndarray
    scales: np.ndarray
    chosen: np.ndarray
    gold: np.ndarray
    weights: np.ndarray | None = None

    def scores(self, among: np.ndarray, weights: np.ndarray, intercepts: np.ndarray) -> np.ndarray:
        """Scores (len(among), L), float32, of some rows."""
        rows = self.rows
        given = rows.indptr, rows.indices, rows.values, self.idf, self.scales, among
        found: np.ndarray = _scores(*given, weights, intercepts.astype(np.float32))
        return found

    def label_sums(self) -> tuple[np.ndarray, np.ndarray]:
        """The sums of the chosen rows with each label (terms, L) and of all (terms,), float32 and float64."""
        rows = self.rows
        given = rows.indptr, rows.indices, rows.values, self.idf, self.scales, self.chosen
        sums: tuple[np.ndarray, np.ndarray] = _label_sums(*given, self.gold)
        return sums


def solve(
    problem: Problem, penalty: float, seed: int, squares: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Weights (terms, L), float32, and intercepts (L,) of machines with C = `penalty`.

    `squares` (terms, L) are the squares of what each label's machine scales the terms by; the weights are then those of
    the unscaled terms. A label without a positive or without a negative gets nothing but zeros.
    """
    rows, chosen, gold = problem.rows, problem.chosen, problem.gold
    weights = np.zeros((len(problem.idf), gold.shape[1]), np.float32)
    intercepts = np.zeros(gold.shape[1])
    given = rows.indptr, rows.indices, rows.values, problem.idf, problem.scales
    counts = gold[chosen].sum(axis=0)
    active = np.flatnonzero((counts > 0) & (counts < len(chosen)))
    work = _Work.begin(given, chosen, gold, active, weights.shape[0], squares)
    random = np.random.default_rng(seed)
    costs = np.ones(len(chosen)) if problem.weights is None else problem.weights[chosen]
    diagonals = 0.5 / (penalty * costs)
    for _ in range(_MOST_WALKS):
        if not len(active):
            break
        gaps = _walk(*given, chosen, random.permutation(len(chosen)), *work.arrays(), diagonals)
        left = gaps > _TOLERANCE
        if 2 * left.sum() <= len(active) or not left.any():
            weights[:, active[~left]], intercepts[active[~left]] = work.weights[:, ~left], work.intercepts[~left]
            active, work = active[left], work.only(left)
    weights[:, active], intercepts[active] = work.weights, work.intercepts
    return weights, intercepts


@dataclass(slots=True)
class _Work:
    """The state of the labels that haven't converged: gold and dual variables (m, L), the squares' sums of each row
    under each label's scaling, weights, intercepts, squared scales."""

    gold: np.ndarray
    duals: np.ndarray
    sums: np.ndarray
    weights: np.ndarray
    intercepts: np.ndarray
    squares: np.ndarray

    @classmethod
    def begin(
        cls,
        given: Any,
        chosen: np.ndarray,
        gold: np.ndarray,
        active: np.ndarray,
        terms: int,
        squares: Any,
    ) -> _Work:
        used = np.zeros((0, len(active)), np.float32) if squares is None else np.ascontiguousarray(squares[:, active])
        sums = np.zeros((0, len(active)), np.float32) if squares is None else _sums(*given, chosen, used)
        duals = np.zeros((len(chosen), len(active)), np.float32)
        weights, intercepts = np.zeros((terms, len(active)), np.float32), np.zeros(len(active))
        return cls(np.ascontiguousarray(gold[np.ix_(chosen, active)]), duals, sums, weights, intercepts, used)

    def only(self, left: np.ndarray) -> _Work:
        """The state of some of the labels."""
        kept = (np.ascontiguousarray(array[..., left]) for array in self.arrays())
        return _Work(*kept)

    def arrays(self) -> tuple[np.ndarray, ...]:
        return self.gold, self.duals, self.sums, self.weights, self.intercepts, self.squares


@compiled
def _walk(
    indptr: Any, indices: Any, values: Any, idf: Any, scales: Any, chosen: Any, order: Any,
    gold: Any, duals: Any, sums: Any, weights: Any, intercepts: Any, squares: Any, diagonals: Any,
) -> Any:  # fmt: skip
    """One step of every label at every document; each label's gap between the largest and the smallest projected
    gradient (L,)."""
    labels = len(intercepts)
    scaled = len(squares) > 0
    high, low = np.full(labels, -np.inf), np.full(labels, np.inf)
    margins, steps = np.empty(labels, np.float32), np.empty(labels, np.float32)
    changed = np.empty(labels, np.int64)
    for place in order:
        row = chosen[place]
        begin, end = indptr[row], indptr[row + 1]
        scale, diagonal = scales[row], diagonals[place]
        for label in range(labels):
            margins[label] = intercepts[label]
        for at in range(begin, end):
            value, term = np.float32(values[at] * idf[indices[at]] * scale), indices[at]
            for label in range(labels):
                margins[label] += value * weights[term, label]
        length = (1.0 if scale > 0 else 0.0) + 1.0 + diagonal
        count = 0
        for label in range(labels):
            sign = 1.0 if gold[place, label] else -1.0
            dual = np.float64(duals[place, label])
            gradient = sign * margins[label] - 1.0 + diagonal * dual
            projected = min(gradient, 0.0) if dual == 0 else gradient
            high[label], low[label] = max(high[label], projected), min(low[label], projected)
            if abs(projected) > _IGNORED:
                if scaled:
                    length = sums[place, label] + 1.0 + diagonal
                new = np.float32(max(dual - gradient / length, 0.0))
                steps[label] = np.float32((new - duals[place, label]) * sign)
                duals[place, label] = new
                intercepts[label] += steps[label]
                changed[count] = label
                count += 1
        if count == 0:
            continue
        for at in range(begin, end):
            value, term = np.float32(values[at] * idf[indices[at]] * scale), indices[at]
            for number in range(count):
                label = changed[number]
                step = steps[label] * value
                weights[term, label] += step * squares[term, label] if scaled else step
    return high - low


@compiled
def _scores(
    indptr: Any, indices: Any, values: Any, idf: Any, scales: Any, among: Any, weights: Any, intercepts: Any
) -> Any:
    labels = len(intercepts)
    scores = np.empty((len(among), labels), np.float32)
    for place in range(len(among)):
        row = among[place]
        for label in range(labels):
            scores[place, label] = intercepts[label]
        for at in range(indptr[row], indptr[row + 1]):
            value, term = np.float32(values[at] * idf[indices[at]] * scales[row]), indices[at]
            for label in range(labels):
                scores[place, label] += value * weights[term, label]
    return scores


@compiled
def _sums(indptr: Any, indices: Any, values: Any, idf: Any, scales: Any, chosen: Any, squares: Any) -> Any:
    """The squared length of each chosen row under each label's scaling (m, L), float32."""
    labels = squares.shape[1]
    sums = np.zeros((len(chosen), labels), np.float32)
    for place in range(len(chosen)):
        row = chosen[place]
        for at in range(indptr[row], indptr[row + 1]):
            value, term = np.float32(values[at] * idf[indices[at]] * scales[row]), indices[at]
            for label in range(labels):
                sums[place, label] += value * value * squares[term, label]
    return sums


@compiled
def _label_sums(indptr: Any, indices: Any, values: Any, idf: Any, scales: Any, chosen: Any, gold: Any) -> Any:
    inside, every = np.zeros((len(idf), gold.shape[1]), np.float32), np.zeros(len(idf), np.float64)
    held = np.empty(gold.shape[1], np.int64)
    for row in chosen:
        count = 0
        for label in range(gold.shape[1]):
            if gold[row, label]:
                held[count] = label
                count += 1
        for at in range(indptr[row], indptr[row + 1]):
            value, term = np.float32(values[at] * idf[indices[at]] * scales[row]), indices[at]
            every[term] += value
            for number in range(count):
                inside[term, held[number]] += value
    return inside, every


@compiled
def _frequency(indptr: Any, indices: Any, chosen: Any, terms: int) -> Any:
    found = np.zeros(terms, np.int64)
    for row in chosen:
        for at in range(indptr[row], indptr[row + 1]):
            found[indices[at]] += 1
    return found


@compiled
def _scales(indptr: Any, indices: Any, values: Any, idf: Any) -> Any:
    found = np.zeros(len(indptr) - 1, np.float32)
    for row in range(len(found)):
        total = 0.0
        for at in range(indptr[row], indptr[row + 1]):
            value = np.float64(values[at]) * idf[indices[at]]
            total += value * value
        if total > 0:
            found[row] = 1.0 / np.sqrt(total)
    return found
