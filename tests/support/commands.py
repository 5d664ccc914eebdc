"""The commands, run in this process or in one of their own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from typer.testing import CliRunner, Result

from support.projects import ROOT

HUNG = 600  # seconds after which a command is ended: no limit of speed, but an end of waiting
_SURROUNDINGS = ("MLFLOW_", "FORCE_COLOR", "NO_COLOR", "PYTHONPATH")
_Found = TypeVar("_Found")


def environment(**more: str) -> dict[str, str]:
    """The environment of a process that finds Dateline from every folder, and no store but the folder's."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_SURROUNDINGS)}
    return kept | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "COLUMNS": "100"} | more


def line_of(*arguments: str | Path, before: Sequence[str] = ()) -> list[str]:
    """The command line of `train.py`."""
    return [*before, sys.executable, str(ROOT / "train.py"), *map(str, arguments)]


def run(
    folder: Path,
    *arguments: str | Path,
    stdin: str | bytes = b"",
    before: Sequence[str] = (),
    **variables: str,
) -> subprocess.CompletedProcess[str]:
    """Run `train.py` in a folder and a process of its own.

    `before` is what the command line begins with, such as a change of the user, whose home the folder then is.
    """
    home = {"HOME": str(folder)} if before else {}
    done = subprocess.run(
        line_of(*arguments, before=before),
        cwd=folder,
        env=environment(**home, **variables),
        input=stdin.encode() if isinstance(stdin, str) else stdin,
        capture_output=True,
        check=False,
        timeout=HUNG,
    )
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def predict(
    model: Path, *arguments: str | Path, stdin: str | bytes = b"", **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run `predict` with a model in a process of its own."""
    return run(ROOT, "predict", "--model", model, *arguments, stdin=stdin, **variables)


def begin(folder: Path, *arguments: str | Path, **variables: str) -> subprocess.Popen[str]:
    """Start `train.py` in a folder and a process of its own."""
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(line_of(*arguments), cwd=folder, env=environment(**variables), **pipes)


def invoke(*arguments: str | Path, stdin: str | bytes = b"", **variables: str) -> Result:
    """Run a command in this process and the current folder: the way for whatever doesn't need a process of its own."""
    from train import app

    return CliRunner(env=dict(variables)).invoke(app, [str(argument) for argument in arguments], input=stdin)


def refused(done: subprocess.CompletedProcess[str] | Result, *said: str) -> str:
    """The one line of a command that could do nothing, which must say certain things; stages may stand before it."""
    status = done.exit_code if isinstance(done, Result) else done.returncode
    *stages, line = [line for line in done.stderr.splitlines() if line.strip()]
    assert status == 2, done.stderr
    assert line.startswith("dateline: "), done.stderr
    assert all(stage.startswith("  ") for stage in stages), done.stderr
    assert all(part in line for part in said), line
    return line


def children(process: int) -> list[int]:
    """The worker processes that a process has started."""
    listed = subprocess.run(
        ["ps", "-ww", "-o", "pid=,args=", "--ppid", str(process)], capture_output=True, text=True, check=False
    )
    return [
        int(line.split()[0])
        for line in listed.stdout.splitlines()
        if "python" in line and "resource_tracker" not in line
    ]


def wait_until(condition: Callable[[], _Found], seconds: float = HUNG) -> _Found:
    """What the condition gives as soon as it gives something."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)
    return found
