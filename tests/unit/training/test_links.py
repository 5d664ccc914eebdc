"""The link: it mends what no logistic curve can follow, never turns an order around, and changes no decision."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pipeline.evaluation.reliability import expected_calibration_error
from pipeline.prediction.probabilities import NO_LINK, decide, linked, sigmoid
from pipeline.training.calibration import Scored, fit_link, unseen_logits
from pipeline.training.thresholds import NEVER, moved


def test_probabilities_get_true() -> None:
    rng = np.random.default_rng(1)
    logits = rng.normal(-3, 3, (4000, 5))
    gold = rng.random(logits.shape) < sigmoid(np.where(logits < 0, 0.5 * logits, logits))
    link = fit_link(logits[:2000], gold[:2000])
    before, after = sigmoid(logits[2000:]), sigmoid(linked(logits[2000:], link))
    assert expected_calibration_error(gold[2000:], before) > 0.05
    assert expected_calibration_error(gold[2000:], after) < 0.02


@given(arrays(float, (40, 2), elements=st.floats(-40, 40)), arrays(bool, (40, 2)))
def test_a_link_always_rises(logits: np.ndarray, gold: np.ndarray) -> None:
    link = fit_link(logits, gold)
    assert np.isfinite(link).all()
    assert (np.diff(link, axis=0) > 0).all()
    assert (np.diff(linked(np.linspace(-50, 50, 200), link)) > 0).all()


@given(arrays(float, 30, elements=st.floats(-30, 30)))
def test_no_link_changes_nothing(logits: np.ndarray) -> None:
    assert linked(logits, NO_LINK) == pytest.approx(logits)


def test_moved_thresholds_decide_alike() -> None:
    rng = np.random.default_rng(2)
    logits = rng.normal(-1, 3, (500, 4))
    link = fit_link(logits, rng.random(logits.shape) < sigmoid(logits / 2 - 0.5))
    thresholds = np.array([0.02, 0.3, 0.9, NEVER])
    after = decide(sigmoid(linked(logits, link)), moved(thresholds, link), "any")
    assert np.array_equal(after, decide(sigmoid(logits), thresholds, "any"))


def test_unseen_logits_ignore_the_labels_of_their_own_fold() -> None:
    rng = np.random.default_rng(4)
    scores, folds = rng.normal(size=(300, 3)), np.arange(300) % 5
    gold = rng.random(scores.shape) < sigmoid(2 * scores)
    other = np.where((folds == 2)[:, None], ~gold, gold)
    seen = (Scored(scores, truth, folds, np.ones(300, bool)) for truth in (gold, other))
    one, two = (unseen_logits(given, 0.01)[0] for given in seen)
    assert np.array_equal(one[folds == 2], two[folds == 2])
    assert not np.array_equal(one[folds == 1], two[folds == 1])
