"""Metrics of a multi-label tagger: overall, per source and per label, with calibration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

AVERAGES = ("micro", "macro", "weighted", "samples")
_BINS = 15
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
    column = {label: number for number, label in enumerate(known)}
    truth = np.zeros((len(gold), len(known)), bool)
    for row, given in enumerate(gold):
        truth[row, [column[label] for label in given]] = True
    missing = ((0, 0), (0, len(known) - len(labels)))
    return Judged(tuple(known), truth, np.pad(predicted, missing), np.pad(probabilities, missing))


def metrics(judged: Judged) -> dict[str, float]:
    """Micro, macro, weighted and samples precision, recall and F1, LRAP, subset accuracy, calibration error.

    Macro is over the labels that occur in the gold labels or the predictions. A document without gold labels and
    without predictions counts as 1 in the samples average (scikit-learn counts it as 0). No documents: no metrics.
    """
    if not len(judged.gold):
        return {"documents": 0}
    used = judged.gold.any(axis=0) | judged.predicted.any(axis=0)
    found: dict[str, float] = {"documents": len(judged.gold), "labels": int(used.sum())}
    gold, predicted = judged.gold[:, used], judged.predicted[:, used]
    for average in AVERAGES:
        scores = _averaged(gold, predicted, average)
        found |= {f"{average}_{name}": value for name, value in zip(("precision", "recall", "f1"), scores, strict=True)}
    found["lrap"] = _lrap(gold, judged.probabilities[:, used])
    found["subset_accuracy"] = float((gold == predicted).all(axis=1).mean())
    found["expected_calibration_error"] = expected_calibration_error(judged.gold, judged.probabilities)
    return found


def per_label(judged: Judged, thresholds: Mapping[str, float], names: Mapping[str, str]) -> list[dict[str, Any]]:
    """A row a label that occurs: support, predicted, precision, recall, F1, threshold; most frequent first."""
    right, given, held = (part.sum(axis=0) for part in (judged.gold & judged.predicted, judged.predicted, judged.gold))
    rows = []
    for column, label in enumerate(judged.labels):
        hits, predicted, support = int(right[column]), int(given[column]), int(held[column])
        if support or predicted:
            row = {"label": label, "name": names.get(label, label), "support": support, "predicted": predicted}
            row |= {"precision": hits / max(1, predicted), "recall": hits / max(1, support)}
            rows.append({**row, "f1": 2 * hits / (predicted + support), "threshold": thresholds.get(label)})
    return sorted(rows, key=lambda row: (-row["support"], row["label"]))


def expected_calibration_error(gold: np.ndarray, probabilities: np.ndarray) -> float:
    """Mean distance of confidence and frequency over 15 equal-width bins, weighted by size, over all document-label
    pairs with a probability above 0.01; the many sure negatives below would hide every error.

    Guo et al. (2017), On calibration of modern neural networks.
    """
    counted = probabilities > 0.01
    if not counted.any():
        return 0.0
    scores, truth = probabilities[counted], gold[counted]
    bins = np.minimum((scores * _BINS).astype(int), _BINS - 1)
    size = np.bincount(bins, minlength=_BINS)
    gap = np.bincount(bins, scores, _BINS) - np.bincount(bins, truth, _BINS)
    return float(np.abs(gap).sum() / size.sum())


def by_group(judged: Judged, groups: Sequence[str]) -> dict[str, dict[str, float]]:
    """The metrics of each group of documents, such as its source."""
    names = np.array(groups)
    return {str(name): metrics(judged.rows(names == name)) for name in sorted(set(groups))}


def bootstrap_error(judged: Judged, seed: int = 0, rounds: int = 200) -> dict[str, float]:
    """Standard errors of micro- and macro-F1 over resampled documents.

    Efron and Tibshirani (1993), An introduction to the bootstrap.
    """
    random = np.random.default_rng(seed)
    count = len(judged.gold)
    draws = random.multinomial(count, np.full(count, 1 / count), size=rounds).astype(np.float64)
    both = draws @ (judged.gold & judged.predicted)
    either = draws @ (judged.gold.astype(float) + judged.predicted)
    micro = 2 * both.sum(axis=1) / np.maximum(1, either.sum(axis=1))
    macro = (2 * both / np.maximum(1, either))[:, judged.gold.any(axis=0)].mean(axis=1)
    return {"micro_f1": float(micro.std(ddof=1)), "macro_f1": float(macro.std(ddof=1))}


def _averaged(gold: np.ndarray, predicted: np.ndarray, average: str) -> list[float]:
    """Precision, recall and F1; 0 where undefined, but a document rightly left without labels counts as 1."""
    both = gold & predicted
    counts = [part.astype(np.float64) for part in (both, predicted, gold)]
    if average == "micro":
        counts = [part.sum(keepdims=True).ravel() for part in counts]
    else:
        counts = [part.sum(axis=1 if average == "samples" else 0) for part in counts]
    right, given, held = counts
    weights = held if average == "weighted" else np.ones(len(held))
    scores = [_ratio(right, given), _ratio(right, held), _ratio(2 * right, given + held)]
    if average == "samples":
        scores = [np.where(given + held > 0, score, 1.0) for score in scores]
    return [float((score * weights).sum() / max(weights.sum(), 1e-12)) for score in scores]


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


_BINS = 10


def f1(gold: np.ndarray, predicted: np.ndarray) -> float:
    """F1 over all cells of two boolean arrays of one shape; 0 when both are empty."""
    either = gold.sum() + predicted.sum()
    return float(2 * (gold & predicted).sum() / either) if either else 0.0


def pr_curve(gold: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Precision and recall (k,) at each distinct score, falling; both arguments flat."""
    order = np.argsort(-scores, kind="stable")
    ranked, hits = scores[order], np.cumsum(gold[order])
    ends = np.flatnonzero(np.append(ranked[1:] < ranked[:-1], True))
    ends = ends[ranked[ends] > 0]  # what scores 0 is never given, at whatever threshold
    return hits[ends] / (ends + 1), hits[ends] / max(1, gold.sum())


def reliability_bins(judged: Judged) -> tuple[np.ndarray, ...]:
    """Of the probabilities above 0.01 in ten equal bins: mean stated, share that holds, its interval's ends, count."""
    counted = judged.probabilities > 0.01
    scores, truth = judged.probabilities[counted], judged.gold[counted]
    bins = np.minimum((scores * _BINS).astype(int), _BINS - 1)
    size = np.bincount(bins, minlength=_BINS)
    used = size > 0
    held = np.bincount(bins, truth, _BINS)[used] / size[used]
    stated = np.bincount(bins, scores, _BINS)[used] / size[used]
    return stated, held, *wilson(held, size[used]), size[used]


def wilson(share: np.ndarray, count: np.ndarray, z: float = 1.96) -> tuple[np.ndarray, np.ndarray]:
    """Both ends of the Wilson score interval (Wilson 1927) of shares among so many."""
    centre = share + z * z / (2 * count)
    spread = z * np.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    below = 1 + z * z / count
    return (centre - spread) / below, (centre + spread) / below
