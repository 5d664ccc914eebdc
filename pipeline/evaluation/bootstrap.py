"""F1 over documents drawn with replacement: standard errors, intervals, and paired differences of two models.

Efron and Tibshirani (1993), An introduction to the bootstrap.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np

from pipeline.evaluation.metrics import Judged

Interval = tuple[float, float]
_CELLS = 4_000_000  # of the matrix of draws that is held at a time
_KEPT = 100_000_000  # bytes of draws that are kept


def drawn_scores(gold: np.ndarray, models: list[np.ndarray], rounds: int, seed: int = 0) -> np.ndarray:
    """Scores (models, rounds, 2 + L) of several models' answers on the same drawn documents.

    `gold` and each model's answers are boolean (n, L). The scores are those of `scores`.
    """
    counted = gold.astype(np.float32)
    answers = [(predicted.astype(np.float32), (gold & predicted).astype(np.float32)) for predicted in models]
    found = [[_scores(draws, counted, *one) for one in answers] for draws in _draws(len(gold), rounds, seed)]
    return np.concatenate(found, axis=1)


def scores(draws: np.ndarray, gold: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Micro-F1, macro-F1 over the labels that the drawn gold labels hold, and each label's F1: (rounds, 2 + L).

    `draws` (rounds, n) says how often each document is taken.
    """
    return _scores(draws, *(part.astype(draws.dtype) for part in (gold, predicted, gold & predicted)))


def _scores(draws: np.ndarray, gold: np.ndarray, predicted: np.ndarray, right: np.ndarray) -> np.ndarray:
    """The same of arrays of one kind of number."""
    both, held = draws @ right, draws @ gold
    either = held + draws @ predicted
    labels = 2 * both / np.maximum(1, either)
    micro = 2 * both.sum(axis=1) / np.maximum(1, either.sum(axis=1))
    macro = (labels * (held > 0)).sum(axis=1) / np.maximum(1, (held > 0).sum(axis=1))
    return np.column_stack([micro, macro, labels]).astype(np.float64)


def standard_errors(judged: Judged, rounds: int = 200) -> dict[str, float]:
    """Standard errors of micro- and macro-F1."""
    micro, macro = drawn_scores(judged.gold, [judged.predicted], rounds)[0, :, :2].std(axis=0, ddof=1).tolist()
    return {"micro_f1": micro, "macro_f1": macro}


def intervals(judged: Judged, rounds: int = 500) -> tuple[dict[str, Interval], dict[str, Interval]]:
    """95 % percentile intervals: of `micro_f1` and `macro_f1`, and of the F1 of each label due or given."""
    drawn = drawn_scores(judged.gold, [judged.predicted], rounds)[0]
    ends = list(map(tuple, np.percentile(drawn, (2.5, 97.5), axis=0).T.tolist()))
    used = judged.gold.any(axis=0) | judged.predicted.any(axis=0)
    overall = {"micro_f1": ends[0], "macro_f1": ends[1]}
    return overall, {judged.labels[column]: ends[2 + column] for column in np.flatnonzero(used)}


def _draws(count: int, rounds: int, seed: int) -> Iterator[np.ndarray]:
    parts = _drawn(count, rounds, seed) if count * rounds <= _KEPT else _drawing(count, rounds, seed)
    return (part.astype(np.float32) for part in parts)


@lru_cache(maxsize=1)
def _drawn(count: int, rounds: int, seed: int) -> list[np.ndarray]:
    """All draws, kept for the next task of the same documents: making them takes longer than all that is done with
    them."""
    return list(_drawing(count, rounds, seed))


def _drawing(count: int, rounds: int, seed: int) -> Iterator[np.ndarray]:
    """How often each document is taken, which is never more than 255 times, (rounds, n) in parts."""
    random = np.random.default_rng(seed)
    while rounds > 0:
        size = min(rounds, max(1, _CELLS // max(1, count)))
        yield random.multinomial(count, np.full(count, 1 / count), size=size).astype(np.uint8)
        rounds -= size
