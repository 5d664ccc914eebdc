"""Metrics of a multi-label tagger: overall, per source and per label, with calibration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pipeline.common.label_tree import indicator
from pipeline.evaluation.reliability import expected_calibration_error

AVERAGES = ("micro", "macro", "weighted", "samples")
_PART = 10_000  # documents whose labels are ranked at a time


@dataclass(slots=True)
class Judged:
    """One task's gold labels beside what was predicted, over the same documents and labels.

    `gold` and `predicted` are boolean, `probabilities` float, all of shape (documents, labels).
    """

    labels: tuple[str, ...]
    gold: np.ndarray
    predicted: np.ndarray
    probabilities: np.ndarray

    def rows(self, chosen: np.ndarray) -> Judged:
        """The documents that `chosen` (boolean or positions) picks."""
        return Judged(self.labels, self.gold[chosen], self.predicted[chosen], self.probabilities[chosen])


def judge(
    labels: Sequence[str], gold: Sequence[Sequence[str]], predicted: np.ndarray, probabilities: np.ndarray
) -> Judged:
    """Put gold label lists beside predictions; labels that the model doesn't know are added as never predicted."""
    known = list(labels)
    known += sorted({label for given in gold for label in given} - set(known))
    missing = ((0, 0), (0, len(known) - len(labels)))
    return Judged(tuple(known), indicator(gold, known), np.pad(predicted, missing), np.pad(probabilities, missing))


def metrics(judged: Judged) -> dict[str, float]:
    """Micro, macro, weighted and samples precision, recall and F1, LRAP, subset accuracy, calibration error.

    The macro average is over the labels that the gold labels hold: the same labels for every model that is judged on
    the same documents. It is the arithmetic mean of their scores (Opitz and Burst 2019, Macro F1 and Macro F1). A
    document without gold labels and without predictions counts as 1 in the samples average (scikit-learn counts it
    as 0). No documents: no metrics.
    """
    if not len(judged.gold):
        return {"documents": 0}
    used = judged.gold.any(axis=0) | judged.predicted.any(axis=0)
    found: dict[str, float] = {"documents": len(judged.gold), "labels": int(used.sum())}
    gold, predicted = judged.gold[:, used], judged.predicted[:, used]
    for average in AVERAGES:
        scores = averaged(gold, predicted, average)
        found |= {f"{average}_{name}": value for name, value in zip(("precision", "recall", "f1"), scores, strict=True)}
    found["lrap"] = _lrap(gold, judged.probabilities[:, used])
    found["subset_accuracy"] = float((gold == predicted).all(axis=1).mean())
    found["expected_calibration_error"] = expected_calibration_error(judged.gold, judged.probabilities)
    return found


def per_label(judged: Judged, thresholds: Mapping[str, float], names: Mapping[str, str]) -> list[dict[str, Any]]:
    """One row per label that occurs: support, predicted, precision, recall, F1, threshold; most frequent first."""
    right, given, held = (part.sum(axis=0) for part in (judged.gold & judged.predicted, judged.predicted, judged.gold))
    rows = []
    for column, label in enumerate(judged.labels):
        hits, predicted, support = int(right[column]), int(given[column]), int(held[column])
        if support or predicted:
            row = {"label": label, "name": names.get(label, label), "support": support, "predicted": predicted}
            row |= {"precision": hits / max(1, predicted), "recall": hits / max(1, support)}
            rows.append({**row, "f1": 2 * hits / (predicted + support), "threshold": thresholds.get(label)})
    return sorted(rows, key=lambda row: (-row["support"], row["label"]))


def instead(judged: Judged) -> np.ndarray:
    """In how many documents each label (row) was missed and each other one (column) wrongly given, float (L, L)."""
    missed, wrong = judged.gold & ~judged.predicted, judged.predicted & ~judged.gold
    both = missed.any(axis=1) & wrong.any(axis=1)
    return np.asarray(missed[both].T.astype(np.float64) @ wrong[both].astype(np.float64))


def by_group(judged: Judged, groups: Sequence[str]) -> dict[str, dict[str, float]]:
    """The metrics of each group of documents, such as its source."""
    names = np.array(groups)
    return {str(name): metrics(judged.rows(names == name)) for name in sorted(set(groups))}


def averaged(gold: np.ndarray, predicted: np.ndarray, average: str) -> list[float]:
    """Precision, recall and F1; 0 where undefined, but a document rightly left without labels counts as 1.

    `average` is one of AVERAGES (see `metrics`); the arrays are boolean (documents, labels).
    """
    axis = {"micro": None, "samples": 1}.get(average, 0)
    sums = (np.count_nonzero(part, axis) for part in (gold & predicted, predicted, gold))
    right, given, held = (np.atleast_1d(np.asarray(count, np.float64)) for count in sums)
    weights = held if average == "weighted" else (held > 0) * 1.0 if average == "macro" else np.ones(len(held))
    scores = [_ratio(right, given), _ratio(right, held), _ratio(2 * right, given + held)]
    if average == "samples":
        scores = [np.where(given + held > 0, score, 1.0) for score in scores]
    return [float((score * weights).sum() / max(weights.sum(), 1e-12)) for score in scores]


def f1(gold: np.ndarray, predicted: np.ndarray) -> float:
    """F1 over all cells of two boolean arrays of one shape; 0 when both are empty."""
    either = gold.sum() + predicted.sum()
    return float(2 * (gold & predicted).sum() / either) if either else 0.0


def f1_at(gold: np.ndarray, scores: np.ndarray, steps: np.ndarray) -> list[float]:
    """`f1` of the cells whose scores reach each of the rising `steps`, without looking at all cells for each."""
    counted = scores >= steps[0]
    place = np.searchsorted(steps, scores[counted], side="right") - 1
    hits, given = (
        np.bincount(part, minlength=len(steps))[::-1].cumsum()[::-1] for part in (place[gold[counted]], place)
    )
    either = given + gold.sum()
    return [float(2 * right / both) if both else 0.0 for right, both in zip(hits, either, strict=True)]


def pr_curve(gold: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Precision and recall (k,) at each distinct score, falling; both arguments flat."""
    order = np.argsort(-scores)  # equal ones in any order: only where they end counts
    ranked, hits = scores[order], np.cumsum(gold[order])
    ends = np.flatnonzero(np.append(ranked[1:] < ranked[:-1], True))
    ends = ends[ranked[ends] > 0]  # what scores 0 is never given, at whatever threshold
    return hits[ends] / (ends + 1), hits[ends] / max(1, gold.sum())


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


def _lrap(gold: np.ndarray, probabilities: np.ndarray) -> float:
    labelled = gold.any(axis=1)
    if not labelled.any() or gold.shape[1] < 2:
        return float(labelled.any())
    due, stated = gold[labelled], probabilities[labelled]
    parts = [slice(start, start + _PART) for start in range(0, len(due), _PART)]
    return float(sum(_precisions(due[part], stated[part]).sum() for part in parts) / len(due))


def _precisions(gold: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Each document's (n,) mean, over its labels, of the share of true labels among those ranked as high or higher."""
    order = np.argsort(-probabilities, axis=1)
    ranked, right = np.take_along_axis(probabilities, order, axis=1), np.take_along_axis(gold, order, axis=1)
    ends = np.pad(ranked[:, 1:] < ranked[:, :-1], ((0, 0), (0, 1)), constant_values=True)
    place = np.where(ends, np.arange(gold.shape[1]), gold.shape[1])
    last = np.minimum.accumulate(place[:, ::-1], axis=1)[:, ::-1]  # of the labels that are tied
    hits = np.take_along_axis(np.cumsum(right, axis=1), last, axis=1)
    return np.asarray((right * hits / (last + 1)).sum(axis=1) / right.sum(axis=1))
