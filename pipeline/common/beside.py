"""One process beside this one, for work that need not wait its turn."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from typing import Any, TypeVar

from pipeline.common.parallel import end_with_parent

Result = TypeVar("Result")
Beside = Executor | None


@contextmanager
def beside(jobs: int) -> Iterator[Beside]:
    """What takes work to a process that is begun with the first piece, and ends with the block or with this process;
    None where no more than one job is wanted."""
    if jobs < 2:
        yield None
        return
    pool = ProcessPoolExecutor(1, get_context("spawn"), _begin)
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def begun(helper: Beside, work: Callable[..., Any], *given: Any) -> Callable[[], None]:
    """Begin work whose result nobody needs; what waits for its end, and minds no failure."""
    if helper is None:
        return nothing
    try:
        future: Future[Any] = helper.submit(work, *given)
    except BrokenExecutor:  # it was killed
        return nothing

    def settle() -> None:
        if not future.cancel():
            with suppress(Exception):
                future.result()

    return settle


def done(helper: Beside, work: Callable[..., Result], *given: Any) -> Result:
    """The result of work done by a helper; by this process where there is none, or where it was killed."""
    if helper is not None:
        with suppress(BrokenExecutor):
            return helper.submit(work, *given).result()
    return work(*given)


def nothing() -> None:
    """What there is to wait for when nothing was begun."""


def _begin() -> None:
    """Be silent, and end with the process that this one is beside."""
    end_with_parent()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nowhere, stream)
