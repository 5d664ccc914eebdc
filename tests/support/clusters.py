"""Dask clusters of real processes."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from support.commands import environment, wait_until
from support.projects import ROOT
from support.servers import free_port


class Clusters:
    """A cluster of two worker processes on this machine's loopback, made anew when killed workers don't come back."""

    def __init__(self) -> None:
        self._cluster: Any = None

    def ready(self) -> Any:
        """The cluster, with both workers there."""
        if self._cluster:
            try:
                wait_until(lambda: len(self._cluster.scheduler.workers) == 2, 20)
            except AssertionError:
                self.close()
        self._cluster = self._cluster or self._made()
        return self._cluster

    def close(self) -> None:
        if self._cluster:
            self._cluster.close()
        self._cluster = None

    def _made(self) -> Any:
        from distributed import LocalCluster

        settings = {"host": "127.0.0.1", "dashboard_address": None, "worker_dashboard_address": None}
        return LocalCluster(n_workers=2, threads_per_worker=1, memory_limit="1GiB", silence_logs=50, **settings)


@pytest.fixture(scope="session")
def clusters() -> Iterator[Clusters]:
    """The cluster of the session, whose workers import this project and soon notice that another one is gone."""
    import dask

    kept = dict(os.environ)
    os.environ.update(environment())
    made = Clusters()
    with dask.config.set({"distributed.comm.timeouts.connect": "5s"}):
        try:
            yield made
        finally:
            made.close()
            os.environ.clear()
            os.environ.update(kept)


@pytest.fixture
def two_workers(clusters: Clusters) -> Any:
    """A cluster of two worker processes; a killed one is started anew."""
    return clusters.ready()


class Killer(threading.Thread):
    """Kills workers of a cluster with signal 9 as soon as one works at a task whose name holds a word."""

    def __init__(self, cluster: Any, word: str, everyone: bool = False) -> None:
        super().__init__(daemon=True)
        self._cluster, self._word, self._everyone = cluster, word, everyone
        self._over = threading.Event()
        self.killed = 0

    def run(self) -> None:
        while not self._over.wait(0.002):
            workers = list(self._cluster.scheduler.workers.values())
            busy = [one for one in workers if any(self._word in str(task.key) for task in list(one.processing))]
            if busy:
                for one in workers if self._everyone else busy[:1]:
                    os.kill(self._cluster.workers[one.name].pid, 9)
                    self.killed += 1
                return

    def __enter__(self) -> Killer:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self.join()


@contextmanager
def scheduler(host: str = "127.0.0.1", before: Sequence[str] = ()) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A scheduler's address and process; `before` is what its command line begins with."""
    port = free_port()
    options = ["--host", host, "--port", str(port), "--no-dashboard"]
    with _process([*before, sys.executable, "-m", "distributed.cli.dask_scheduler", *options], environment()) as one:
        yield f"tcp://{host}:{port}", one


@contextmanager
def worker(
    address: str, path: Path | None = ROOT, before: Sequence[str] = (), host: str = "127.0.0.1"
) -> Iterator[subprocess.Popen[bytes]]:
    """A worker process that imports Dateline from `path`."""
    options = ["--nthreads", "1", "--memory-limit", "1GiB", "--no-dashboard", "--host", host, "--death-timeout", "60"]
    line = [*before, sys.executable, "-m", "distributed.cli.dask_worker", address, *options]
    with _process(line, environment(PYTHONPATH=str(path or ""))) as one:
        yield one


@contextmanager
def _process(line: Sequence[str], env: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    with ExitStack() as stack:
        silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": "/"}
        one = stack.enter_context(subprocess.Popen(line, env=env, **silent))  # type: ignore[call-overload]
        stack.callback(one.wait)
        stack.callback(one.terminate)
        yield one
