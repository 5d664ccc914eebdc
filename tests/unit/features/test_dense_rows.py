"""Sums of dense rows beside the plain loops that they stand for: the same bits."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.features.compiled.dense_rows import AHEAD, LANES, add_lanes, add_rows, lanes, move_lanes, widened

ROWS, SIZE = 50, 37


def given(columns: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """A matrix of zeros beyond `columns`, some of its rows, their factors, and what is added to."""
    dice = np.random.default_rng(columns)
    matrix = widened(dice.normal(size=(ROWS, columns)))
    return (
        matrix,
        dice.integers(0, ROWS, SIZE + AHEAD),
        dice.random(SIZE, np.float32),
        widened(dice.normal(size=(1, columns)))[0],
    )


@pytest.mark.parametrize("columns", [1, 8, 9, 24, 64, 65, 80, 87, 150])
def test_sums_are_made_row_by_row(columns: int) -> None:
    matrix, rows, factors, sums = given(columns)
    plain, part = sums.copy(), sums.copy()
    for row, factor in zip(rows[:SIZE], factors, strict=True):
        plain += factor * matrix[row]
    add_rows(matrix, rows, factors, SIZE, sums)
    add_lanes(matrix, rows, factors, SIZE, 0, part)
    assert len(sums) == lanes(columns)
    assert np.array_equal(sums, plain)
    assert np.array_equal(part[:LANES], plain[:LANES])


@pytest.mark.parametrize("squared", [False, True])
def test_only_the_lanes_given_move(squared: bool) -> None:
    matrix, rows, factors, steps = given(24)
    squares = matrix * matrix if squared else matrix[:0]
    plain = matrix.copy()
    for row, factor in zip(rows[:SIZE], factors, strict=True):
        change = steps[8:16] * factor
        plain[row, 8:16] += change * squares[row, 8:16] if squared else change
    move_lanes(matrix, rows, factors, SIZE, 8, steps, squares)
    assert np.array_equal(matrix, plain)
