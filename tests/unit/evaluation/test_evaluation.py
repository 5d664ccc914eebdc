"""Metrics, against values worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import f1_score, label_ranking_average_precision_score, precision_recall_fscore_support

from pipeline.evaluation import slices
from pipeline.evaluation.bootstrap import drawn_scores, scores, standard_errors
from pipeline.evaluation.compare import Answers, Predictions, compare
from pipeline.evaluation.metrics import Judged, f1, f1_at, instead, judge, metrics, per_label
from pipeline.evaluation.reliability import expected_calibration_error

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
    assert standard_errors(judged)["micro_f1"] == pytest.approx(slope * recall_error, rel=0.2)


def test_no_documents_and_no_labels_are_no_error() -> None:
    empty = judge(LABELS, [], np.zeros((0, 2), bool), np.zeros((0, 2)))
    assert metrics(empty) == {"documents": 0}
    nothing = metrics(judge(LABELS, [[], []], np.zeros((2, 2), bool), np.zeros((2, 2))))
    assert nothing["micro_f1"] == 0
    assert nothing["samples_f1"] == 1


def test_macro_f1_is_one_figure_wherever_it_is_given() -> None:
    random = np.random.default_rng(7)
    gold, predicted = random.random((60, 6)) < 0.4, random.random((60, 6)) < 0.4
    gold[:, 5] = False  # given, but never due: counts in micro-F1 alone
    judged = Judged(tuple("abcdef"), gold, predicted, predicted.astype(float))
    expected = f1_score(gold[:, :5], predicted[:, :5], average="macro")
    answers = Predictions("same", {"topics": Answers(judged.labels, gold, predicted)})
    compared = compare(answers, answers, rounds=10)["topics"].overall[1]
    assert metrics(judged)["macro_f1"] == pytest.approx(expected)
    assert slices.scores(judged)["macro_f1"] == pytest.approx(expected)
    assert (compared.name, compared.first) == ("macro_f1", pytest.approx(expected))
    assert drawn_scores(gold, [predicted], 4000)[0, :, 1].mean() == pytest.approx(expected, abs=0.02)


def test_one_look_at_the_scores_gives_f1_at_each_threshold() -> None:
    dice = np.random.default_rng(5)
    gold, steps = dice.random((200, 4)) < 0.3, np.linspace(0.01, 0.99, 99)
    for stated in (dice.random((200, 4)).round(2), dice.random((200, 4), dtype=np.float32), np.zeros((200, 4))):
        assert f1_at(gold, stated, steps) == [f1(gold, stated >= step) for step in steps]


def test_kept_draws_are_those_made_one_by_one() -> None:
    gold = np.random.default_rng(5).random((300, 3)) < 0.3
    kept = drawn_scores(gold, [~gold], 30)
    draws = np.random.default_rng(0).multinomial(300, np.full(300, 1 / 300), size=30).astype(np.float32)
    assert (kept[0] == scores(draws, gold, ~gold)).all()
    assert (kept == drawn_scores(gold, [~gold], 30)).all()
    assert (kept[0, :10] == drawn_scores(gold, [~gold], 10)[0]).all()


def test_what_was_given_instead_is_counted() -> None:
    gold = np.array([[1, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 0]], bool)
    answers = np.array([[0, 1, 0], [1, 1, 0], [1, 0, 1], [0, 0, 1]], bool)
    assert instead(Judged(("a", "b", "c"), gold, answers, answers * 1.0)).tolist() == [[0, 1, 0], [1, 0, 1], [0, 0, 0]]
