"""Tests of the agreement of people, on the published examples where there are any."""

from __future__ import annotations

import random

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from pipeline.evaluation.agreement import agreement, agreement_by_label, alpha, masi

# Krippendorff 2011, Computing Krippendorff's Alpha-Reliability, sections A and C
TWO_VALUES = ("0100000000", "1110010010")
OBSERVERS = ("123321412...", "1233224125.3", ".3332342251.", "12332441251.")


def units(*rows: str) -> list[list[str]]:
    return [[value for value in column if value != "."] for column in zip(*rows, strict=True)]


def differ(one: str, other: str) -> float:
    return float(one != other)


@pytest.mark.parametrize(("rows", "expected"), [(TWO_VALUES, 0.095), (OBSERVERS, 0.743)])
def test_alpha_of_krippendorffs_examples(rows: tuple[str, ...], expected: float) -> None:
    assert alpha(units(*rows), differ) == pytest.approx(expected, abs=0.0005)


def test_alpha_of_two_people_is_close_to_cohens_kappa() -> None:
    draw = np.random.default_rng(3)
    one = draw.random(4000) < 0.3
    other = np.where(draw.random(4000) < 0.8, one, ~one)
    found = alpha([[bool(a), bool(b)] for a, b in zip(one, other, strict=True)], lambda a, b: float(a != b))
    assert found == pytest.approx(cohen_kappa_score(one, other), abs=0.01)


def test_alpha_of_chance_is_nothing_and_of_one_value_unknown() -> None:
    draw = random.Random(5)
    assert alpha([[draw.choice("ab"), draw.choice("ab")] for _ in range(5000)], differ) == pytest.approx(0, abs=0.04)
    assert alpha([["a", "a"], ["a", "a"], ["b"]], differ) is None
    assert alpha([["a", "a"], ["b", "b"]], differ) == 1


def test_masi() -> None:
    a, b, c = frozenset("ab"), frozenset("abc"), frozenset("bcd")
    assert masi(a, b) == pytest.approx(1 - 2 / 3 * 2 / 3)
    assert masi(b, c) == pytest.approx(1 - 2 / 4 / 3)
    assert (masi(a, a), masi(a, frozenset("x")), masi(frozenset(), frozenset()), masi(a, frozenset())) == (0, 1, 0, 1)


def test_articles_and_labels() -> None:
    opinions = [
        {"anna": frozenset({"storm"}), "ben": frozenset({"storm", "economy"})},
        {"anna": frozenset({"football"}), "ben": frozenset({"football"})},
        {"anna": frozenset[str](), "ben": frozenset[str]()},
        {"anna": frozenset({"economy"})},
    ]
    whole, labels = agreement(opinions), agreement_by_label(opinions)
    assert (whole.articles, whole.given, whole.both, whole.f1) == (3, 2, 2, pytest.approx(4 / 5))
    assert whole.alpha is not None
    assert list(labels) == ["football", "storm", "economy"]
    assert (labels["storm"].f1, labels["storm"].alpha) == (1, 1)
    assert (labels["economy"].given, labels["economy"].both, labels["economy"].f1) == (1, 0, 0)
