"""Calibration of all labels together: a monotone curve from the logits that Platt's curves give to truer ones.

Scores of support-vector machines don't follow a logistic curve over their whole range: one that fits the many sure
negatives is too steep in the middle, where decisions fall.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize

from pipeline.taggers.calibration import fit_platt, sigmoid

_KNOTS = np.array([-9, -7, -5.5, -4.5, -3.5, -2.75, -2, -1.25, -0.5, 0.5, 1.25, 2, 2.75, 3.5, 4.5, 5.5, 7])
_LEAST_SLOPE = 0.1
_STRENGTH = 10.0
_GRAIN = 50
_FAR = 20.0


def unseen_logits(scores: np.ndarray, gold: np.ndarray, folds: np.ndarray, strength: float) -> np.ndarray:
    """Logits (n, L) of out-of-fold scores by curves that were fitted without the document's own fold."""
    logits = np.empty(scores.shape)
    for fold in np.unique(folds):
        held = folds == fold
        curves = fit_platt(scores[~held], gold[~held], strength)
        logits[held] = scores[held] * curves[:, 0] + curves[:, 1]
    return logits


def fit_link(logits: np.ndarray, gold: np.ndarray) -> np.ndarray:
    """Knots (k, 2) of the rising piecewise-linear curve that makes the logits (n, L) most likely.

    The slope of each piece is pulled towards 1, as if by some observations, and never falls below a tenth.
    """
    place, at = np.unique(np.round(np.clip(logits, -_FAR, _FAR) * _GRAIN) / _GRAIN, return_inverse=True)
    size, held = np.bincount(at.ravel()), np.bincount(at.ravel(), gold.ravel())
    pieces = _pieces(place)
    rest = place - pieces.sum(axis=1)

    def loss(slopes: np.ndarray) -> tuple[float, np.ndarray]:
        given = rest + slopes[-1] + pieces @ slopes[:-1]
        pull = np.append(slopes[:-1] - 1, 0.0) * _STRENGTH
        off = size * sigmoid(given) - held
        value = np.sum(size * np.logaddexp(0, given) - held * given) + pull @ pull / (2 * _STRENGTH)
        return float(value), np.append(off @ pieces, off.sum()) + pull

    start = np.append(np.ones(len(_KNOTS) - 1), 0.0)
    limits = [(_LEAST_SLOPE, None)] * (len(_KNOTS) - 1) + [(None, None)]
    slopes = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=limits).x
    level = _KNOTS[0] + slopes[-1]
    return np.column_stack([_KNOTS, level + np.append(0.0, np.cumsum(slopes[:-1] * np.diff(_KNOTS)))])


def _pieces(logits: np.ndarray) -> np.ndarray:
    """How much of each piece between knots (n, k - 1) lies below each logit (n,)."""
    return np.clip(logits[:, None], _KNOTS[:-1], _KNOTS[1:]) - _KNOTS[:-1]
