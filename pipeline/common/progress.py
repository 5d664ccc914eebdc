"""What runs and how long it took, on stderr: live in a terminal, a line a stage elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TextIO, TypeVar

T = TypeVar("T")
_REDRAW = 0.2  # seconds


def duration(seconds: float) -> str:
    """Seconds as people say them: 0.4 s, 12 s, 3 min 05 s, 2 h 10 min."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"


def time_left(started: float, done: int, total: int) -> str:
    """`12 s left`, judged by the time since `started` (of time.monotonic); empty at the end."""
    return f"{duration((time.monotonic() - started) / done * (total - done))} left" if 0 < done < total else ""


class Stage:
    """One stage under way."""

    def __init__(self, name: str, total: int | None, stream: TextIO | None) -> None:
        self.name, self.total, self.done, self.note = name, total, 0, ""
        self._told = ""
        self.started = self._drawn = self._since = time.monotonic()
        self._stream = stream if stream is not None and stream.isatty() else None

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.started

    def advance(self, count: int = 1) -> None:
        """Say that `count` more items are done."""
        self.done += count
        self._draw()

    def over(self, items: Iterable[T]) -> Iterator[T]:
        """The items, each one counted as done once it has been dealt with."""
        for item in items:
            yield item
            self.advance()

    def say(self, note: str, done: int = 0, total: int = 0) -> None:
        """Say what the stage is at and, where there is a `total`, how far that is and how long it will take."""
        if note != self._told:
            self._told, self._since = note, time.monotonic()
        far = f"{done:,} of {total:,}" if total else ""
        self.note = ", ".join(filter(None, [note, far, time_left(self._since, done, total)]))
        self._draw()

    def line(self) -> str:
        """The stage in one line: items, rate, time left where a total is known."""
        parts = [f"{self.done:,} of {self.total:,}" if self.total else f"{self.done:,}"] if self.done else []
        if self.done >= self.seconds > 1:
            parts.append(f"{self.done / self.seconds:,.0f}/s")
        if self.total and (left := time_left(self.started, self.done, self.total)):
            parts.append(left)
        return (
            f"{self.name:<28} {duration(self.seconds):>12}  {', '.join([*parts, *filter(None, [self.note])])}".rstrip()
        )

    def _draw(self) -> None:
        now = time.monotonic()
        if self._stream and now - self._drawn > _REDRAW:
            self._drawn = now
            self._stream.write(f"\r\x1b[K  {self.line()}")
            self._stream.flush()


class Progress:
    """Shows stages on a stream (stderr unless told) and keeps their times."""

    def __init__(self, stream: TextIO | None = None, quiet: bool = False) -> None:
        self._stream = None if quiet else (stream or sys.stderr)
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str, total: int | None = None) -> Iterator[Stage]:
        """Time a stage and print its line when it has ended well."""
        stage = Stage(name, total, self._stream)
        if self._stream and self._stream.isatty():
            self._stream.write(f"  {name} ...")
            self._stream.flush()
        yield stage
        self.seconds[name] = self.seconds.get(name, 0.0) + stage.seconds
        self.tell(stage.line())

    def tell(self, line: str) -> None:
        """Print a line."""
        if self._stream:
            start = "\r\x1b[K" if self._stream.isatty() else ""
            self._stream.write(f"{start}  {line}\n")
            self._stream.flush()
