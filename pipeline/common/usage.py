"""Memory and processor use of this process and its children while something runs."""

from __future__ import annotations

import ctypes
import sys
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

_MOST_SAMPLES = 200
_MEGABYTE = 1024 * 1024


def release_memory() -> None:
    """Give the memory of what has been deleted back to the system, which the C library and Arrow do only in part by
    themselves."""
    if arrow := sys.modules.get("pyarrow"):
        arrow.default_memory_pool().release_unused()
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
        import psutil

        self._process = psutil.Process()
        self._before = seconds(), sum(taken[0] for taken in map(_taken, self._family()) if taken)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped.set()
        self._thread.join()

    def sample(self) -> None:
        """Take a sample now; processes that have ended count with their parent."""
        used = {process.pid: taken for process in self._family() if (taken := _taken(process))}
        now = seconds()
        processor = sum(total for total, _ in used.values())
        share = 100 * max(0.0, processor - self._before[1]) / max(1e-3, now - self._before[0])
        self._before = now, processor
        memory = sum(resident for _, resident in used.values()) / _MEGABYTE
        self.samples.append((round(now, 3), round(memory, 1), round(share, 1)))

    def _family(self) -> list[Any]:
        return [self._process, *self._process.children(recursive=True)]

    def _run(self) -> None:
        while not self._stopped.wait(self._interval):
            self.sample()
            if len(self.samples) > _MOST_SAMPLES:
                del self.samples[::2]
                self._interval *= 2


def _taken(process: Any) -> tuple[float, int] | None:
    """Processor seconds and resident bytes of a process; None when it has ended."""
    import psutil

    try:
        times = process.cpu_times()
        return sum(times[:4]), process.memory_info().rss
    except psutil.Error:
        return None


_OFFSET = time.time() - time.monotonic()


def seconds() -> float:
    """Seconds since 1970."""
    return _OFFSET + time.monotonic()


def now() -> datetime:
    """The moment, in UTC."""
    return datetime.fromtimestamp(seconds(), UTC)
