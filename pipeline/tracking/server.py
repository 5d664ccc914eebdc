"""The MLflow UI on this project's store, in a process of its own."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any

from pipeline.common.errors import TrackingError
from pipeline.common.project import command
from pipeline.tracking.describe import VIEW
from pipeline.tracking.store import (
    ARTIFACTS,
    SHARED_VIEW,
    is_server,
    make_store,
    quieten,
    shown_uri,
    told,
    tracking_uri,
)

_HOST = "127.0.0.1"
_LONGEST_START = 120.0  # seconds
_LOOK_EVERY = 0.1
_PATIENCE = 20.0
_MODELS = "workflowType=machine_learning&viewStateShareKey="


def serve_ui(root: Path, port: int, say: Callable[[str], None]) -> int:
    """Serve the UI until it is stopped, and say its address once it answers; the exit status.

    Raises TrackingError when the store is a server, which has a UI of its own, when the port is taken, or when the UI
    does not start.
    """
    if find_spec("mlflow") is None:
        raise ModuleNotFoundError(name="mlflow")
    uri = tracking_uri(root)
    if is_server(uri):
        raise TrackingError(f"the store is a server with a UI of its own: open {uri}")
    _check_port(port)
    quieten()
    with told(f"the store {shown_uri(root)} can't be used"):
        make_store(root)
    # The store's address may hold a password, and everyone can read a command line.
    environment = {**os.environ, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "MLFLOW_BACKEND_STORE_URI": uri}
    signal.signal(signal.SIGTERM, _interrupt)
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            _command(root, port), env=environment, stdout=log, stderr=log, start_new_session=True
        )
        try:
            _wait(process, f"http://{_HOST}:{port}", log)
            say(f"MLflow UI at {_page_of_runs(f'http://{_HOST}:{port}')} (Ctrl-C stops it)")
            return process.wait()
        except KeyboardInterrupt:
            return 0
        finally:
            _stop(process)


def _command(root: Path, port: int) -> list[str]:
    command = [sys.executable, "-m", "mlflow", "server"]
    command += ["--artifacts-destination", str((root / ARTIFACTS).resolve()), "--host", _HOST, "--port", str(port)]
    return [*command, "--workers", "1", "--uvicorn-opts", "--log-level warning"]


def _check_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, port))
        except (OSError, OverflowError):
            raise TrackingError(
                f"port {port} can't be used (something else may listen there); name another: {command()} ui --port 5001"
            ) from None


def _wait(process: subprocess.Popen[bytes], address: str, log: IO[bytes]) -> None:
    """Until the server answers. Raises TrackingError when it ends or takes too long."""
    latest = time.monotonic() + _LONGEST_START
    while time.monotonic() < latest:
        if process.poll() is not None:
            raise TrackingError(f"the MLflow UI did not start: {_last_line(log)}")
        with suppress(urllib.error.URLError, ConnectionError, TimeoutError):
            urllib.request.urlopen(f"{address}/health", timeout=1).close()  # noqa: S310
            return
        time.sleep(_LOOK_EVERY)
    raise TrackingError(f"the MLflow UI did not answer at {address} within {_LONGEST_START:.0f} s")


def _page_of_runs(address: str) -> str:
    """The page of the runs that were logged last, main scores first; the first page where there are none."""
    query = json.dumps({"max_results": 1, "order_by": ["last_update_time DESC"]}).encode()
    search = f"{address}/api/2.0/mlflow/experiments/search"
    asked = urllib.request.Request(search, query, {"Content-Type": "application/json"})  # noqa: S310
    try:
        with urllib.request.urlopen(asked, timeout=_PATIENCE) as answer:  # noqa: S310
            found = json.load(answer).get("experiments", [])
    except (OSError, ValueError):
        return address
    shared = [one for one in found if any(tag["key"] == f"{SHARED_VIEW}{VIEW}" for tag in one.get("tags", ()))]
    return f"{address}/#/experiments/{shared[0]['experiment_id']}/runs?{_MODELS}{VIEW}" if shared else address


def _last_line(log: IO[bytes]) -> str:
    log.seek(0)
    lines = log.read().decode(errors="replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "no message")


def _stop(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)


def _interrupt(*_: Any) -> None:
    raise KeyboardInterrupt
