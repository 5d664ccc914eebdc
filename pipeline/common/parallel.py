"""Where pieces of work run: on this machine, or with `--engine dask` on the workers of a Dask cluster.

`running_on` is set around the work and `each` runs the pieces, wherever that is; the results are the same.
"""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TypeVar, cast

from pipeline.common.errors import EngineError

if TYPE_CHECKING:
    from concurrent.futures import Future

    from distributed import Client

Given = TypeVar("Given")
Made = TypeVar("Made")
_cluster: ContextVar[Client | None] = ContextVar("cluster", default=None)


@contextmanager
def running_on(engine: str = "local", scheduler: str = "") -> Iterator[None]:
    """Run the pieces of work of this block on an engine: `local`, or `dask` with the address of a scheduler.

    Raises EngineError when Dask is not installed, the scheduler can't be reached or has no workers, or a worker has
    another Python, library or version of Dateline than this process.
    """
    if engine not in ("local", "dask") or (engine == "dask") != bool(scheduler):
        raise EngineError("--engine is local, or dask together with --scheduler tcp://host:8786")
    if engine == "local":
        yield
        return
    from pipeline.common.cluster import connected

    with connected(scheduler) as client:
        token = _cluster.set(client)
        try:
            yield
        finally:
            _cluster.reset(token)


def cluster() -> Client | None:
    """The cluster that this block runs on; None for this machine."""
    return _cluster.get()


def each(
    function: Callable[..., Any],
    tasks: Iterable[Sequence[Any]],
    jobs: int,
    shared: Sequence[Any] = (),
    threads: bool = False,
) -> Iterator[Any]:
    """`function(*shared, *task)` of every task, in order: with `jobs` processes (or `threads`) of this machine, or with
    all workers of the cluster, to each of which `shared` is sent once.

    Raises EngineError when the cluster is lost, and what the function raises.
    """
    client = cluster()
    if client is not None:
        from pipeline.common.cluster import on_cluster

        yield from on_cluster(client, function, list(tasks), shared)
    elif jobs == 1:
        yield from (function(*shared, *task) for task in tasks)
    else:
        from joblib import Parallel, delayed

        settings = {"prefer": "threads"} if threads else {"initializer": end_with_parent}
        parallel = Parallel(n_jobs=jobs, return_as="generator", **settings)
        yield from parallel(delayed(function)(*shared, *task) for task in tasks)


def in_threads(function: Callable[[Any], Any], items: Iterable[Any], jobs: int) -> list[Any]:
    """`function` of each item, in order, in so many threads: for small pieces that let go of Python's lock."""
    return list(ahead(function, items, jobs))


def ahead(function: Callable[[Given], Made], items: Iterable[Given], jobs: int) -> Iterator[Made]:
    """The same one by one, the threads a few items ahead of what is taken, so that not all are in memory."""
    if jobs == 1:
        yield from map(function, items)
        return
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(jobs) as threads:
        waiting: deque[Future[Made]] = deque()
        for item in items:
            waiting.append(threads.submit(function, item))
            if len(waiting) > jobs:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def shares(count: int, jobs: int) -> list[slice]:
    """So many things in as many shares as there are jobs, in order; none is empty."""
    size = max(1, -(-count // jobs))
    return [slice(start, start + size) for start in range(0, count, size)]


def read_ahead(items: Iterable[Made]) -> Iterator[Made]:
    """The items, the next of which a thread makes while one is at work that lets go of Python's lock."""
    from concurrent.futures import ThreadPoolExecutor

    waiting, end = iter(items), object()
    with ThreadPoolExecutor(1) as thread:
        following = thread.submit(next, waiting, end)
        while (item := following.result()) is not end:
            following = thread.submit(next, waiting, end)
            yield cast("Made", item)


def make_room(jobs: int) -> None:
    """Let this process have the open files that so many others take, as far as the system allows.

    Raises EngineError when they are too few: a process that starts without them breaks in ways that nobody can read.
    """
    needed = _FILES + _FILES_EACH * jobs
    allowed = allow_open_files(needed)
    if allowed < needed:
        raise EngineError(
            f"{jobs} processes need {needed} open files and only {allowed} are allowed: try fewer --jobs, or ulimit -n"
        )


def allow_open_files(wanted: int) -> int:
    """Let this process and those that it starts have so many open files; how many of these the system allows."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return wanted
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < allowed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    return allowed


_FILES, _FILES_EACH = 32, 6  # open files of one process at work, and those that it takes for each other process
_LOOK_EVERY = 0.2  # seconds: a killed command's files stay locked for so long


def end_with_parent() -> None:
    """Watch the parent of this process from a thread, and end when it is gone, be it already."""
    import multiprocessing

    # The system's answer would be another process if the parent was killed before this one came so far.
    parent = getattr(multiprocessing.current_process(), "_parent_pid", None) or os.getppid()
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK_EVERY)
    os._exit(1)
