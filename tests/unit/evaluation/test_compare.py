"""Paired bootstrap and the gate."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pipeline.common.config import GateSettings
from pipeline.common.errors import DataError
from pipeline.evaluation.compare import Answers, Predictions, compare, load_predictions, save_predictions, verdict

LABELS = ("a", "b", "c")


def answers(flipped: float, seed: int = 0, documents: int = 400) -> Answers:
    """Gold labels, and predictions of which the share `flipped` is wrong."""
    gold = np.random.default_rng(7).random((documents, 3)) < (0.5, 0.3, 0.02)
    wrong = np.random.default_rng(seed).random(gold.shape) < flipped
    return Answers(LABELS, gold, gold ^ wrong)


def model(flipped: float, seed: int = 0, content: str = "same") -> Predictions:
    return Predictions(content, {"topics": answers(flipped, seed)})


def test_a_model_does_not_differ_from_itself() -> None:
    found = compare(model(0.1), model(0.1))["topics"]
    assert {(one.difference, one.low, one.high) for one in (*found.overall, *found.labels)} == {(0, 0, 0)}


def test_scores_are_those_of_scikit_learn() -> None:
    from sklearn.metrics import f1_score

    one = answers(0.1)
    found = compare(model(0.1), model(0.2, 1))["topics"]
    assert found.overall[0].first == pytest.approx(f1_score(one.gold, one.predicted, average="micro"))
    assert found.overall[1].first == pytest.approx(f1_score(one.gold, one.predicted, average="macro"))
    by_name = {label.name: label for label in found.labels}
    assert by_name["b"].first == pytest.approx(f1_score(one.gold[:, 1], one.predicted[:, 1]))
    assert [label.support for label in found.labels] == sorted(one.gold.sum(axis=0), reverse=True)


def test_interval_is_that_of_the_paired_difference() -> None:
    found = compare(model(0.1), model(0.2, 1))["topics"].overall[0]
    assert found.low < found.difference < found.high < 0
    shared = answers(0.1)
    almost = Answers(LABELS, shared.gold, shared.predicted.copy())
    almost.predicted[0] = ~almost.predicted[0]
    narrow = compare(model(0.1), Predictions("same", {"topics": almost}))["topics"].overall[0]
    assert narrow.high - narrow.low < (found.high - found.low) / 4


def test_interval_covers_the_truth_as_often_as_it_says() -> None:
    """Two models that are equally good: about 5 in 100 intervals leave out zero."""
    missed = 0
    for seed in range(100):
        found = compare(model(0.1, 2 * seed), model(0.1, 2 * seed + 1), rounds=300)["topics"].overall[0]
        missed += not found.low <= 0 <= found.high
    assert missed <= 12


def test_the_same_seed_gives_the_same_interval() -> None:
    assert compare(model(0.1), model(0.2)) == compare(model(0.1), model(0.2))


def test_labels_of_one_model_only_are_put_beside_none() -> None:
    short = answers(0.0)
    without = Answers(("a", "b"), short.gold[:, :2], short.predicted[:, :2])
    more = Answers(("b", "a", "d"), short.gold[:, [1, 0, 2]] & [True, True, False], short.gold[:, [1, 0, 2]])
    found = compare(Predictions("same", {"topics": without}), Predictions("same", {"topics": more}))["topics"]
    assert {label.name: label.difference for label in found.labels} == {"a": 0, "b": 0, "d": 0}


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (model(0.1, content="another"), "not tested on the same documents"),
        (Predictions("same", {"regions": answers(0.1)}), "no task in common"),
        (Predictions("same", {"topics": answers(0.1, documents=399)}), "not tested on the same topics labels"),
    ],
)
def test_what_can_not_be_compared_is_refused(other: Predictions, said: str) -> None:
    with pytest.raises(DataError, match=said):
        compare(model(0.1), other)


def test_gate_lets_an_equal_model_pass() -> None:
    assert verdict(compare(model(0.1), model(0.1, 1)), [], GateSettings(label_drop=0.2)).passed


def test_gate_stops_a_model_that_is_surely_worse() -> None:
    found = verdict(compare(model(0.1), model(0.3)), [], GateSettings(label_drop=1))
    assert not found.passed
    assert "topics is worse: micro-F1 " in found.reason
    assert verdict(compare(model(0.1), model(0.3)), [], GateSettings(label_drop=1, tolerance=0.5)).passed


def test_gate_stops_a_model_that_loses_a_main_label() -> None:
    good = answers(0.0)
    lost = Answers(LABELS, good.gold, good.predicted & [True, False, True])
    comparison = compare(Predictions("same", {"topics": good}), Predictions("same", {"topics": lost}))
    lenient = {"tolerance": 1.0, "label_drop": 0.05}
    found = verdict(comparison, [], GateSettings(**lenient))
    assert "label 'b' is down: 1.000 to 0.000" in found.reason
    assert verdict(comparison, [], GateSettings(**lenient, main_support=399)).passed


def test_gate_stops_a_model_without_a_task_of_the_champion() -> None:
    found = verdict(compare(model(0.1), model(0.1)), ["regions"], GateSettings())
    assert (found.passed, found.reason) == (False, "it has no regions")


def test_predictions_survive_the_file(tmp_path: Path) -> None:
    file, again = tmp_path / "one.npz", tmp_path / "two.npz"
    save_predictions(file, {"test": model(0.1), "validation": model(0.2)})
    save_predictions(again, {"test": model(0.1), "validation": model(0.2)})
    assert file.read_bytes() == again.read_bytes()
    read = load_predictions(file, "test")
    assert (read.content, read.tasks["topics"].labels) == ("same", LABELS)
    assert (read.tasks["topics"].predicted == answers(0.1).predicted).all()
    with pytest.raises(DataError, match="no predictions of the train split"):
        load_predictions(file, "train")
    file.write_bytes(b"PK")
    with pytest.raises(DataError, match="no predictions"):
        load_predictions(file, "test")
