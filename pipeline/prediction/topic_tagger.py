"""The linear tagger as it runs: one sparse row times one weight matrix, needing numpy alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from pipeline.features.terms import CSR, TermFeatures
from pipeline.features.texts import Articles, Document, Documents
from pipeline.prediction import probabilities as cuts
from pipeline.prediction.probabilities import NO_LINK, linked, sigmoid
from pipeline.prediction.reasons import Reasons

if TYPE_CHECKING:
    from pipeline.features.compiled.batch import Batch

_PART = 10_000  # documents whose scores become probabilities at a time: bounds what is made on the way


@dataclass(slots=True)
class LinearTagger:
    """One task's fitted model; it is never changed by use, so threads can share it.

    `weights` (terms, L), in half precision once they come from a file, and `intercepts` (L,) make raw scores, `curves`
    (L, 2) and the `link` (k, 2) make them probabilities, `thresholds` and `publish` (L,) are on the probability scale,
    `decision` says how many labels a document gets, `floor` how probable a label must be that is given because it is
    the most probable one.
    """

    labels: tuple[str, ...]
    features: TermFeatures
    weights: np.ndarray
    intercepts: np.ndarray
    curves: np.ndarray
    thresholds: np.ndarray
    publish: np.ndarray
    decision: str = cuts.ANY
    link: np.ndarray = field(default_factory=NO_LINK.copy)
    floor: float = 0.0
    _wide: np.ndarray | None = field(init=False, repr=False, default=None)

    def raw_scores(self, docs: Documents) -> np.ndarray:
        """Scores (n, L), in float64: above 0 the support-vector machine says yes."""
        return docs.read_by(self)

    def of_articles(self, docs: Articles) -> np.ndarray:
        """Raw scores of a few articles."""
        return self.scores_of(self.features.transform(docs))

    def of_batch(self, docs: Batch) -> np.ndarray:
        """Raw scores of a batch, by compiled functions."""
        from pipeline.prediction.batch_products import rows_times

        if self._wide is None:
            self._wide = self.weights.astype(np.float32, copy=False)
        return rows_times(self.features.transform(docs), self._wide, self.intercepts)

    def scores_of(self, rows: CSR) -> np.ndarray:
        """Scores (n, L) of rows made by `features`; a row's score doesn't depend on the rows beside it."""
        indptr, indices, values = rows
        scores = np.empty((len(indptr) - 1, len(self.labels)))
        for row in range(len(scores)):
            part = slice(indptr[row], indptr[row + 1])
            scores[row] = values[part].astype(np.float64) @ self.weights[indices[part]].astype(np.float64)
        return np.asarray(scores + self.intercepts)

    def probabilities(self, docs: Documents) -> np.ndarray:
        """Calibrated probabilities (n, L)."""
        return self.calibrate(self.raw_scores(docs))

    def calibrate(self, scores: np.ndarray) -> np.ndarray:
        """Probabilities of raw scores, both (n, L)."""
        found = np.empty(scores.shape)
        for start in range(0, len(scores), _PART):
            part = slice(start, start + _PART)
            found[part] = sigmoid(linked(scores[part] * self.curves[:, 0] + self.curves[:, 1], self.link))
        return found

    def decide(self, probabilities: np.ndarray) -> np.ndarray:
        """Which labels each document gets, boolean (n, L)."""
        return cuts.decide(probabilities, self.thresholds, self.decision, self.floor)

    def publishable(self, probabilities: np.ndarray) -> np.ndarray:
        """Which labels are sure enough to publish unseen, boolean (n, L)."""
        return np.asarray(probabilities >= self.publish)

    def explain(self, doc: Document, label: str) -> tuple[list[tuple[str, float]], float]:
        """The label's intercept and each term's contribution, largest first: together they sum to the raw score.

        Raises KeyError for a label that the tagger doesn't know.
        """
        if label not in self.labels:
            raise KeyError(label)
        column = self.labels.index(label)
        _, indices, values = self.features.transform(Articles([doc]))
        parts = values.astype(np.float64) * self.weights[indices, column].astype(np.float64)
        named = [(self.features.terms[index], float(part)) for index, part in zip(indices, parts, strict=True)]
        return sorted(named, key=lambda item: (-abs(item[1]), item[0])), float(self.intercepts[column])

    @property
    def whole_text(self) -> LinearTagger:
        """The model of whole texts: the tagger itself."""
        return self

    def reasons(self, doc: Document, label: str) -> Reasons:
        """Each term's share of the label's raw score. Raises KeyError for a label that the tagger doesn't know."""
        terms, intercept = self.explain(doc, label)
        return Reasons(intercept, tuple(terms))

    def learned_names(self) -> dict[str, list[str]]:
        """None: all words count alike."""
        return {}

    def state(self) -> dict[str, Any]:
        """All that `from_state` needs, as numpy arrays and builtin types."""
        return {
            "labels": list(self.labels),
            "features": self.features.state(),
            "weights": self.weights.astype(np.float16),
            "intercepts": self.intercepts,
            "curves": self.curves,
            "thresholds": self.thresholds,
            "publish": self.publish,
            "decision": self.decision,
            "link": self.link,
            "floor": self.floor,
        }

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """The tagger that `state` was taken from."""
        arrays = {name: state[name].astype(np.float64) for name in ("intercepts", "curves", "thresholds", "publish")}
        arrays["link"] = state.get("link", NO_LINK)  # format 1 had none
        arrays["weights"] = state["weights"]
        features, floor = _features(state["features"]), state.get("floor", 0.0)  # format 2 had none
        return cls(tuple(state["labels"]), features, decision=state["decision"], floor=floor, **arrays)


def _features(state: dict[str, Any]) -> TermFeatures:
    """The terms that a state was taken from, in their language."""
    if "language" not in state:
        return TermFeatures.from_state(state)
    from pipeline.features.language.terms import LanguageTerms

    return LanguageTerms.from_state(state)
