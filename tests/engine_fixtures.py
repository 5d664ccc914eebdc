"""Dask clusters of real processes, and a project to train on them."""

from __future__ import annotations

import json
import os
import random
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from predict_fixtures import COMMON, PLACES, ROOT, WORDS, environment

CONFIG = """
name: small
corpora: [{corpus: files, path: articles.jsonl}]
topics: {folds: 3}
regions: {folds: 3}
jobs: 2
"""


def write_project(folder: Path, number: int = 600) -> Path:
    """A project folder with so many labelled articles."""
    chance = random.Random(7)
    folder.mkdir(exist_ok=True)
    with (folder / "articles.jsonl").open("w") as file:
        for row in range(number):
            topic, code = chance.choice(list(WORDS)), chance.choice(list(PLACES))
            own = [*chance.choices(WORDS[topic], k=9), *PLACES[code], *chance.choices(COMMON, k=60), f"item{row}"]
            chance.shuffle(own)
            text = " ".join(own) + "."
            file.write(json.dumps({"id": str(row), "text": text, "topics": [topic], "regions": [code]}) + "\n")
    (folder / "small.yaml").write_text(CONFIG)
    (folder / "data").mkdir()
    for name in ("labels", "taxonomy"):
        (folder / "data" / name).symlink_to(ROOT / "data" / name)
    return folder


class Clusters:
    """A cluster of two worker processes on this machine's loopback, made anew when killed workers don't come back."""

    def __init__(self) -> None:
        self._cluster: Any = None

    def ready(self) -> Any:
        """The cluster, with both workers there."""
        if not self._cluster or not holds(lambda: len(self._cluster.scheduler.workers) == 2, 5):
            self.close()
            self._cluster = self._made()
        return self._cluster

    def close(self) -> None:
        if self._cluster:
            self._cluster.close()

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


@pytest.fixture(scope="session")
def trained_here(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The predictor that a training on this machine writes."""
    return train_on(tmp_path_factory.mktemp("here"))


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


def train_on(folder: Path, address: str = "") -> bytes:
    """The predictor that a training in a new project writes, on this machine or on a cluster."""
    from pipeline.common.config_file import load_config
    from pipeline.common.parallel import running_on
    from pipeline.common.progress import Progress
    from pipeline.training.train import train

    before = Path.cwd()
    os.chdir(write_project(folder))
    try:
        with running_on("dask" if address else "local", address):
            train(load_config(Path("small.yaml")), Path("data"), Path("models"), Progress(quiet=True))
    finally:
        os.chdir(before)
    return (folder / "models" / "small" / "predictor.joblib").read_bytes()


@contextmanager
def scheduler(host: str = "127.0.0.1", before: Sequence[str] = ()) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A scheduler's address and process; `before` is what its command line begins with."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
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
    with _process(line, environment() | {"PYTHONPATH": str(path or "")}) as one:
        yield one


@contextmanager
def _process(line: Sequence[str], env: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    with ExitStack() as stack:
        silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": "/"}
        one = stack.enter_context(subprocess.Popen(line, env=env, **silent))  # type: ignore[call-overload]
        stack.callback(one.wait)
        stack.callback(one.terminate)
        yield one


def holds(condition: Callable[[], Any], seconds: float = 60) -> bool:
    """Whether the condition comes to hold within the time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def dateline(
    *arguments: str | Path, folder: Path, env: dict[str, str] | None = None, before: Sequence[str] = ()
) -> subprocess.CompletedProcess[str]:
    """Run `train.py` in a folder."""
    line = [*before, sys.executable, str(ROOT / "train.py"), *map(str, arguments)]
    return subprocess.run(
        line, cwd=folder, env=environment() | (env or {}), capture_output=True, text=True, check=False, timeout=120
    )


def told(done: subprocess.CompletedProcess[str]) -> str:
    """The one line that a command which could do nothing has printed."""
    assert done.returncode == 2, done.stderr
    (line,) = [line for line in done.stderr.splitlines() if line.strip()]
    assert line.startswith("dateline: ")
    return line
