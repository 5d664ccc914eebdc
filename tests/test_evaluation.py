"""Metrics, against values worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import label_ranking_average_precision_score, precision_recall_fscore_support

from pipeline.evaluation.metrics import Judged, bootstrap_error, expected_calibration_error, judge, metrics, per_label

LABELS = ("a", "b")
GOLD = [["a"], ["a", "b"], [], ["zz"]]
PREDICTED = np.array([[1, 0], [1, 0], [0, 0], [0, 1]], bool)
PROBABILITIES = np.array([[0.9, 0.1], [0.8, 0.4], [0.0, 0.2], [0.3, 0.6]])


def test_micro_and_samples_averages_by_hand() -> None:
    found = metrics(judge(LABELS, GOLD, PREDICTED, PROBABILITIES))
    assert found["micro_precision"] == pytest.approx(2 / 3)  # a, a right, b wrong
    assert found["micro_recall"] == pytest.approx(2 / 4)  # b and the unknown zz missed
    assert found["micro_f1"] == pytest.approx(4 / 7)
    assert found["samples_f1"] == pytest.approx((1 + 2 / 3 + 1 + 0) / 4)  # nothing to say and nothing said is right
    assert found["macro_f1"] == pytest.approx((1 + 0 + 0) / 3)
    assert found["subset_accuracy"] == pytest.approx(2 / 4)


@pytest.mark.parametrize("average", ["micro", "macro", "weighted", "samples"])
def test_averages_are_those_of_scikit_learn(average: str) -> None:
    random = np.random.default_rng(4)
    gold, predicted = random.random((80, 9)) < 0.3, random.random((80, 9)) < 0.3
    gold[:, 0] = predicted[:, 0] = True  # every document has a label: only then the samples averages agree
    judged = Judged(tuple("abcdefghi"), gold, predicted, predicted.astype(float))
    found = metrics(judged)
    names = [f"{average}_{name}" for name in ("precision", "recall", "f1")]
    expected = precision_recall_fscore_support(gold, predicted, average=average, zero_division=0)[:3]
    assert [found[name] for name in names] == pytest.approx(expected)
    rows = per_label(judged, {}, {})
    each = precision_recall_fscore_support(gold, predicted, zero_division=0)
    assert {row["label"]: row["f1"] for row in rows} == pytest.approx(dict(zip("abcdefghi", each[2], strict=True)))


@given(arrays(bool, (6, 5)), arrays(float, (6, 5), elements=st.sampled_from([0.0, 0.25, 0.5, 1.0])))
def test_ranking_precision_is_that_of_scikit_learn_with_ties(gold: np.ndarray, probabilities: np.ndarray) -> None:
    gold[0] = True  # every label is in use
    labelled = gold.any(axis=1)
    found = metrics(Judged(tuple("abcde"), gold, gold, probabilities))["lrap"]
    expected = label_ranking_average_precision_score(gold[labelled], probabilities[labelled])
    assert found == pytest.approx(expected)


def test_one_label_alone_is_scored_like_any_other() -> None:
    found = metrics(judge(["a"], [["a"], [], ["a"]], np.array([[1], [1], [0]], bool), np.full((3, 1), 0.5)))
    assert found["micro_f1"] == found["macro_f1"] == pytest.approx(0.5)


def test_a_label_that_the_model_does_not_know_counts_as_missed() -> None:
    judged = judge(LABELS, GOLD, PREDICTED, PROBABILITIES)
    assert judged.labels == ("a", "b", "zz")
    rows = {row["label"]: row for row in per_label(judged, {"a": 0.5}, {"a": "Alpha"})}
    assert rows["zz"]["recall"] == 0
    assert rows["a"]["threshold"] == 0.5
    assert rows["a"]["name"] == "Alpha"


def test_calibration_error_is_the_gap_of_confidence_and_frequency() -> None:
    gold = np.array([[True], [False], [True], [False]])
    assert expected_calibration_error(gold, np.full((4, 1), 0.5)) == pytest.approx(0.0)
    assert expected_calibration_error(gold, np.full((4, 1), 0.9)) == pytest.approx(0.4)


def test_the_bootstrap_agrees_with_the_binomial_error() -> None:
    random = np.random.default_rng(99)
    gold = np.ones((900, 1), bool)
    judged = judge(["a"], [["a"]] * 900, random.random((900, 1)) < 0.8, gold.astype(float))
    recall_error = np.sqrt(0.8 * 0.2 / 900)
    slope = 2 / (1 + 0.8) ** 2  # F1 = 2 r / (1 + r) at full precision
    assert bootstrap_error(judged)["micro_f1"] == pytest.approx(slope * recall_error, rel=0.2)


def test_no_documents_and_no_labels_are_no_error() -> None:
    empty = judge(LABELS, [], np.zeros((0, 2), bool), np.zeros((0, 2)))
    assert metrics(empty) == {"documents": 0}
    nothing = metrics(judge(LABELS, [[], []], np.zeros((2, 2), bool), np.zeros((2, 2))))
    assert nothing["micro_f1"] == 0
    assert nothing["samples_f1"] == 1
