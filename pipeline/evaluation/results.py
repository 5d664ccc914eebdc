"""Records of what a training found: a task's figures, the out-of-fold scores, the whole training."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.common.config import Config
from pipeline.evaluation.metrics import Judged
from pipeline.prediction.predictor import Predictor


@dataclass(slots=True)
class TaskResult:
    """One task's figures: metrics and judged documents by split, and a row a label on the test split."""

    metrics: dict[str, dict[str, Any]]
    judged: dict[str, Judged]
    labels: list[dict[str, Any]]


@dataclass(slots=True)
class Training:
    """A finished training: what was trained on what, how well, where it lies, what is to be told of a task, and which
    tasks go by a tagger that comes along."""

    config: Config
    folder: Path
    predictor: Predictor
    manifest: dict[str, Any]
    tasks: dict[str, TaskResult] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    folds: dict[str, list[dict[str, float]]] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    borrowed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class OutOfFold:
    """Gold labels and out-of-fold probabilities (documents, labels), each document's fold, and whether it is judged on:
    whether it is of the kind that will be tagged.
    """

    gold: np.ndarray
    probabilities: np.ndarray
    folds: np.ndarray
    judged: np.ndarray
