"""The quality to be expected of tags whose labels nobody knows, from their calibrated probabilities."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_ROUNDS = 200


@dataclass(frozen=True, slots=True)
class Expected:
    """Expected precision, recall and F1 of one task's or one label's tags; `low` and `high` enclose the F1 (95 %)."""

    tags: int
    precision: float
    recall: float
    f1: float
    low: float
    high: float


def expected_quality(probabilities: np.ndarray, given: np.ndarray, seed: int = 0) -> Expected:
    """Micro-averaged over all labels of `probabilities` and `given`, both (n, L).

    A tag of probability p is right p times, and a label that was not given is missed as often as its probability says
    (Lipton et al. 2014; as a monitor of models without labels: NannyML's confidence-based performance estimation). It
    holds as far as the probabilities do: a model is too sure of articles of another kind. The interval is over
    documents drawn with replacement, with labels drawn by their probabilities.
    """
    right, due, tags = (part.sum(axis=1) for part in (probabilities * given, probabilities, given))
    doubt = np.stack([(part * (1 - probabilities)).sum(axis=1) for part in (probabilities * given, probabilities)])
    count = len(given)
    random = np.random.default_rng(seed)
    draws = random.multinomial(count, np.full(count, 1 / max(1, count)), size=_ROUNDS) if count else np.zeros((1, 0))
    noise = random.normal(size=(2, len(draws)))
    drawn_right = draws @ right + noise[0] * np.sqrt(draws @ doubt[0])
    missed = draws @ (due - right) + noise[1] * np.sqrt(np.maximum(draws @ (doubt[1] - doubt[0]), 0))
    scores = 2 * drawn_right / np.maximum(1e-9, draws @ tags + drawn_right + missed)
    low, high = np.percentile(np.clip(scores, 0, 1), (2.5, 97.5)).tolist()
    precision = float(right.sum() / max(1e-9, tags.sum()))
    recall = float(right.sum() / max(1e-9, due.sum()))
    f1 = float(2 * right.sum() / max(1e-9, tags.sum() + due.sum()))
    return Expected(int(tags.sum()), precision, recall, f1, low, high)


def expected_by_label(
    labels: tuple[str, ...], probabilities: np.ndarray, given: np.ndarray, least: int = 1
) -> dict[str, Expected]:
    """The same for each label that at least so many documents were given, the most frequent first."""
    counts = given.sum(axis=0)
    order = [int(column) for column in np.argsort(-counts, kind="stable") if counts[column] >= least]
    return {
        labels[column]: expected_quality(probabilities[:, column, None], given[:, column, None]) for column in order
    }
