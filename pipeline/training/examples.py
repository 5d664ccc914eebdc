"""What a task learns from, and how the work is done: the two records that every fit is given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from pipeline.common.config import PUBLISH_PRECISION
from pipeline.features.compiled.batch import Batch


class Say(Protocol):
    """Hears what a fit is at: `Stage.say`."""

    def __call__(self, note: str, done: int = 0, total: int = 0) -> None: ...


def silent(note: str, done: int = 0, total: int = 0) -> None:
    """Stands in when nobody wants to hear of progress."""


@dataclass(frozen=True, slots=True)
class Examples:
    """Documents with their labels and the group of near-duplicates that each belongs to; None puts each in its own.

    Calibration, thresholds and all else that depends on how frequent labels are come from the documents `calibrated`
    (n,), of the kind that will be tagged; None takes all. `weights` (n,) say what an error on each document costs; None
    is 1 for all.
    """

    docs: Batch
    labels: Sequence[Sequence[str]]
    groups: Sequence[int] | None = None
    calibrated: np.ndarray | None = None
    weights: np.ndarray | None = None

    def __post_init__(self) -> None:
        if len(self.docs) != len(self.labels):
            raise ValueError(f"{len(self.docs)} documents but {len(self.labels)} lists of labels")

    @property
    def judged(self) -> np.ndarray:
        """Which documents (n,) are calibrated on, boolean."""
        return np.ones(len(self.labels), bool) if self.calibrated is None else self.calibrated


@dataclass(frozen=True, slots=True)
class Run:
    """The seed, how many processes, who is told of progress, the precision that published tags must hold, and the
    articles' language."""

    seed: int = 0
    jobs: int = 1
    say: Say = silent
    precision: float = PUBLISH_PRECISION
    language: str = "en"


DEFAULT = Run()
