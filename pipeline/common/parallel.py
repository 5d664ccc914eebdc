"""Where pieces of work run: on this machine, or with `--engine dask` on the workers of a Dask cluster.

`running_on` is set around the work and `each` runs the pieces, wherever that is; the results are the same.
"""

from __future__ import annotations

import hashlib
import logging
import multiprocessing
import os
import platform
import threading
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import ExitStack, contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.common.errors import EngineError
from pipeline.common.project import missing

if TYPE_CHECKING:
    from distributed import Client

_ATTEMPTS = 3
_LIBRARIES = ("dask", "distributed", "joblib", "numba", "numpy", "scikit-learn", "scipy")
_NOISY = ("distributed", "distributed.client", "tornado.application")

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
    with _connected(scheduler) as client:
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
        yield from _on_cluster(client, function, list(tasks), shared)
    elif jobs == 1:
        yield from (function(*shared, *task) for task in tasks)
    else:
        from joblib import Parallel, delayed

        settings = {"prefer": "threads"} if threads else {"initializer": end_with_parent}
        parallel = Parallel(n_jobs=jobs, return_as="generator", **settings)
        yield from parallel(delayed(function)(*shared, *task) for task in tasks)


def _on_cluster(
    client: Client, function: Callable[..., Any], tasks: Sequence[Sequence[Any]], shared: Sequence[Any]
) -> Iterator[Any]:
    """The results in order; what a killed worker had goes to another one.

    The scheduler does so by itself, except when all workers that hold the shared data die: it is sent again then.
    """
    from joblib import Parallel, delayed, parallel_config

    done = 0
    while done < len(tasks):
        try:
            with told(client), _sent(client, shared) as sent:
                with parallel_config(backend=_dask_backend(client)):
                    parallel = Parallel(return_as="generator")
                for result in parallel(delayed(_apply)(function, tuple(task), *sent) for task in tasks[done:]):
                    yield result
                    done += 1
        except CancelledError:
            continue


def _dask_backend(client: Client) -> Any:
    """joblib's Dask backend, with two gaps closed: joblib works in this process when the cluster has one worker of one
    thread, and waits for ever when the scheduler itself gives a piece up."""
    from joblib._dask import DaskDistributedBackend

    class Backend(DaskDistributedBackend):
        def effective_n_jobs(self, n_jobs: int) -> int:
            return max(2, int(super().effective_n_jobs(n_jobs)))

        def submit(self, func: Any, callback: Any = None) -> Any:
            def tell(done: Any) -> None:
                if done.exception() is not None:
                    callback(done.exception())

            future = super().submit(func, callback)
            future.add_done_callback(tell)
            return future

    return Backend(client=client, wait_for_workers_timeout=_patience())


def _apply(function: Callable[..., Any], task: tuple[Any, ...], *shared: Any) -> Any:
    """Run a piece of work on a worker. The task is one argument: joblib would send each array of it on its own, to a
    worker that may die, whereas the scheduler keeps arguments until the result is there."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        return function(*shared, *task)


@contextmanager
def _sent(client: Client, shared: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """The shared values on every worker, until the block ends.

    Scattered data passes through the scheduler, which keeps none of it; as arguments of a task it would keep them all.
    """
    sent = _scatter(client, shared) if shared else []
    try:
        yield sent
    finally:
        for future in sent:
            future.release()


def _scatter(client: Client, shared: Sequence[Any]) -> list[Any]:
    for attempt in range(_ATTEMPTS):
        client.wait_for_workers(1, timeout=_patience())
        try:
            return list(client.scatter(list(shared), broadcast=True, hash=False))
        except OSError:  # a worker has died, and the scheduler hadn't noticed
            if client.status != "running" or attempt + 1 == _ATTEMPTS:
                break
    raise EngineError("the data could not be sent to the workers of the cluster: look at their logs, and run it again")


@contextmanager
def told(client: Client) -> Iterator[None]:
    """Say in one line what happened to a cluster. Raises EngineError, or CancelledError when only data was lost."""
    from distributed import KilledWorker
    from distributed.client import ClosedClientError
    from distributed.comm import CommClosedError

    try:
        yield
    except KilledWorker:
        raise EngineError(
            "a piece of work has killed several workers of the cluster, for want of memory perhaps: give them more"
        ) from None
    except TimeoutError:
        raise EngineError("the cluster has no workers any more: start some and run it again") from None
    except (CancelledError, CommClosedError, ClosedClientError) as error:
        if isinstance(error, CancelledError) and client.status == "running":
            raise
        raise EngineError("the connection to the Dask scheduler was lost: run it again when it is back") from None


@contextmanager
def _connected(scheduler: str) -> Iterator[Client]:
    try:
        from distributed import Client
        from distributed.comm.addressing import resolve_address
    except ImportError:
        raise EngineError(missing("--engine dask", "dask")) from None
    with _quiet(), ExitStack() as stack:
        try:
            resolve_address(scheduler)  # which a Client that fails here would not clear up after itself
            client = stack.enter_context(Client(scheduler, set_as_default=False))
        except (OSError, ValueError, TypeError) as error:
            reason = str(error) or type(error).__name__
            raise EngineError(f"no Dask scheduler can be reached at {scheduler}: {reason}") from None
        _check_workers(client)
        yield client


def _check_workers(client: Client) -> None:
    """Raises EngineError when there are no workers, or one would not give the results of this process."""
    try:
        client.wait_for_workers(1, timeout=_patience())
    except TimeoutError:
        raise EngineError("the Dask scheduler has no workers: start some with dask worker ADDRESS") from None
    try:
        found = client.run(fingerprint)
    except Exception as error:
        reason = str(error) or type(error).__name__
        raise EngineError(f"a worker can't run this version of Dateline, install it there ({reason})") from None
    here = fingerprint()
    for worker, there in found.items():
        for name, value in here.items():
            if there.get(name) != value:
                raise EngineError(f"worker {worker} has {name} {there.get(name)}, not {value}: install the same there")


def _patience() -> float:
    """Seconds for a worker to be there: what Dask's settings give a scheduler to answer (30 unless set)."""
    import dask
    from dask.utils import parse_timedelta

    return float(parse_timedelta(dask.config.get("distributed.comm.timeouts.connect")))


def fingerprint() -> dict[str, str]:
    """What the results of this process depend on: versions of Python and libraries, and a hash of Dateline's code."""
    from importlib.metadata import PackageNotFoundError, version

    found = {"Python": platform.python_version(), **dict.fromkeys(_LIBRARIES, "(none)")}
    for name in _LIBRARIES:
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    folder = Path(__file__).parent.parent
    code = hashlib.sha256()
    for file in sorted(folder.rglob("*.py"), key=lambda file: file.relative_to(folder).parts):
        code.update(file.read_bytes())
    return found | {"Dateline code": code.hexdigest()[:12]}


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Dask's own messages back: what goes wrong is told in one line.

    The loggers, which its import sets up, stay as they are set here: its threads go on for a while after us.
    """
    for name in _NOISY:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Sending large graph")
        warnings.filterwarnings("ignore", "(?s).*Mismatched versions")
        warnings.filterwarnings("ignore", "(?s).*still being processed by the workers")
        yield


def make_room(jobs: int) -> None:
    """Let this process have the open files that so many others take, as far as the system allows.

    Raises EngineError when they are too few: a process that starts without them breaks in ways that nobody can read.
    """
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    needed = _FILES + _FILES_EACH * jobs
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return
    if hard != resource.RLIM_INFINITY and hard < needed:
        raise EngineError(
            f"{jobs} processes need {needed} open files and only {hard} are allowed: try fewer --jobs, or ulimit -n"
        )
    resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))


_FILES, _FILES_EACH = 32, 6  # open files of one process at work, and those that it takes for each other process
_LOOK_EVERY = 1.0  # seconds


def end_with_parent() -> None:
    """Watch the parent of this process from a thread, and end when it is gone, be it already."""
    # The system's answer would be another process if the parent was killed before this one came so far.
    parent = getattr(multiprocessing.current_process(), "_parent_pid", None) or os.getppid()
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK_EVERY)
    os._exit(1)
