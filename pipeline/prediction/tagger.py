"""What the predictor needs of a task's model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from pipeline.features.texts import Document, Documents, Text
from pipeline.prediction.labels import Label, Labels
from pipeline.prediction.reasons import Reasons
from pipeline.prediction.tags import Prediction

if TYPE_CHECKING:
    from pipeline.prediction.topic_tagger import LinearTagger


class Tagger(Protocol):
    """A task's model: everything that tagging, explaining and reporting ask of it."""

    @property
    def labels(self) -> tuple[str, ...]: ...

    @property
    def thresholds(self) -> np.ndarray: ...

    def probabilities(self, docs: Documents) -> np.ndarray: ...

    def decide(self, probabilities: np.ndarray) -> np.ndarray: ...

    def publishable(self, probabilities: np.ndarray) -> np.ndarray: ...

    @property
    def whole_text(self) -> LinearTagger | None:
        """The model of whole texts that it is, or has in it; None when it goes by names alone."""

    def reasons(self, doc: Document, label: str) -> Reasons:
        """What the label's raw score is made of. Raises KeyError for a label that the tagger doesn't know."""

    def learned_names(self) -> dict[str, list[str]]:
        """For each label the names that count for it, the strongest first."""

    def state(self) -> dict[str, Any]:
        """All that makes the tagger again, as numpy arrays and builtin types."""


class Taggers(Protocol):
    """What explaining needs of a predictor."""

    taggers: dict[str, Tagger]
    labels: Labels

    def document(self, item: Text) -> Document: ...

    def predict_document(self, doc: Document) -> tuple[Prediction, dict[str, np.ndarray]]: ...

    def decisions(self, probabilities: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]: ...

    def label(self, task: str, key: str) -> Label: ...

    def label_name(self, task: str, label: str) -> str: ...

    def parent(self, topic: str) -> str: ...


def whole_text_of(taggers: Iterable[Tagger]) -> LinearTagger | None:
    """The first model of whole texts among some taggers; None when all go by names alone."""
    return next(filter(None, (tagger.whole_text for tagger in taggers)), None)
