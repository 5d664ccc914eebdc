"""Tests of processes at work for this one: order, errors, and ends of all kinds."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor
from typing import Any

import psutil
import pytest

from pipeline.common.processes import Processes

LARGE = 300_000_000  # bytes of an answer that takes longer to send than to notice


def called() -> Callable[..., Any]:
    return lambda work, *given: work(*given)


class End:
    """Ends the process soon after it is pickled, which is when the answer is being sent."""

    def __reduce__(self) -> tuple[Any, ...]:
        signal.setitimer(signal.ITIMER_REAL, 0.005)
        return End, ()


def answer_cut_off() -> tuple[bytes, End]:
    return bytes(LARGE), End()


@pytest.fixture(params=["fork", "spawn"])
def two(request: pytest.FixtureRequest) -> Iterator[Processes]:
    found = Processes(2, request.param, called)
    yield found
    found.kill()


def test_each_promise_is_its_own(two: Processes) -> None:
    promises = [two.submit(pow, number, 2) for number in range(100)]
    assert [promise.result() for promise in promises] == [number**2 for number in range(100)]


def test_an_error_is_raised_here_and_says_where_it_was(two: Processes) -> None:
    with pytest.raises(ValueError, match="invalid literal") as raised:
        two.submit(int, "x").result()
    assert "in _answer" in raised.value.__notes__[0]
    assert two.submit(int, "7").result() == 7


def test_what_cannot_be_sent_is_an_error_of_its_own(two: Processes) -> None:
    with pytest.raises(Exception, match="pickle"):
        two.submit(int, lambda: 7).result()
    assert two.submit(int, "7").result() == 7


def test_a_process_killed_while_it_answers_keeps_nobody_waiting(two: Processes) -> None:
    with pytest.raises(BrokenExecutor):
        two.submit(answer_cut_off).result()
    left = [two.submit(os.getpid).exception() is None for _ in range(2)]
    assert sorted(left) == [False, True]


def test_a_process_killed_while_it_waits_keeps_nobody_waiting(two: Processes) -> None:
    pids = {two.submit(os.getpid).result() for _ in range(2)}
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    for _ in range(3):
        with pytest.raises(BrokenExecutor):
            two.submit(int).result()


def test_the_end_leaves_no_process_behind(two: Processes) -> None:
    pids = [two.submit(os.getpid).result() for _ in range(2)]
    two.close()
    assert not any(psutil.pid_exists(pid) for pid in pids)
