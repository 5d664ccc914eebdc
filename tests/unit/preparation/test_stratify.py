"""Iterative stratification, against what the package iterative-stratification draws."""

from __future__ import annotations

import random

import numpy as np
import pytest

from pipeline.preparation.splitting import smaller_part


def _labels(count: int, seed: int) -> list[list[int]]:
    dice = random.Random(seed)
    return [sorted({int(dice.expovariate(0.4)) for _ in range(dice.randrange(4))}) for _ in range(count)]


@pytest.mark.parametrize("count", [10, 57, 900])
def test_the_parts_are_those_of_the_package(count: int) -> None:
    stratifiers = pytest.importorskip("iterstrat.ml_stratifiers", reason="iterative-stratification is not installed")
    for seed in range(5):
        labels = _labels(count, seed)
        table = np.zeros((count, max(max(row, default=0) for row in labels) + 1), bool)
        for row, given in enumerate(labels):
            table[row, given] = True
        splitter = stratifiers.MultilabelStratifiedShuffleSplit(n_splits=1, test_size=0.2, random_state=seed)
        assert smaller_part(labels, 0.2, seed) == next(splitter.split(table, table))[1].tolist()


def test_documents_without_labels_are_shared_out_as_well() -> None:
    assert len(smaller_part([[]] * 100, 0.3, seed=1)) == 30


def test_one_label_that_all_documents_have_changes_nothing() -> None:
    assert len(smaller_part([[0]] * 50, 0.1, seed=1)) == 5
