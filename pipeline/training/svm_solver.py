"""Linear support-vector machines of many labels at once, by dual coordinate descent over shared sparse rows.

Hsieh et al. (2008), A dual coordinate descent method for large-scale linear SVM: the squared hinge loss, liblinear's
problem and stopping rule. One walk through the documents serves all labels: a document's terms are looked up once and
every label's margin comes from consecutive memory; labels that have converged drop out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from pipeline.features.compiled.dense_rows import widened, zeros
from pipeline.training import svm_loops as loops

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

    @classmethod
    def none(cls) -> Rows:
        """No documents."""
        return cls(np.zeros(1, np.int64), np.zeros(0, np.int32), np.zeros(0, np.float32))

    @classmethod
    def joined(cls, parts: list[Rows]) -> Rows:
        """The documents of all parts, each of which is given up once it is copied."""
        ends = np.concatenate([np.zeros(1, np.int64), *(np.diff(part.indptr) for part in parts)]).cumsum()
        indices, values = np.empty(ends[-1], np.int32), np.empty(ends[-1], np.float32)
        end = int(ends[-1])
        while parts:
            part = parts.pop()
            begin = end - len(part.indices)
            indices[begin:end], values[begin:end] = part.indices, part.values
            end = begin
        return cls(ends, indices, values)

    def frequency(self, chosen: np.ndarray, terms: int) -> np.ndarray:
        """How many of the chosen documents each term (terms,) occurs in."""
        found = np.zeros(terms, np.int64)
        loops.frequency(self.indptr, self.indices, chosen, found)
        return found

    def scales(self, idf: np.ndarray) -> np.ndarray:
        """What each row (n,) is multiplied by to have length 1; 0 for a row of zeros."""
        found = np.zeros(len(self), np.float32)
        loops.row_scales(self.indptr, self.indices, self.values, idf, found)
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
        wide = widened(weights), widened(intercepts[None])[0]
        found = np.empty((len(among), len(wide[1])), np.float32)
        loops.score(*given, *wide, found, loops.room_for_rows(rows.indptr))
        return found[:, : len(intercepts)]

    def label_sums(self) -> tuple[np.ndarray, np.ndarray]:
        """The sums of the chosen rows with each label (terms, L) and of all (terms,), float32 and float64."""
        rows = self.rows
        given = rows.indptr, rows.indices, rows.values, self.idf, self.scales, self.chosen
        labels = self.gold.shape[1]
        inside, every = np.zeros((len(self.idf), labels), np.float32), np.zeros(len(self.idf))
        loops.label_sums(*given, self.gold, inside, every, np.empty(labels, np.int64))
        return inside, every


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
    work = _Work.begin(chosen, gold, active, weights.shape[0], squares)
    random = np.random.default_rng(seed)
    costs = np.ones(len(chosen)) if problem.weights is None else problem.weights[chosen]
    diagonals = 0.5 / (penalty * costs)
    for_rows = loops.room_for_rows(rows.indptr)
    for _ in range(_MOST_WALKS):
        if not len(active):
            break
        order, gaps = random.permutation(len(chosen)), (np.empty(len(active)), np.empty(len(active)))
        for_labels = loops.room_for_labels(len(active))
        loops.walk(*given, chosen, order, *work.arrays(), diagonals, *gaps, for_rows, for_labels)
        left = gaps[0] - gaps[1] > loops.TOLERANCE
        if 2 * left.sum() <= len(active) or not left.any():
            done = np.flatnonzero(~left)
            weights[:, active[done]], intercepts[active[done]] = work.weights[:, done], work.intercepts[done]
            active, work = active[left], work.only(left)
    weights[:, active], intercepts[active] = work.weights[:, : len(active)], work.intercepts
    return weights, intercepts


@dataclass(slots=True)
class _Work:
    """The state of the labels that haven't converged: gold and dual variables (m, L), weights (terms, columns),
    intercepts (L,), squared scales (terms or none, columns), in as many columns as compiled loops need."""

    gold: np.ndarray
    duals: np.ndarray
    weights: np.ndarray
    intercepts: np.ndarray
    squares: np.ndarray

    @classmethod
    def begin(cls, chosen: np.ndarray, gold: np.ndarray, active: np.ndarray, terms: int, squares: Any) -> _Work:
        used = zeros(0, len(active)) if squares is None else widened(squares[:, active])
        duals, weights = np.zeros((len(chosen), len(active)), np.float32), zeros(terms, len(active))
        return cls(np.ascontiguousarray(gold[np.ix_(chosen, active)]), duals, weights, np.zeros(len(active)), used)

    def only(self, left: np.ndarray) -> _Work:
        """The state of some of the labels."""
        kept = np.flatnonzero(left)
        gold, duals = np.ascontiguousarray(self.gold[:, kept]), np.ascontiguousarray(self.duals[:, kept])
        wide = widened(self.weights[:, kept]), self.intercepts[kept], widened(self.squares[:, kept])
        return _Work(gold, duals, *wide)

    def arrays(self) -> tuple[np.ndarray, ...]:
        return self.gold, self.duals, self.weights, self.intercepts, self.squares
