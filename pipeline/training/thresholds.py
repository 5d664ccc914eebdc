"""From probabilities to decisions: thresholds that serve F1 or a promised precision, and how many labels to give."""

from __future__ import annotations

import numpy as np

from pipeline.evaluation.reliability import wilson
from pipeline.prediction.probabilities import ANY, AT_LEAST_ONE, EXACTLY_ONE, linked, sigmoid

NEVER = 2.0
_SHARE = 0.999


def infer_decision(gold: np.ndarray) -> str:
    """How many labels a document gets, read off the training labels (n, L): one each, at least one, or any number."""
    counts = gold.sum(axis=1)
    if not len(counts):
        return ANY
    if np.mean(counts == 1) >= _SHARE:
        return EXACTLY_ONE
    return AT_LEAST_ONE if np.mean(counts > 0) >= _SHARE else ANY


def best_f1_threshold(probabilities: np.ndarray, gold: np.ndarray) -> float:
    """The threshold with the highest F1 over all the pairs given, midway to the next lower probability.

    Without a positive it is NEVER, which no probability reaches.
    """
    flat, hits = probabilities.ravel(), gold.ravel()
    held = np.sort(flat[hits])
    if not len(held):
        return NEVER
    left_out = len(held) // 20
    while True:
        chosen = flat >= (held[left_out] if left_out else _below(flat, held[0]))
        ranked, found = _ranked(flat[chosen], hits[chosen])
        f1 = 2 * found / (np.arange(1, len(ranked) + 1) + len(held))
        f1[:-1][ranked[:-1] == ranked[1:]] = -1.0
        best = int(f1.argmax())
        if not left_out or 2 * len(held) / (len(ranked) + len(held)) < f1[best]:  # F1 with more tags is at most that
            return _midway(ranked, best)
        left_out //= 8


def _below(flat: np.ndarray, least: float) -> float:
    """The highest probability below the least probable positive's; what is lower still can't be a best threshold."""
    below = flat[flat < least]
    return float(below.max()) if len(below) else least


def f1_thresholds(
    probabilities: np.ndarray, gold: np.ndarray, strength: float, known: np.ndarray | None = None
) -> np.ndarray:
    """A threshold a label (L,) that serves micro-F1 where a label is frequent and macro-F1 where it is rare.

    For calibrated probabilities, micro-F1 is best at one threshold for all labels, and a label's own F1 at half the F1
    that it can reach (Lipton et al. 2014). A label with n positives gets n / (n + strength) of the first, taken from
    out-of-fold probabilities (n, L), and the rest of the second, if that is lower: rare labels hardly move micro-F1
    and often stay below a threshold made for the others. What a label can reach is the F1 that its probabilities
    expect, which doesn't overfit a handful of positives as a search over them does. A label that is not among the
    `known` (L,), by default those with a positive, gets NEVER.
    """
    pooled = best_f1_threshold(probabilities, gold)
    positives = gold.sum(axis=0)
    own = np.array([min(_expected_f1(column) / 2, pooled) for column in probabilities.T])
    share = positives / np.maximum(positives + strength, 1)
    return np.where(positives > 0 if known is None else known, own + share * (pooled - own), NEVER)


def useful_floor(probabilities: np.ndarray, gold: np.ndarray, thresholds: np.ndarray) -> float:
    """How probable, out of fold (n, L), the most probable label of a document must be to be given below its threshold.

    It is where giving it to the documents that would get none serves micro-F1 best; 1 if it never does.
    """
    given = probabilities >= thresholds
    bare = np.flatnonzero(~given.any(axis=1))
    first = probabilities[bare].argmax(axis=1)
    stated, right = probabilities[bare, first], gold[bare, first]
    order = np.argsort(-stated, kind="stable")
    hits, tags = np.append(0, np.cumsum(right[order])), np.arange(len(bare) + 1)
    f1 = 2 * ((given & gold).sum() + hits) / np.maximum(given.sum() + gold.sum() + tags, 1)
    best = int(f1.argmax())
    return float(stated[order][best - 1]) if best else 1.0


def moved(thresholds: np.ndarray, link: np.ndarray) -> np.ndarray:
    """Thresholds (L,) on the scale that `link` makes of probabilities; 0 and those that nothing reaches stay."""
    inside = (thresholds > 0) & (thresholds < 1)
    logits = np.log(np.where(inside, thresholds, 0.5) / np.where(inside, 1 - thresholds, 0.5))
    return np.where(inside, sigmoid(linked(logits, link)), thresholds)


def _expected_f1(probabilities: np.ndarray) -> float:
    """The best F1, over all thresholds, that calibrated probabilities (n,) expect of themselves."""
    ranked = np.sort(probabilities)[::-1]
    tags = np.arange(1, len(ranked) + 1)
    return float(np.max(2 * np.cumsum(ranked) / (tags + ranked.sum()), initial=0.0))


def precision_thresholds(probabilities: np.ndarray, gold: np.ndarray, precision: float) -> np.ndarray:
    """For each label (L,) the lowest threshold above which its out-of-fold precision is at least `precision`.

    The precision of k tags with h right is judged with one pooled tag more, of the precision that all labels together
    have at that threshold, and by the lower end of an 68 % Wilson interval, so that a rare label earns no promise from
    a handful of tags. A label that never holds it gets NEVER.
    """
    every, right_ones = np.sort(probabilities, axis=None), np.sort(probabilities[gold])
    thresholds = np.full(gold.shape[1], NEVER)
    for column in range(gold.shape[1]):
        most = int((gold[:, column].sum() + 1.0) / precision)  # with more tags the precision can't hold
        ranked, right = _highest(probabilities[:, column], gold[:, column], most + 1)
        above = len(every) - np.searchsorted(every, ranked)
        pooled = (len(right_ones) - np.searchsorted(right_ones, ranked)) / np.maximum(above, 1)
        tags = np.arange(1, len(ranked) + 1) + 1.0
        lower, _ = wilson((right + pooled) / tags, tags, z=1.0)
        holds = lower >= precision
        holds[:-1] &= ranked[:-1] > ranked[1:]
        if holds.any():
            thresholds[column] = ranked[np.flatnonzero(holds)[-1]]
    return thresholds


def _highest(probabilities: np.ndarray, gold: np.ndarray, most: int) -> tuple[np.ndarray, np.ndarray]:
    """The highest probabilities, so many at most, and how many are right up to each."""
    if most < len(probabilities):
        place = len(probabilities) - most
        chosen = probabilities >= np.partition(probabilities, place)[place]
        probabilities, gold = probabilities[chosen], gold[chosen]
    ranked, right = _ranked(probabilities, gold)
    return ranked[:most], right[:most]


def _ranked(probabilities: np.ndarray, gold: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    order = np.argsort(-probabilities, kind="stable")
    return probabilities[order], np.cumsum(gold[order]).astype(np.float64)


def _midway(ranked: np.ndarray, place: int) -> float:
    lower = ranked[place + 1] if place + 1 < len(ranked) else 0.0
    middle = (ranked[place] + lower) / 2
    return float(middle if middle > lower else ranked[place])
