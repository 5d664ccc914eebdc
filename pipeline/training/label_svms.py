"""Linear support-vector machines of many labels, fitted fold by fold beside each other over shared rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.common import cache
from pipeline.common.parallel import each
from pipeline.features.compiled.kept import sources_hash
from pipeline.features.terms import TermFeatures
from pipeline.training.examples import Say
from pipeline.training.svm_solver import Problem, Rows, solve

_ABSENT, _ALWAYS = -1.0, 1.0
_RATIO_CLIP = 6.0


@dataclass(frozen=True, slots=True)
class Machines:
    """What the machines learn from: documents as rows of log counts, their labels, boolean (n, L), and weights (n,).

    A label's machine is the mean of a plain one and, weighing `ratio_share`, one on terms scaled by log-count ratios;
    both are linear in the terms, so they are one weight vector.
    """

    features: TermFeatures
    rows: Rows
    gold: np.ndarray
    penalty: float
    ratio_share: float
    seed: int
    weights: np.ndarray | None = None

    def cross_fit(self, folds: np.ndarray, jobs: int, say: Say) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Out-of-fold scores (n, L), then weights (terms, L) and intercepts (L,) learned from all documents.

        Each fold is a thread's work: compiled code runs beside other threads and shares the rows with them. A cache in
        use keeps the result.
        """
        key: list[cache.Part] = [
            sources_hash(__name__),
            self.rows.indptr,
            self.rows.indices,
            self.rows.values,
            self.gold,
            folds,
        ]
        key += [self.penalty, self.ratio_share, self.seed, self.features.min_documents]
        key += [] if self.weights is None else [self.weights]
        found = cache.arrays("fits", key, lambda: self._cross_fit(folds, jobs, say))
        return found["scores"], found["weights"], found["intercepts"]

    def _cross_fit(self, folds: np.ndarray, jobs: int, say: Say) -> cache.Arrays:
        number = int(folds.max()) + 1
        held_out = [np.flatnonzero(folds == fold) for fold in range(number)]
        everything, none = np.arange(len(folds)), np.zeros(0, np.int64)
        tasks = [(np.flatnonzero(folds != fold), held_out[fold]) for fold in range(number)] + [(everything, none)]
        fits = each(Machines.fit, tasks, min(jobs, len(tasks)), shared=(self,), threads=True)
        scores = np.empty(self.gold.shape, np.float32)
        for fold, (weights, intercepts, judged) in enumerate(fits):
            say("fits", fold + 1, len(tasks))
            if fold == number:
                return {"scores": scores, "weights": weights, "intercepts": intercepts}
            scores[held_out[fold]] = judged
        raise AssertionError("the last fit is the one on all documents")

    def fit(self, given: np.ndarray, judged: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Weights (terms, L), float32, and intercepts (L,) learned from the documents `given`, and the scores
        (len(judged), L) of the documents `judged`; all weights are zeros if there is none."""
        idf = self.features.rarity(self.rows.frequency(given, len(self.features.terms)), len(given))
        problem = Problem(self.rows, idf, self.rows.scales(idf), given, self.gold, self.weights)
        weights, intercepts = self._both(problem)
        counts = self.gold[given].sum(axis=0)
        intercepts[counts == 0], intercepts[counts == len(given)] = _ABSENT, _ALWAYS
        scores = problem.scores(judged, weights, intercepts)
        return weights if not len(judged) else weights[:0], intercepts, scores

    def _both(self, problem: Problem) -> tuple[np.ndarray, np.ndarray]:
        weights, intercepts = solve(problem, self.penalty, self.seed)
        share = self.ratio_share
        if share:
            scaled, second = solve(problem, self.penalty, self.seed, squared_log_count_ratios(problem))
            scaled *= share
            weights += scaled
            intercepts += share * second
        weights /= 1 + share
        return weights, intercepts / (1 + share)


def squared_log_count_ratios(problem: Problem) -> np.ndarray:
    """The square of how much each term tells about each label (terms, L), float32, scaled to a mean of 1 a label.

    The size of the log of the term's smoothed rates with the label over those without (NB-SVM, Wang and Manning 2012).
    """
    inside, every = problem.label_sums()
    count = len(problem.chosen)
    for label in range(inside.shape[1]):
        held = int(problem.gold[problem.chosen, label].sum())
        if 0 < held < count:
            within = inside[:, label].astype(np.float64)
            ratios = np.log((within + held / count) / held) - np.log((every - within + 1) / (count - held))
            squares = np.clip(ratios, -_RATIO_CLIP, _RATIO_CLIP) ** 2
            inside[:, label] = squares / (squares.mean() or 1.0)
    return inside
