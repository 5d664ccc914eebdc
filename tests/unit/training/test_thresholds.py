"""Thresholds: best F1, promised precision, and how many labels a document gets."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pipeline.prediction.probabilities import ANY, AT_LEAST_ONE, EXACTLY_ONE, decide
from pipeline.training.thresholds import (
    NEVER,
    best_f1_threshold,
    f1_thresholds,
    infer_decision,
    precision_thresholds,
    useful_floor,
)

PROBABILITIES = arrays(float, (12, 3), elements=st.floats(0, 1))
GOLD = arrays(bool, (12, 3))


def f1(given: np.ndarray, gold: np.ndarray) -> float:
    return 2 * float((given & gold).sum()) / max(1, int(given.sum() + gold.sum()))


def calibrated(labels: int = 4, size: int = 4000) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(5)
    probabilities = rng.beta(0.2, np.linspace(0.5, 8, labels), (size, labels))
    return probabilities, rng.random(probabilities.shape) < probabilities


@given(PROBABILITIES, GOLD)
def test_no_threshold_beats_the_best(probabilities: np.ndarray, gold: np.ndarray) -> None:
    best = f1(probabilities >= best_f1_threshold(probabilities, gold), gold)
    assert all(f1(probabilities >= cut, gold) <= best + 1e-12 for cut in np.unique(probabilities))


def test_without_a_positive_nothing_is_given() -> None:
    assert best_f1_threshold(np.array([0.3, 0.9]), np.array([False, False])) == NEVER


def test_rare_labels_get_lower_thresholds_and_frequent_ones_the_pooled() -> None:
    probabilities, gold = calibrated()
    pooled = best_f1_threshold(probabilities, gold)
    thresholds = f1_thresholds(probabilities, gold, 50)
    assert (thresholds <= pooled).all()
    assert thresholds[0] > thresholds[-1]
    assert f1_thresholds(probabilities, gold, 0) == pytest.approx(pooled)


def test_rare_label_rule_gains_macro_f1() -> None:
    probabilities, gold = calibrated(labels=8)
    fit, held = slice(0, 2000), slice(2000, None)

    def macro(strength: float) -> float:
        given = probabilities[held] >= f1_thresholds(probabilities[fit], gold[fit], strength)
        return float(np.mean([f1(given[:, label], gold[held][:, label]) for label in range(8)]))

    assert macro(1e9) > macro(0)


@given(PROBABILITIES, GOLD, st.floats(0, 1000))
def test_thresholds_are_in_order(probabilities: np.ndarray, gold: np.ndarray, strength: float) -> None:
    thresholds = f1_thresholds(probabilities, gold, strength)
    assert thresholds.shape == (3,)
    pooled = best_f1_threshold(probabilities, gold)
    assert (thresholds[gold.any(axis=0)] <= pooled + 1e-12).all()
    assert (thresholds[~gold.any(axis=0)] == NEVER).all()


def test_precision_is_held_on_unseen_documents() -> None:
    probabilities, gold = calibrated(size=8000)
    thresholds = precision_thresholds(probabilities[:4000], gold[:4000], 0.9)
    given = probabilities[4000:] >= thresholds
    assert given.any()
    assert (given & gold[4000:]).sum() / given.sum() > 0.88


def test_a_handful_of_tags_earns_no_promise() -> None:
    probabilities = np.array([[0.9], [0.8], [0.1], [0.1]])
    gold = np.array([[True], [True], [False], [False]])
    assert precision_thresholds(probabilities, gold, 0.95).tolist() == [NEVER]


@given(PROBABILITIES, GOLD, st.floats(0.5, 0.99))
def test_promised_precision_holds_where_it_was_chosen(
    probabilities: np.ndarray, gold: np.ndarray, precision: float
) -> None:
    thresholds = precision_thresholds(probabilities, gold, precision)
    for label, threshold in enumerate(thresholds):
        given = probabilities[:, label] >= threshold
        assert not given.any() or gold[given, label].mean() >= precision - 0.1


@given(PROBABILITIES)
def test_decisions(probabilities: np.ndarray) -> None:
    thresholds = np.array([0.2, 0.5, 0.8])
    free = decide(probabilities, thresholds, ANY)
    kept = decide(probabilities, thresholds, AT_LEAST_ONE)
    single = decide(probabilities, thresholds, EXACTLY_ONE, 0.9)
    assert (kept >= free).all()
    assert kept.any(axis=1).all()
    assert (single.sum(axis=1) == 1).all()
    assert (kept & single).any(axis=1).all()


@pytest.mark.parametrize(
    ("rows", "expected"),
    [([[1, 0], [0, 1]], EXACTLY_ONE), ([[1, 1], [0, 1]], AT_LEAST_ONE), ([[1, 1], [0, 0]], ANY), ([], ANY)],
)
def test_decision_is_read_off_the_labels(rows: list[list[int]], expected: str) -> None:
    assert infer_decision(np.array(rows, dtype=bool).reshape(-1, 2)) == expected


def test_the_most_probable_label_is_given_from_the_floor_on() -> None:
    probabilities = np.array([[0.003, 0.001], [0.2, 0.3], [0.6, 0.1]])
    given = decide(probabilities, np.array([0.5, 0.5]), AT_LEAST_ONE, 0.25)
    assert given.tolist() == [[False, False], [False, True], [True, False]]


def test_the_floor_is_where_giving_one_more_label_no_longer_serves_f1() -> None:
    stated = np.array([[0.9], [0.4], [0.35], [0.3], [0.05], [0.04], [0.03]])
    gold = np.array([[True], [True], [True], [False], [False], [False], [False]])
    assert useful_floor(stated, gold, np.array([0.5])) == 0.35
    assert useful_floor(stated, ~gold & (stated > 0.5), np.array([0.5])) == 1.0
    assert useful_floor(np.zeros((0, 1)), np.zeros((0, 1), bool), np.array([0.5])) == 1.0
