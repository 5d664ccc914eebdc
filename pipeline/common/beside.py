"""One process beside this one, for work that need not wait its turn."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Future
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

from pipeline.common.processes import Processes

Result = TypeVar("Result")
Beside = Processes | None


@contextmanager
def beside(jobs: int) -> Iterator[Beside]:
    """What takes work to a process, `submit(function, *given)`, that ends with the block or with this process; None
    where no more than one job is wanted."""
    if jobs < 2:
        yield None
        return
    process = Processes(1, "spawn", _any_work, quiet=True)
    try:
        yield process
    finally:
        process.close()


def begun(helper: Beside, work: Callable[..., Any], *given: Any) -> Callable[[], None]:
    """Begin work whose result nobody needs; what waits for its end, and minds no failure."""
    if helper is None:
        return nothing
    future: Future[Any] = helper.submit(work, *given)

    def settle() -> None:
        if not future.cancel():
            with suppress(Exception):
                future.result()

    return settle


def done(helper: Beside, work: Callable[..., Result], *given: Any) -> Result:
    """The result of work done by a helper; by this process where there is none, or where it was killed."""
    if helper is not None:
        with suppress(BrokenExecutor):
            result: Result = helper.submit(work, *given).result()
            return result
    return work(*given)


def nothing() -> None:
    """What there is to wait for when nothing was begun."""


def _any_work() -> Callable[..., Any]:
    return _called


def _called(work: Callable[..., Result], *given: Any) -> Result:
    return work(*given)
