"""The solver beside liblinear on the same data: the same optimum, the same decisions."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_matrix, diags, random
from sklearn.svm import LinearSVC

from pipeline.training.svm_solver import Problem, Rows, solve

TERMS, DOCUMENTS = 120, 300


def problem(weights: np.ndarray | None = None) -> tuple[Problem, csr_matrix]:
    """Documents with three labels that some of their terms tell, and the rows as liblinear takes them."""
    dice = np.random.default_rng(4)
    counts = random(DOCUMENTS, TERMS, 0.1, "csr", np.float32, dice, lambda size: dice.integers(1, 5, size))
    idf = dice.uniform(0.5, 3, TERMS).astype(np.float32)
    rows = Rows(counts.indptr, counts.indices, counts.data)
    scales = rows.scales(idf)
    weighed = (diags(scales) @ counts @ diags(idf)).tocsr()
    told = weighed @ dice.normal(0, 1, (TERMS, 3)) + dice.normal(0, 0.4, (DOCUMENTS, 3))
    gold = told > np.quantile(told, (0.5, 0.8, 0.95), axis=0).diagonal()
    return Problem(rows, idf, scales, np.arange(DOCUMENTS), gold, weights), weighed


def loss(x: csr_matrix, sign: np.ndarray, weights: np.ndarray, intercept: float, costs: np.ndarray) -> float:
    """What both make as small as possible: liblinear also shrinks the intercept."""
    slack = np.maximum(0, 1 - sign * (x @ weights + intercept))
    return float((weights @ weights + intercept**2) / 2 + costs @ slack**2)


@pytest.mark.parametrize("penalty", [0.1, 1.0])
@pytest.mark.parametrize("weighted", [False, True])
def test_it_finds_the_optimum_of_liblinear(penalty: float, weighted: bool) -> None:
    costs = np.random.default_rng(1).uniform(0.2, 2, DOCUMENTS) if weighted else np.ones(DOCUMENTS)
    given, x = problem(costs if weighted else None)
    weights, intercepts = solve(given, penalty, 0)
    scores = given.scores(np.arange(DOCUMENTS), weights, intercepts)
    for label in range(3):
        sign = np.where(given.gold[:, label], 1, -1)
        best = LinearSVC(C=penalty, tol=1e-6, max_iter=100_000, dual=True).fit(x, sign, sample_weight=costs)
        reached = loss(x, sign, best.coef_[0], float(best.intercept_[0]), penalty * costs)
        ours = loss(x, sign, weights[:, label].astype(float), float(intercepts[label]), penalty * costs)
        assert reached <= ours * (1 + 1e-6)
        assert ours <= reached * 1.005
        theirs = best.decision_function(x)
        clear = abs(theirs) > 0.05
        assert np.array_equal(scores[clear, label] > 0, theirs[clear] > 0)
        assert np.corrcoef(scores[:, label], theirs)[0, 1] > 0.999


def test_the_seed_changes_the_walk_and_not_the_machine() -> None:
    given, _ = problem()
    everything = np.arange(DOCUMENTS)
    one, other = (given.scores(everything, *solve(given, 1.0, seed)) for seed in (0, 1))
    assert np.abs(one - other).max() < 0.1
    assert np.array_equal(one, given.scores(everything, *solve(given, 1.0, 0)))


def test_a_label_that_all_or_none_bear_gets_zeros() -> None:
    given, _ = problem()
    gold = given.gold.copy()
    gold[:, 0], gold[:, 1] = True, False
    weights, intercepts = solve(Problem(given.rows, given.idf, given.scales, given.chosen, gold), 1.0, 0)
    assert not weights[:, :2].any()
    assert not intercepts[:2].any()
    assert weights[:, 2].any()
