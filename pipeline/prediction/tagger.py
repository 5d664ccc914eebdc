"""What the predictor needs of a task's model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np

from pipeline.features.texts import Document, Documents
from pipeline.prediction.tags import Prediction


class Tagger(Protocol):
    """What the predictor needs of a task's model."""

    @property
    def labels(self) -> tuple[str, ...]: ...

    @property
    def thresholds(self) -> np.ndarray: ...

    def probabilities(self, docs: Documents) -> np.ndarray: ...

    def decide(self, probabilities: np.ndarray) -> np.ndarray: ...

    def publishable(self, probabilities: np.ndarray) -> np.ndarray: ...


class Taggers(Protocol):
    """What explaining needs of a predictor."""

    taggers: dict[str, Tagger]
    taxonomy: dict[str, Any]

    def predict_document(self, doc: Document) -> tuple[Prediction, dict[str, np.ndarray]]: ...

    def decisions(self, probabilities: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]: ...

    def label_name(self, task: str, label: str) -> str: ...

    def parent(self, topic: str) -> str: ...
