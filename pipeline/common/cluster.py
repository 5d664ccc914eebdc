"""A Dask cluster: reaching it, checking its workers, and sending them pieces of work that outlive a killed worker."""

from __future__ import annotations

import hashlib
import logging
import platform
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.common.errors import EngineError
from pipeline.common.project import missing

if TYPE_CHECKING:
    from distributed import Client

_ATTEMPTS = 3
_LIBRARIES = ("dask", "distributed", "joblib", "numba", "numpy", "scikit-learn", "scipy")
_NOISY = ("distributed", "distributed.client", "tornado.application")


@contextmanager
def connected(scheduler: str) -> Iterator[Client]:
    """A client of the scheduler, its workers looked at. Raises EngineError as `running_on` says."""
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


def on_cluster(
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
