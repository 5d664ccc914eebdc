"""Training of a linear tagger: weights, out-of-fold scores, calibration, thresholds."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from joblib import Parallel, delayed
from scipy.sparse import csr_matrix
from sklearn.exceptions import ConvergenceWarning
from sklearn.svm import LinearSVC

from pipeline import thresholds as cuts
from pipeline.calibration import fit_platt
from pipeline.errors import DataError
from pipeline.features.document import Document
from pipeline.features.terms import CSR, TermFeatures, weigh
from pipeline.linear import LinearTagger
from pipeline.settings import TaggerSettings

_ABSENT, _ALWAYS = -1.0, 1.0
_TOLERANCE = 0.01
_MAX_ITERATIONS = 2000

Say = Callable[[str], None]


@dataclass(slots=True)
class FittedTagger:
    """A fitted tagger with the scores (n, L) that each training document got from models that never saw it."""

    tagger: LinearTagger
    oof_scores: np.ndarray
    oof_probabilities: np.ndarray


def fit_tagger(  # noqa: PLR0917
    docs: Sequence[Document],
    labels: Sequence[Sequence[str]],
    vocabulary: Sequence[str],
    parents: Mapping[str, str],
    settings: TaggerSettings,
    groups: Sequence[int] | None = None,
    seed: int = 0,
    jobs: int = 1,
    progress: Say | None = None,
) -> FittedTagger:
    """Fit one task's tagger on `docs` with their `labels`, of which those in `vocabulary` are learned.

    `parents` maps a label to the one it implies; implied labels are added before training. Documents of one group
    (near-duplicates) never stand on both sides of an out-of-fold split. The result depends on `seed` but not on `jobs`.
    Raises DataError when nothing can be trained.
    """
    gold = indicator(labels, vocabulary, parents)
    _check(docs, gold)
    say = progress or _silent
    say("count terms")
    features = TermFeatures(settings.title_weight, settings.lead_words, settings.min_documents)
    counts = _sparse(features.fit_count(docs), len(features.terms))
    folds = assign_folds(gold, groups, settings.folds, seed)
    if not folds.any():
        raise DataError("nothing to train on: all articles are near-duplicates of one another")
    trainer = _Trainer(features, counts, gold, settings.penalty, seed)
    oof = trainer.out_of_fold(folds, jobs, say)
    say("fit all articles")
    weights, intercepts = trainer.fit(np.arange(len(gold)), jobs)
    say("calibrate and set thresholds")
    curves = fit_platt(oof, gold, settings.calibration_strength)
    tagger = LinearTagger(tuple(vocabulary), features, weights, intercepts, curves, curves[:, 1], curves[:, 1])
    _set_thresholds(tagger, tagger.calibrate(oof), gold, settings)
    return FittedTagger(tagger, oof, tagger.calibrate(oof))


def indicator(labels: Sequence[Sequence[str]], vocabulary: Sequence[str], parents: Mapping[str, str]) -> np.ndarray:
    """Which label holds for which document, boolean (n, L), labels above the given ones included."""
    column = {label: number for number, label in enumerate(vocabulary)}
    gold = np.zeros((len(labels), len(vocabulary)), dtype=bool)
    for row, given in enumerate(labels):
        for label in given:
            above: str | None = label
            while above is not None and not (above in column and gold[row, column[above]] and above != label):
                if above in column:
                    gold[row, column[above]] = True
                above = parents.get(above) or None
    return gold


def assign_folds(gold: np.ndarray, groups: Sequence[int] | None, folds: int, seed: int) -> np.ndarray:
    """A fold number (n,) for each document: groups stay whole, and each label is spread evenly, the rarest first.

    Iterative stratification (Sechidis et al. 2011) over groups. There are fewer folds if there are fewer groups.
    """
    names, group_of = np.unique(np.arange(len(gold)) if groups is None else np.asarray(groups), return_inverse=True)
    folds = min(folds, len(names))
    held = np.zeros((len(names), gold.shape[1]), dtype=np.int64)
    np.add.at(held, group_of, gold)
    sizes = np.bincount(group_of)
    totals = np.where(gold.sum(axis=0) > 0, gold.sum(axis=0), len(gold) + 1)
    rarest = np.where(held > 0, totals, len(gold) + 2).argmin(axis=1)
    shuffled = np.random.default_rng(seed).permutation(len(names))
    order = shuffled[np.argsort(totals[rarest[shuffled]], kind="stable")]
    fold_of = np.zeros(len(names), dtype=np.int64)
    per_label, per_fold = np.zeros((folds, gold.shape[1])), np.zeros(folds)
    for group in order:
        fold = np.lexsort((per_fold, per_label[:, rarest[group]]))[0]
        fold_of[group] = fold
        per_label[fold] += held[group]
        per_fold[fold] += sizes[group]
    return np.asarray(fold_of[group_of])


@dataclass(slots=True)
class _Trainer:
    """Fits support-vector machines on subsets of the counted documents."""

    features: TermFeatures
    counts: csr_matrix
    gold: np.ndarray
    penalty: float
    seed: int

    def out_of_fold(self, folds: np.ndarray, jobs: int, say: Say) -> np.ndarray:
        """Scores (n, L) of each document from the machines of the folds that it isn't in."""
        scores = np.empty(self.gold.shape)
        number = folds.max() + 1
        for fold in range(number):
            say(f"fold {fold + 1} of {number}")
            held_out = np.flatnonzero(folds == fold)
            given = np.flatnonzero(folds != fold)
            weights, intercepts = self.fit(given, jobs)
            scores[held_out] = self._rows(held_out, self._idf(given)) @ weights + intercepts
        return scores

    def fit(self, given: np.ndarray, jobs: int) -> tuple[np.ndarray, np.ndarray]:
        """Weights (terms, L), float32, and intercepts (L,) learned from the documents `given`."""
        rows, gold = self._rows(given, self._idf(given)), self.gold[given]
        weights = np.zeros((rows.shape[1], gold.shape[1]), dtype=np.float32)
        intercepts = np.where(gold.all(axis=0), _ALWAYS, _ABSENT)
        mixed = np.flatnonzero(gold.any(axis=0) & ~gold.all(axis=0))
        # liblinear releases the interpreter lock, so threads do, and the matrix needn't be copied.
        machines = Parallel(n_jobs=jobs, prefer="threads")(delayed(self._machine)(rows, gold[:, c]) for c in mixed)
        for column, (coefficients, intercept) in zip(mixed, machines, strict=True):
            weights[:, column], intercepts[column] = coefficients, intercept
        return weights, intercepts

    def _machine(self, rows: csr_matrix, holds: np.ndarray) -> tuple[np.ndarray, float]:
        machine = LinearSVC(C=self.penalty, tol=_TOLERANCE, max_iter=_MAX_ITERATIONS, random_state=self.seed)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            machine.fit(rows, holds)
        return machine.coef_[0], float(machine.intercept_[0])

    def _idf(self, given: np.ndarray) -> np.ndarray:
        return self.features.rarity(self.counts[given].indices, len(given))

    def _rows(self, chosen: np.ndarray, idf: np.ndarray) -> csr_matrix:
        part = self.counts[chosen]
        return _sparse(weigh((part.indptr, part.indices, part.data), idf), part.shape[1], np.float64)


def _silent(_: str) -> None:
    """Stands in when nobody wants to hear of progress."""


def _sparse(rows: CSR, columns: int, dtype: type = np.float64) -> csr_matrix:
    indptr, indices, values = rows
    return csr_matrix((values.astype(dtype), indices, indptr), shape=(len(indptr) - 1, columns))


def _set_thresholds(tagger: LinearTagger, stated: np.ndarray, gold: np.ndarray, settings: TaggerSettings) -> None:
    tagger.decision = cuts.infer_decision(gold) if settings.decision == "auto" else settings.decision
    tagger.thresholds = cuts.f1_thresholds(stated, gold, settings.rare_label)
    tagger.publish = cuts.precision_thresholds(stated, gold, settings.publish_precision)


def _check(docs: Sequence[Document], gold: np.ndarray) -> None:
    if len(docs) < 2:
        raise DataError(f"nothing to train on: {len(docs)} labelled articles; give at least two")
    if len(docs) != len(gold):
        raise ValueError(f"{len(docs)} documents but {len(gold)} lists of labels")
    if not gold.any():
        raise DataError("nothing to train on: no article has a label of the vocabulary")
    if bool((gold == gold[0]).all()):
        raise DataError("nothing to train on: all articles have the same labels")
