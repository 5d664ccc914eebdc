"""Run a command as a process of its own and say what it used: seconds, processor seconds, memory."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_INTERVAL = 0.2  # seconds between looks at the memory of a process and its children
_MEGABYTE = 1_000_000
_RSS_UNIT = 1 if sys.platform == "darwin" else 1024  # bytes of one unit of ru_maxrss


@dataclass(frozen=True, slots=True)
class Used:
    """What a finished command used: wall and processor (user + system, children included) seconds, and megabytes.

    `peak` is the largest resident size of one process, `together` the largest sum over the process and its children
    (0 where the system does not tell).
    """

    wall: float
    cpu: float
    peak: float
    together: float
    output: str


def run(command: Sequence[str | Path], cwd: Path, env: Mapping[str, str] | None = None, errors: bool = True) -> Used:
    """Run a command to its end in `cwd`, numeric libraries held to one thread. Raises RuntimeError when it fails."""
    limits = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    started = time.perf_counter()
    process = subprocess.Popen(
        [str(part) for part in command],
        cwd=cwd,
        env={**os.environ, **limits, **(env or {})},
        stdout=subprocess.PIPE,
        stderr=None if errors else subprocess.DEVNULL,
        text=True,
    )
    watch = _Watch(process.pid)
    watch.start()
    assert process.stdout is not None
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    watch.stop()
    if process.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))}: exit status {process.returncode}")
    peak = usage.ru_maxrss * _RSS_UNIT / _MEGABYTE
    return Used(wall, usage.ru_utime + usage.ru_stime, peak, watch.most, output)


def median_cpu(command: Sequence[str | Path], cwd: Path, times: int) -> float:
    """The median processor seconds of a command that is run `times` times after one run to warm the disk cache."""
    return statistics.median([run(command, cwd, errors=False).cpu for _ in range(times + 1)][1:])


class _Watch(threading.Thread):
    """Looks at the memory of a process and its descendants until it is stopped."""

    def __init__(self, process: int) -> None:
        super().__init__(daemon=True)
        self.most = 0.0
        self._process = process
        self._stopped = threading.Event()

    def run(self) -> None:
        while not self._stopped.wait(_INTERVAL):
            self.most = max(self.most, sum(map(_megabytes, _family(self._process))))

    def stop(self) -> None:
        self._stopped.set()
        self.join()


def _family(process: int) -> list[int]:
    found = [process]
    for member in found:
        try:
            children = [path.read_text() for path in (_PROC / str(member) / "task").glob("*/children")]
        except OSError:  # it has ended, or there is no /proc
            continue
        found += [int(child) for line in children for child in line.split()]
    return found


def _megabytes(process: int) -> float:
    try:
        pages = int((_PROC / str(process) / "statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / _MEGABYTE
