"""Scores to probabilities: a logistic curve a label, pulled towards the pooled one, and a link that all share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from pipeline.common.parallel import in_threads
from pipeline.prediction.probabilities import sigmoid

_STEPS = 100
_TOLERANCE = 1e-8
_PIN = 1e9
_TRANSFER = 0.3  # pull of a label's curve to that of documents of another kind, in the units of its log-loss
POOLED = 4_000_000  # scores that are enough for the few numbers that all labels share


def fit_platt(scores: np.ndarray, gold: np.ndarray, strength: float, jobs: int = 1) -> np.ndarray:
    """Slopes and intercepts (L, 2) such that sigmoid(slope * score + intercept) is a probability.

    `scores` (n, L) are out-of-fold scores, `gold` (n, L) says which labels hold. Each label's curve (Platt 1999)
    minimises its log-loss plus `strength` / 2 times the squared distance to the curve of all labels pooled, so a label
    with few positives gets close to the pooled curve. Slopes stay positive, so that a
    higher score is never less probable: a label whose own slope isn't takes the pooled slope. Labels are fitted in so
    many threads as `jobs` says.
    """
    step = 1 + scores.size // POOLED
    every, held = scores[::step].ravel(), gold[::step].ravel().astype(np.float64)
    pooled = minimise_log_loss(_line(every), held, np.array([1.0, 0.0]), np.full(2, 1e-3))
    pooled[0] = max(pooled[0], 1e-3)
    free, pinned = np.full(2, max(strength, 1e-6)), np.array([_PIN, max(strength, 1e-6)])

    def curve(column: int) -> np.ndarray:
        known, design = gold[:, column].astype(np.float64), _line(scores[:, column])
        found = minimise_log_loss(design, known, pooled, free)
        return found if found[0] > 0 else minimise_log_loss(design, known, pooled, pinned)

    return np.array(in_threads(curve, range(scores.shape[1]), jobs)).reshape(-1, 2)


@dataclass(frozen=True, slots=True)
class Scored:
    """Out-of-fold scores and gold labels (n, L) of documents, their folds (n,), and which of them are calibrated on."""

    scores: np.ndarray
    gold: np.ndarray
    folds: np.ndarray
    judged: np.ndarray

    def rows(self, chosen: np.ndarray | slice) -> Scored:
        """Some of the documents."""
        return Scored(self.scores[chosen], self.gold[chosen], self.folds[chosen], self.judged[chosen])

    def thinned(self) -> Scored:
        """Every so manieth document: enough for the few numbers that all labels share."""
        return self.rows(slice(None, None, 1 + self.scores.size // POOLED))


def fit_curves(seen: Scored, strength: float, jobs: int = 1) -> np.ndarray:
    """Curves (L, 2) as `fit_platt` gives them, for documents like those judged.

    The other documents tell a label's curve where it is not known from the judged ones: the curves of all documents,
    moved together to fit the judged ones, are what each label's own curve over these is pulled to.
    """
    curves = fit_platt(seen.scores, seen.gold, strength, jobs)
    if seen.judged.all():
        return curves
    scores, gold = seen.scores[seen.judged], seen.gold[seen.judged]
    step = 1 + scores.size // POOLED
    logits, held = (scores[::step] * curves[:, 0] + curves[:, 1]).ravel(), gold[::step].ravel().astype(np.float64)
    slope, shift = minimise_log_loss(_line(logits), held, np.array([1.0, 0.0]), np.full(2, 1e-3))
    moved = curves * slope + np.array([0.0, shift])
    pull = np.full(2, _TRANSFER)

    def curve(column: int) -> np.ndarray:
        known = gold[:, column].astype(np.float64)
        found = minimise_log_loss(_line(scores[:, column]), known, moved[column], pull)
        return found if found[0] > 0 else moved[column]

    return np.array(in_threads(curve, range(len(moved)), jobs)).reshape(-1, 2)


def _line(scores: np.ndarray) -> np.ndarray:
    line = np.ones((len(scores), 2))
    line[:, 0] = scores
    return line


def minimise_log_loss(design: np.ndarray, gold: np.ndarray, centre: np.ndarray, strength: np.ndarray) -> np.ndarray:
    """The minimum (k,) of a logistic regression's log-loss + strength / 2 * |curve - centre|^2, by damped Newton steps.

    `design` (n, k) are the features, `gold` (n,) the truth as 0 and 1, `centre` and `strength` (k,).
    """
    curve, logits = centre.copy(), design @ centre
    loss = _loss(logits, gold, curve - centre, strength)
    for _ in range(_STEPS):
        stated = sigmoid(logits)
        gradient = design.T @ (stated - gold) + strength * (curve - centre)
        hessian = _weighed(design, stated * (1 - stated)).T @ design + np.diag(strength)
        step = np.linalg.solve(hessian, gradient)
        if gradient @ step <= _TOLERANCE / 2 * (1 + abs(loss)):  # a convex loss falls by no more than that
            break
        scale = 1.0
        while True:
            moved = curve - scale * step
            logits = design @ moved
            better = _loss(logits, gold, moved - centre, strength)
            if better <= loss or scale <= _TOLERANCE:
                break
            scale /= 2
        if loss - better <= _TOLERANCE * (1 + abs(loss)):
            break
        curve, loss = moved, better
    return curve


def _weighed(design: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The design with each row times its weight; column by column, as rows are too short to be quick."""
    found = np.empty_like(design)
    for column in range(design.shape[1]):
        np.multiply(design[:, column], weights, out=found[:, column])
    return found


def _loss(logits: np.ndarray, gold: np.ndarray, away: np.ndarray, strength: np.ndarray) -> float:
    return float(np.sum(np.logaddexp(0.0, logits) - gold * logits) + np.sum(strength / 2 * away**2))


_KNOTS = np.array([-9, -7, -5.5, -4.5, -3.5, -2.75, -2, -1.25, -0.5, 0.5, 1.25, 2, 2.75, 3.5, 4.5, 5.5, 7])
_LEAST_SLOPE = 0.1
_STRENGTH = 10.0
_GRAIN = 50
_FAR = 20.0


def unseen_logits(seen: Scored, strength: float, jobs: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Logits (m, L) of the judged documents by curves that were fitted without the document's own fold, and their gold
    labels."""
    logits = np.empty(seen.scores.shape)

    def score(fold: int) -> None:
        held = seen.folds == fold
        curves = fit_curves(seen.rows(~held), strength)
        logits[held] = seen.scores[held] * curves[:, 0] + curves[:, 1]

    in_threads(score, np.unique(seen.folds).tolist(), jobs)
    return logits[seen.judged], seen.gold[seen.judged]


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
