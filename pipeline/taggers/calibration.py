"""Scores to probabilities: a logistic curve a label, pulled towards the pooled one, and a link that all share."""

from __future__ import annotations

import numpy as np

_STEPS = 100
_CLIP = 35.0
_TOLERANCE = 1e-8
_PIN = 1e9
NO_LINK = np.zeros((1, 2))
POOLED = 4_000_000  # scores that are enough for the few numbers that all labels share


def sigmoid(values: np.ndarray) -> np.ndarray:
    """The logistic function, elementwise; beyond +-35 it is flat."""
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(values, -_CLIP, _CLIP))))


def fit_platt(scores: np.ndarray, gold: np.ndarray, strength: float) -> np.ndarray:
    """Slopes and intercepts (L, 2) such that sigmoid(slope * score + intercept) is a probability.

    `scores` (n, L) are out-of-fold scores, `gold` (n, L) says which labels hold. Each label's curve (Platt 1999)
    minimises its log-loss plus `strength` / 2 times the squared distance to the curve of all labels pooled, so a label
    with few positives gets close to the pooled curve. Slopes stay positive, so that a
    higher score is never less probable: a label whose own slope isn't takes the pooled slope.
    """
    step = 1 + scores.size // POOLED
    every, held = scores[::step].ravel(), gold[::step].ravel().astype(np.float64)
    pooled = minimise_log_loss(_line(every), held, np.array([1.0, 0.0]), np.full(2, 1e-3))
    pooled[0] = max(pooled[0], 1e-3)
    free, pinned = np.full(2, max(strength, 1e-6)), np.array([_PIN, max(strength, 1e-6)])
    curves = np.empty((scores.shape[1], 2))
    for column in range(scores.shape[1]):
        known = gold[:, column].astype(np.float64)
        design = _line(scores[:, column])
        curves[column] = minimise_log_loss(design, known, pooled, free)
        if curves[column, 0] <= 0:
            curves[column] = minimise_log_loss(design, known, pooled, pinned)
    return curves


def linked(logits: np.ndarray, link: np.ndarray) -> np.ndarray:
    """`logits` on the rising curve through the knots `link` (k, 2); beyond its ends it goes on with slope 1."""
    inside = np.clip(logits, link[0, 0], link[-1, 0])
    return np.asarray(np.interp(inside, link[:, 0], link[:, 1]) + (logits - inside))


def expected_calibration_error(probabilities: np.ndarray, gold: np.ndarray, bins: int = 10) -> float:
    """Mean gap between stated probability and observed frequency over equal-width bins, weighted by bin size.

    The measure of Naeini et al. (2015), over all (document, label) pairs given, whatever the arrays' shape.
    """
    stated, observed = probabilities.ravel(), gold.ravel().astype(np.float64)
    if not stated.size:
        return 0.0
    place = np.minimum((stated * bins).astype(np.int64), bins - 1)
    gaps = np.bincount(place, stated - observed, minlength=bins)
    return float(np.abs(gaps).sum() / stated.size)


def _line(scores: np.ndarray) -> np.ndarray:
    return np.column_stack([scores, np.ones_like(scores)])


def minimise_log_loss(design: np.ndarray, gold: np.ndarray, centre: np.ndarray, strength: np.ndarray) -> np.ndarray:
    """The minimum (k,) of a logistic regression's log-loss + strength / 2 * |curve - centre|^2, by damped Newton steps.

    `design` (n, k) are the features, `gold` (n,) the truth as 0 and 1, `centre` and `strength` (k,).
    """
    curve = centre.copy()
    loss = _loss(design, gold, curve, centre, strength)
    for _ in range(_STEPS):
        stated = sigmoid(design @ curve)
        gradient = design.T @ (stated - gold) + strength * (curve - centre)
        hessian = (design * (stated * (1 - stated))[:, None]).T @ design + np.diag(strength)
        step = np.linalg.solve(hessian, gradient)
        scale, better = 1.0, _loss(design, gold, curve - step, centre, strength)
        while better > loss and scale > _TOLERANCE:
            scale /= 2
            better = _loss(design, gold, curve - scale * step, centre, strength)
        if loss - better <= _TOLERANCE * (1 + abs(loss)):
            break
        curve, loss = curve - scale * step, better
    return curve


def _loss(design: np.ndarray, gold: np.ndarray, curve: np.ndarray, centre: np.ndarray, strength: np.ndarray) -> float:
    logits = design @ curve
    return float(np.sum(np.logaddexp(0.0, logits) - gold * logits) + np.sum(strength / 2 * (curve - centre) ** 2))
