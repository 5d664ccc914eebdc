"""Memory and processor use of this process and its children while something runs."""

from __future__ import annotations

import ctypes
import os
import resource
import sys
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

_MOST_SAMPLES = 200
_MEGABYTE = 1024 * 1024
_PROC = Path("/proc")


def release_memory() -> None:
    """Give the memory of what has been deleted back to the system, which the C library does only in part by itself."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)  # glibc has it


class Usage:
    """Samples memory and processor time each second; long runs are sampled more rarely.

    `samples` holds (seconds since the epoch, megabytes, per cent of one processor).
    """

    def __init__(self) -> None:
        self.samples: list[tuple[float, float, float]] = []
        self._interval = 1.0
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Usage:
        self._before = seconds(), _processor_seconds(_family())
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped.set()
        self._thread.join()

    def sample(self) -> None:
        """Take a sample now."""
        family = _family()
        now, used = seconds(), _processor_seconds(family)
        share = 100 * max(0.0, used - self._before[1]) / max(1e-3, now - self._before[0])
        self._before = now, used
        self.samples.append((round(now, 3), round(_megabytes(family), 1), round(share, 1)))

    def _run(self) -> None:
        while not self._stopped.wait(self._interval):
            self.sample()
            if len(self.samples) > _MOST_SAMPLES:
                del self.samples[::2]
                self._interval *= 2


def _family() -> list[int]:
    """This process and its descendants, as far as the system tells."""
    found = [os.getpid()]
    for process in found:
        try:
            children = [path.read_text() for path in (_PROC / str(process) / "task").glob("*/children")]
        except OSError:  # it has ended, or there is no /proc
            continue
        found += [int(child) for line in children for child in line.split()]
    return found


def _processor_seconds(family: list[int]) -> float:
    """What the family has used; children that have ended count with their parent."""
    ticks = 0
    for process in family:
        try:
            fields = (_PROC / str(process) / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK") if ticks else time.process_time()


def _megabytes(family: list[int]) -> float:
    pages = 0
    for process in family:
        try:
            pages += int((_PROC / str(process) / "statm").read_text().split()[1])
        except OSError:
            continue
    if pages:
        return pages * resource.getpagesize() / _MEGABYTE
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / _MEGABYTE


_OFFSET = time.time() - time.monotonic()


def seconds() -> float:
    """Seconds since 1970."""
    return _OFFSET + time.monotonic()


def now() -> datetime:
    """The moment, in UTC."""
    return datetime.fromtimestamp(seconds(), UTC)
