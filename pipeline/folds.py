"""Cross-validation: the scores of each fold, from what was said of documents that a model had not seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pipeline.evaluation import Judged, metrics

if TYPE_CHECKING:
    from pipeline.predictor import Predictor

_KEPT = ("documents", "micro_f1", "macro_f1", "samples_f1", "lrap")


@dataclass(frozen=True, slots=True)
class OutOfFold:
    """Gold labels and out-of-fold probabilities (documents, labels) with the fold of each document."""

    gold: np.ndarray
    probabilities: np.ndarray
    folds: np.ndarray


def fold_scores(predictor: Predictor, task: str, given: OutOfFold) -> list[dict[str, float]]:
    """The metrics of each fold, decided as the predictor decides: its thresholds were set on all folds together."""
    decided = predictor.decisions({task: given.probabilities})[task]
    judged = Judged(tuple(predictor.taggers[task].labels), given.gold, decided, given.probabilities)
    scores = [metrics(judged.rows(given.folds == fold)) for fold in np.unique(given.folds)]
    return [{name: found[name] for name in _KEPT if name in found} for found in scores]
