"""Servers in processes of their own: the tagging service, and MLflow's."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from support.commands import begin, environment, wait_until


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for_answer(address: str, process: subprocess.Popen[Any]) -> None:
    """Wait until a server says that it is healthy."""

    def answers() -> bool:
        assert process.poll() is None, process.stderr and process.stderr.read()
        try:
            urllib.request.urlopen(f"{address}/health", timeout=5).close()
        except OSError:
            return False
        return True

    wait_until(answers)


def start_service(model: Path | str, *more: str) -> tuple[subprocess.Popen[str], str]:
    """Start `serve` on a model and wait until it answers; its process and address."""
    port = free_port()
    process, url = begin(Path.cwd(), "serve", "-m", model, "--port", str(port), *more), f"http://127.0.0.1:{port}"
    wait_for_answer(url, process)
    return process, url


@contextmanager
def mlflow_server(folder: Path, port: int, store: str = "") -> Iterator[subprocess.Popen[bytes]]:
    """A real MLflow server with a store of its own, which hands artifacts on to its clients."""
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    command += ["--backend-store-uri", store or f"sqlite:///{folder / 'server.db'}"]
    command += ["--artifacts-destination", str(folder / "server-artifacts"), "--uvicorn-opts", "--log-level warning"]
    own = environment(MLFLOW_SERVER_ENABLE_JOB_EXECUTION="false", MLFLOW_DISABLE_TELEMETRY="true")
    silent: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "start_new_session": True}
    process = subprocess.Popen(command, env=own, **silent)
    try:
        wait_for_answer(f"http://127.0.0.1:{port}", process)
        yield process
    finally:
        kill(process)


def kill(process: subprocess.Popen[Any]) -> None:
    """End a process that leads a group of its own, at once."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    process.wait()
