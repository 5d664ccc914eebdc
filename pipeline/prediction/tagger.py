"""What the predictor needs of a task's model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from pipeline.features.texts import Document
from pipeline.prediction.tags import Prediction

if TYPE_CHECKING:
    from pipeline.features.compiled.batch import Batch


class Tagger(Protocol):
    """What the predictor needs of a task's model."""

    @property
    def labels(self) -> tuple[str, ...]: ...

    @property
    def thresholds(self) -> np.ndarray: ...

    def probabilities(self, docs: Sequence[Document] | Batch) -> np.ndarray: ...

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
