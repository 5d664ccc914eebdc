"""Calibration: probabilities that mean what they say, also for rare labels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pipeline.evaluation.reliability import expected_calibration_error
from pipeline.prediction.probabilities import sigmoid
from pipeline.training.calibration import fit_platt


def sample(slope: float, intercept: float, size: int, labels: int = 1) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    scores = rng.normal(-0.5, 1, (size, labels))
    return scores, rng.random(scores.shape) < sigmoid(slope * scores + intercept)


def test_finds_the_curve_that_made_the_labels() -> None:
    scores, gold = sample(3.0, -1.0, 20_000)
    assert fit_platt(scores, gold, 0.01)[0] == pytest.approx([3.0, -1.0], abs=0.2)


def test_probabilities_are_calibrated() -> None:
    scores, gold = sample(2.5, -1.5, 4000, labels=5)
    curves = fit_platt(scores, gold, 0.01)
    assert expected_calibration_error(gold, sigmoid(scores * curves[:, 0] + curves[:, 1])) < 0.02


def test_strength_draws_a_label_to_the_pooled_curve() -> None:
    scores, gold = sample(2.0, -1.0, 500, labels=8)
    gold[:, 0] = scores[:, 0] > 1.5
    distance = [np.ptp(fit_platt(scores, gold, strength)[:, 0]) for strength in (0.01, 10.0, 1e7)]
    assert distance[0] > distance[1] > distance[2]
    assert distance[2] < 1e-2


def test_labels_without_positives_or_negatives_stay_finite() -> None:
    scores, gold = sample(2.0, -1.0, 200, labels=3)
    gold[:, 0], gold[:, 1] = False, True
    curves = fit_platt(scores, gold, 0.01)
    probabilities = sigmoid(scores * curves[:, 0] + curves[:, 1])
    assert np.isfinite(curves).all()
    assert probabilities[:, 0].mean() < 0.05
    assert probabilities[:, 1].mean() > 0.95


@given(arrays(float, (30, 2), elements=st.floats(-3, 3)), arrays(bool, (30, 2)))
def test_a_higher_score_is_never_less_probable(scores: np.ndarray, gold: np.ndarray) -> None:
    curves = fit_platt(scores, gold, 0.01)
    assert np.isfinite(curves).all()
    assert (curves[:, 0] > 0).all()
