"""Tests of the quality that probabilities expect, and of the comparison of two sets of articles."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pipeline.common.errors import DataError
from pipeline.evaluation.drift import drift, stability_index
from pipeline.evaluation.expected import expected_by_label, expected_quality
from pipeline.evaluation.metrics import Judged, metrics
from pipeline.evaluation.seen import REFERENCE, Profile, TaskProfile, read_profile, write_profile

BEFORE = Profile(
    1000,
    10,
    [0, 10, 100, 500, 300, 80, 10],
    (5.9, 0.6),
    (0.02, 0.02),
    {"topics": TaskProfile({"sport": 200, "economy": 100}, 300, 200, [0, 0, 0, 0, 50, 50, 100, 200, 300, 300])},
)


def test_what_is_expected_is_what_holds_when_labels_fall_as_probabilities_say() -> None:
    random = np.random.default_rng(5)
    probabilities = random.beta(0.3, 1.2, size=(4000, 6))
    gold, given = random.random(probabilities.shape) < probabilities, probabilities > 0.4
    true = metrics(Judged(tuple("abcdef"), gold, given, probabilities))
    found = expected_quality(probabilities, given)
    assert found.f1 == pytest.approx(true["micro_f1"], abs=0.01)
    assert found.precision == pytest.approx(true["micro_precision"], abs=0.015)
    assert found.recall == pytest.approx(true["micro_recall"], abs=0.015)
    assert found.low < true["micro_f1"] < found.high
    labels = expected_by_label(tuple("abcdef"), probabilities, given)
    assert [each.tags for each in labels.values()] == sorted(given.sum(axis=0).tolist(), reverse=True)


def test_articles_of_the_same_kind_have_not_moved() -> None:
    same = replace(
        BEFORE,
        documents=500,
        warned=6,
        tasks={"topics": TaskProfile({"sport": 104, "economy": 47}, 151, 90, BEFORE.tasks["topics"].highest)},
    )
    assert drift(BEFORE, same).moved == []


def test_what_moved_is_named_and_the_largest_comes_first() -> None:
    task = TaskProfile({"sport": 20, "economy": 55, "war": 90}, 165, 60, [50, 50, 100, 100, 50, 50, 50, 30, 10, 10])
    now = replace(BEFORE, documents=500, warned=60, unknown=(0.09, 0.05), tasks={"topics": task})
    found = drift(BEFORE, now)
    assert [shift.label for shift in found.labels] == ["war", "sport", "economy"]
    assert [shift.moved for shift in found.labels] == [True, True, False]
    assert {"articles with a warning", "share of unknown words", "scores of topics"} < set(found.moved)
    assert "lengths" not in found.moved
    war = found.labels[0]
    assert war.low < war.now - war.before < war.high


def test_the_stability_index_of_equal_histograms_is_zero() -> None:
    assert stability_index([10, 20, 30], [10, 20, 30]) == pytest.approx(0)
    assert stability_index([10, 20, 30], [30, 20, 10]) > 0.2


def test_a_profile_is_kept_and_a_damaged_one_is_one_line(tmp_path: Path) -> None:
    write_profile(tmp_path, BEFORE)
    assert read_profile(tmp_path) == BEFORE
    for damage in ("{", "[]", '{"tasks": 3}', '{"tasks": {}, "words": [1], "unknown": [1, 2]}'):
        (tmp_path / REFERENCE).write_text(damage, encoding="utf-8")
        with pytest.raises(DataError, match="can't be read"):
            read_profile(tmp_path)
    (tmp_path / REFERENCE).unlink()
    with pytest.raises(DataError, match="--reference FILE"):
        read_profile(tmp_path)
