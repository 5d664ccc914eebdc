"""Which unlabelled articles would teach most: unsure labels, rare labels first, no two articles alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pipeline.common.errors import DataError
from pipeline.features.texts import Articles, Text
from pipeline.prediction.predictor import Predictor
from pipeline.prediction.probabilities import logit
from pipeline.prediction.tagger import whole_text_of

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

_CONSIDERED = 40  # articles looked at closely for each one asked for


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An article worth labelling: its position in the input, tags predicted by task, and the labels it would teach."""

    position: int
    predicted: dict[str, tuple[str, ...]]
    unsure: tuple[str, ...]
    gain: float


def suggest(
    predictor: Predictor,
    texts: Sequence[Text],
    most: int,
    support: Mapping[str, np.ndarray] | None = None,
    stated: Mapping[str, np.ndarray] | None = None,
) -> list[Suggestion]:
    """The `most` articles worth labelling, the most worthwhile first.

    `support` has each task's number of training articles per label, in the order of its tagger; without it, the number
    that the texts are expected to hold stands in. `stated` are the texts' probabilities where they are known.
    Raises DataError when there is nothing to choose from.
    """
    if not texts:
        raise DataError("no article to choose from")
    if stated is None:
        stated = predictor.probabilities(texts)
    unsure, known = [], []
    for task, tagger in predictor.taggers.items():
        unsure.append(uncertainty(stated[task], tagger.thresholds))
        counted = support.get(task) if support else None
        known.append(stated[task].sum(axis=0) if counted is None else counted)
    doubts = np.hstack(unsure)
    counts = np.concatenate(known)
    rows = considered(doubts, counts, most)
    vectors = _vectors(predictor, [texts[row] for row in rows])
    chosen = [(int(rows[row]), gain) for row, gain in choose(doubts[rows], counts, vectors, most)]
    given = predictor.decisions({task: scores[[row for row, _ in chosen]] for task, scores in stated.items()})
    labels = [label for tagger in predictor.taggers.values() for label in tagger.labels]
    found = []
    for number, (row, gain) in enumerate(chosen):
        predicted = {
            task: tuple(tagger.labels[column] for column in np.flatnonzero(given[task][number]))
            for task, tagger in predictor.taggers.items()
        }
        best = [column for column in np.argsort(-doubts[row], kind="stable")[:5] if doubts[row, column] > 0.5]
        found.append(Suggestion(row, predicted, tuple(labels[column] for column in best), gain))
    return found


def uncertainty(stated: np.ndarray, thresholds: np.ndarray) -> np.ndarray:
    """How unsure each decision is (n, L): 1 at the threshold, near 0 far from it, on the scale of log-odds."""
    distance = logit(stated) - logit(thresholds)
    return np.asarray(1 / np.cosh(distance / 2) ** 2)


def considered(doubts: np.ndarray, support: np.ndarray, most: int) -> np.ndarray:
    """The rows of `doubts` among which `most` are chosen, the most doubtful first."""
    return np.argsort(-(doubts / np.sqrt(1.0 + support)).sum(axis=1), kind="stable")[: max(_CONSIDERED * most, 2000)]


def choose(doubts: np.ndarray, support: np.ndarray, vectors: csr_matrix | None, most: int) -> list[tuple[int, float]]:
    """Rows of `doubts` (n, L), with their gains: each next one adds most to what is known, one after another.

    What is known of a label grows as log(1 + s) with the s articles seen of it, training articles (`support`, (L,))
    and the doubts of the articles chosen alike, so that rare labels count most and each doubt is asked about a few
    times only: a greedy choice over a submodular function (Nemhauser, Wolsey and Fisher 1978; Wei, Iyer and Bilmes 2015
    for active learning). An article's gain shrinks by its likeness to those chosen; `vectors` (n, terms) have length 1.
    """
    seen = 1.0 + support.astype(np.float64)
    rows = considered(doubts, support, most)
    part = doubts[rows]
    near = vectors[rows] if vectors is not None else None
    alike, left = np.zeros(len(part)), np.ones(len(part), bool)
    chosen = []
    for _ in range(min(most, len(part))):
        gains = np.where(left, (np.sqrt(seen + part) - np.sqrt(seen)).sum(axis=1) * (1 - alike), -1.0)
        best = int(gains.argmax())
        chosen.append((int(rows[best]), float(gains[best])))
        left[best] = False
        seen += part[best]
        if near is not None:
            alike = np.maximum(alike, np.asarray((near @ near[best].T).todense()).ravel().clip(0, 1))
    return chosen


def _vectors(predictor: Predictor, texts: Sequence[Text]) -> csr_matrix | None:
    """Texts as rows of terms, where there is a tagger that knows terms."""
    from scipy.sparse import csr_matrix

    model = whole_text_of(predictor.taggers.values())
    if model is None:
        return None
    indptr, indices, values = model.features.transform(Articles(map(predictor.document, texts)))
    return csr_matrix((values, indices, indptr), shape=(len(texts), len(model.features.terms)))
