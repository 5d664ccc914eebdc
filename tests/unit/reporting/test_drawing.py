"""Pictures drawn by two processes."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import numpy as np
import pytest

from pipeline.common.beside import Beside, begun, beside, done
from pipeline.evaluation.metrics import Judged
from pipeline.reporting import figures, figures_curves
from pipeline.reporting.drawing import Drawing, Order, load_drawing
from pipeline.reporting.figures import Picture


@pytest.fixture
def helper() -> Iterator[Beside]:
    with beside(2) as found:
        yield found


def _orders() -> dict[str, Order]:
    draw = np.random.default_rng(1)
    gold, scores = draw.random((60, 8)) < 0.3, draw.random((60, 8))
    found = Judged(tuple(f"l{n}" for n in range(8)), gold, scores > 0.5, scores)
    return {
        "reliability": Order(figures_curves.reliability, (found, "Title"), 5.4),
        "precision": Order(figures_curves.precision_recall, (found, {}, "Title")),
        "confusion": Order(figures.confusion, (found, {}, "Title"), 4.0),
        "together": Order(figures.cooccurrence, (found.gold, found.labels, {}, "Title")),
    }


def _drawn(helper: Beside = None) -> dict[str, Picture]:
    drawing, orders = Drawing(helper), _orders()
    for name, order in orders.items():
        drawing.order({name: order})
    return drawing.drawn()


def test_two_processes_draw_what_one_draws(helper: Beside) -> None:
    begun(helper, load_drawing)()
    one, two = _drawn(), _drawn(helper)
    assert list(two) == list(one)
    assert two == one


def test_a_helper_that_was_killed_leaves_the_work_to_this_process(helper: Beside) -> None:
    assert done(helper, abs, -3) == 3
    os.kill(done(helper, os.getpid), signal.SIGKILL)
    begun(helper, load_drawing)()
    assert done(helper, abs, -3) == 3
    assert _drawn(helper) == _drawn()


def test_without_a_helper_work_is_done_here() -> None:
    begun(None, load_drawing)()
    assert done(None, abs, -3) == 3
