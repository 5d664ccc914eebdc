"""Progress: what a stage says of itself, and what a terminal shows."""

from __future__ import annotations

import os
import time

import pytest

from pipeline.common.progress import Progress, Stage, duration, time_left


def test_durations_are_said_as_people_say_them() -> None:
    assert [duration(seconds) for seconds in (0.44, 12, 185, 7800)] == ["0.4 s", "12 s", "3 min 05 s", "2 h 10 min"]


def test_time_left_is_judged_by_what_is_done() -> None:
    started = time.monotonic() - 10
    assert time_left(started, 1, 5) == "40 s left"
    assert time_left(started, 0, 5) == time_left(started, 5, 5) == ""


def test_a_stage_counts_what_has_been_dealt_with_and_says_what_is_left() -> None:
    stage = Stage("tag", 4, None)
    seen = [(item, stage.done, "left" in stage.line()) for item in stage.over("abcd")]
    assert seen == [("a", 0, False), ("b", 1, True), ("c", 2, True), ("d", 3, True)]
    assert "4 of 4" in stage.line()
    assert "left" not in stage.line()


def test_a_terminal_sees_the_stage_move(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.common.progress._REDRAW", -1)  # at each step, however fast
    here, there = os.openpty()
    with os.fdopen(there, "w") as terminal, Progress(terminal).stage("tag", 3) as stage:
        for _ in stage.over(range(3)):
            pass
    shown = os.read(here, 4096).decode()
    os.close(here)
    assert "1 of 3" in shown
    assert "left" in shown
    assert shown.rstrip().splitlines()[-1].rpartition("\r")[2].startswith("\x1b[K  tag")
