"""Scores to probabilities and decisions, as every task's tagger makes them."""

from __future__ import annotations

import numpy as np

_CLIP = 35.0


NO_LINK = np.zeros((1, 2))


def sigmoid(values: np.ndarray) -> np.ndarray:
    """The logistic function, elementwise; beyond +-35 it is flat."""
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(values, -_CLIP, _CLIP))))


def linked(logits: np.ndarray, link: np.ndarray) -> np.ndarray:
    """`logits` on the rising curve through the knots `link` (k, 2); beyond its ends it goes on with slope 1."""
    inside = np.clip(logits, link[0, 0], link[-1, 0])
    return np.asarray(np.interp(inside, link[:, 0], link[:, 1]) + (logits - inside))


ANY, AT_LEAST_ONE, EXACTLY_ONE = "any", "at_least_one", "exactly_one"


def decide(probabilities: np.ndarray, thresholds: np.ndarray, decision: str, floor: float = 0.0) -> np.ndarray:
    """Which labels each document gets, boolean (n, L).

    `any` gives those at or above their threshold, `at_least_one` also the most probable one unless it is less probable
    than `floor`, `exactly_one` only that.
    """
    given: np.ndarray = probabilities >= thresholds
    if decision == ANY or not probabilities.size:
        return given
    if decision == EXACTLY_ONE:
        given, floor = np.zeros_like(given), 0.0
    first = probabilities.argmax(axis=1)
    rows = np.flatnonzero(probabilities[np.arange(len(given)), first] >= floor)
    given[rows, first[rows]] = True
    return given


def logit(probabilities: np.ndarray) -> np.ndarray:
    """Log-odds, the probabilities kept between 0.001 and 0.999."""
    clipped = np.clip(probabilities, 1e-3, 1 - 1e-3)
    odds: np.ndarray = np.log(clipped / (1 - clipped))
    return odds
