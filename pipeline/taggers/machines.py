"""Linear support-vector machines, one a label, fitted fold by fold in processes."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from joblib import Parallel, delayed
from scipy.sparse import csr_matrix, diags_array
from sklearn.exceptions import ConvergenceWarning
from sklearn.svm import LinearSVC

from pipeline.features.terms import CSR, TermFeatures, weigh

_ABSENT, _ALWAYS = -1.0, 1.0
_TOLERANCE = 0.01
_MAX_ITERATIONS = 2000
_RATIO_CLIP = 6.0

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Machines:
    """What the machines learn from: counted documents (n, terms) and their labels, boolean (n, L).

    A label's machine is the mean of a plain one and, weighing `ratio_share`, one on terms scaled by log-count ratios;
    both are linear in the terms, so they are one weight vector.
    """

    features: TermFeatures
    counts: csr_matrix
    gold: np.ndarray
    penalty: float
    ratio_share: float
    seed: int

    def cross_fit(self, folds: np.ndarray, jobs: int, say: Say) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Out-of-fold scores (n, L), then weights (terms, L) and intercepts (L,) learned from all documents.

        Each fold is a process's work: liblinear's random state belongs to the process, so that threads would share it
        and the result would depend on `jobs`.
        """
        number = int(folds.max()) + 1
        held_out = [np.flatnonzero(folds == fold) for fold in range(number)]
        everything = np.arange(len(folds))
        given = [np.flatnonzero(folds != fold) for fold in range(number)] + [everything]
        parallel = Parallel(n_jobs=min(jobs, len(given)), return_as="generator")
        fits = parallel(delayed(self.fit)(part) for part in given)
        scores = np.empty(self.gold.shape)
        for fold, (weights, intercepts) in enumerate(fits):
            say(f"{fold + 1} of {len(given)} fits")
            if fold == number:
                return scores, weights, intercepts
            rows = self._rows(held_out[fold], self._idf(given[fold]))
            scores[held_out[fold]] = rows @ weights + intercepts
        raise AssertionError("the last fit is the one on all documents")

    def fit(self, given: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Weights (terms, L), float32, and intercepts (L,) learned from the documents `given`."""
        rows, gold = self._rows(given, self._idf(given)), self.gold[given]
        weights = np.zeros((rows.shape[1], gold.shape[1]), dtype=np.float32)
        intercepts = np.where(gold.all(axis=0), _ALWAYS, _ABSENT)
        for column in np.flatnonzero(gold.any(axis=0) & ~gold.all(axis=0)):
            weights[:, column], intercepts[column] = self._machine(rows, gold[:, column])
        return weights, intercepts

    def _machine(self, rows: csr_matrix, holds: np.ndarray) -> tuple[np.ndarray, float]:
        weights, intercept = self._svm(rows, holds)
        share = self.ratio_share
        if share:
            scale = log_count_ratios(rows, holds)
            scaled, second = self._svm(csr_matrix(rows @ diags_array(scale)), holds)
            weights, intercept = weights + share * scale * scaled, intercept + share * second
        return weights / (1 + share), intercept / (1 + share)

    def _svm(self, rows: csr_matrix, holds: np.ndarray) -> tuple[np.ndarray, float]:
        machine = LinearSVC(C=self.penalty, tol=_TOLERANCE, max_iter=_MAX_ITERATIONS, random_state=self.seed)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            machine.fit(rows, holds)
        return machine.coef_[0], float(machine.intercept_[0])

    def _idf(self, given: np.ndarray) -> np.ndarray:
        return self.features.rarity(self.counts[given].indices, len(given))

    def _rows(self, chosen: np.ndarray, idf: np.ndarray) -> csr_matrix:
        part = self.counts[chosen]
        return sparse(weigh((part.indptr, part.indices, part.data), idf), part.shape[1])


def log_count_ratios(rows: csr_matrix, holds: np.ndarray) -> np.ndarray:
    """How much each term (terms,) tells about a label, scaled to a mean square of 1.

    The size of the log of the term's smoothed rates with the label over those without (NB-SVM, Wang and Manning 2012).
    """
    inside = rows.T @ holds.astype(np.float64)
    outside = rows.T @ (~holds).astype(np.float64)
    share = holds.mean()
    ratios = np.log((inside + share) / holds.sum()) - np.log((outside + 1) / (~holds).sum())
    sizes = np.abs(np.clip(ratios, -_RATIO_CLIP, _RATIO_CLIP))
    return np.asarray(sizes / (np.sqrt(np.mean(sizes**2)) or 1.0))


def sparse(rows: CSR, columns: int) -> csr_matrix:
    """Rows of the given number of columns as a matrix in float64."""
    indptr, indices, values = rows
    return csr_matrix((values.astype(np.float64), indices, indptr), shape=(len(indptr) - 1, columns))
