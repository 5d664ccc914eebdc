"""Cross-validation: the scores of each fold, from what was said of documents that a model had not seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from pipeline.evaluation.metrics import Judged, metrics
from pipeline.evaluation.results import OutOfFold

if TYPE_CHECKING:
    from pipeline.prediction.predictor import Predictor

_PART = 10_000  # groups whose labels are looked at together
_KEPT = ("documents", "micro_f1", "macro_f1", "samples_f1", "lrap")


def fold_scores(predictor: Predictor, task: str, given: OutOfFold) -> list[dict[str, float]]:
    """The metrics of each fold, of the articles of the kind that will be tagged, decided as the predictor decides: its
    thresholds were set on all folds together."""
    decided = predictor.decisions({task: given.probabilities})[task]
    judged = Judged(tuple(predictor.taggers[task].labels), given.gold, decided, given.probabilities)
    scores = [metrics(judged.rows(given.judged & (given.folds == fold))) for fold in np.unique(given.folds)]
    return [{name: found[name] for name in _KEPT if name in found} for found in scores]


def assign_folds(gold: np.ndarray, groups: Sequence[int] | None, folds: int, seed: int) -> np.ndarray:
    """A fold number (n,) for each document: groups stay whole, and each label is spread evenly, the rarest first.

    Iterative stratification (Sechidis et al. 2011) over groups. There are fewer folds if there are fewer groups.
    """
    names, group_of = np.unique(np.arange(len(gold)) if groups is None else np.asarray(groups), return_inverse=True)
    folds = min(folds, len(names))
    sizes = np.bincount(group_of)
    held = np.zeros((len(names), gold.shape[1]), np.min_scalar_type(int(sizes.max(initial=0))))
    np.add.at(held, group_of, gold)
    rarest, rarity = _rarest(held, np.where(gold.any(axis=0), gold.sum(axis=0), len(gold) + 1), len(gold) + 1)
    shuffled = np.random.default_rng(seed).permutation(len(names))
    order = shuffled[np.argsort(rarity[shuffled], kind="stable")]
    fold_of = np.zeros(len(names), dtype=np.int64)
    per_label, per_fold = np.zeros((folds, gold.shape[1])), np.zeros(folds)
    for group in order:
        fold = np.lexsort((per_fold, per_label[:, rarest[group]]))[0]
        fold_of[group] = fold
        per_label[fold] += held[group]
        per_fold[fold] += sizes[group]
    return np.asarray(fold_of[group_of])


def _rarest(held: np.ndarray, totals: np.ndarray, most: int) -> tuple[np.ndarray, np.ndarray]:
    """Of each group that holds so many documents of a label (groups, L): its rarest label, and in how many documents
    that label stands; the first label and `most` without one."""
    rarest, rarity = np.zeros(len(held), np.int64), np.full(len(held), most)
    for start in range(0, len(held), _PART):
        part = slice(start, start + _PART)
        counts = np.where(held[part] > 0, totals, most)
        rarest[part], rarity[part] = counts.argmin(axis=1), counts.min(axis=1)
    return rarest, rarity
