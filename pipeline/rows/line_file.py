"""JSON lines that several processes add to and follow: whole lines only, whatever is killed in the middle."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import FileIO
from pathlib import Path
from typing import Any

from pipeline.common.files import writing
from pipeline.common.locks import at_work

_PIECE = 1 << 16


class LineFile:
    """A file that is only added to. What is done with it is done inside `alone()`, which keeps other writers out."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._read, self._file = 0, (0, 0)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Wait until no other process and no other thread is at the file. Raises DataError when it can't be locked."""
        with at_work(self.path, wait=True):
            yield

    def new(self) -> list[dict[str, Any]]:
        """The objects in lines that were not read before; what is none is passed over."""
        try:
            with self.path.open("rb") as file:
                about = os.fstat(file.fileno())
                if about.st_size < self._read or (about.st_dev, about.st_ino) != self._file:
                    self._read, self._file = 0, (about.st_dev, about.st_ino)
                file.seek(self._read)
                whole, _, _ = file.read().rpartition(b"\n")
        except FileNotFoundError:
            return []
        if whole:
            self._read += len(whole) + 1
        return [found for line in whole.split(b"\n") if isinstance(found := _parsed(line), dict)]

    def add(self, row: dict[str, Any]) -> None:
        """Add a line, for good when this returns. Raises StorageError when the file can't be written.

        What a killed process left of a line is cut off first, and so is what a full disk takes of this one.
        """
        line = json.dumps(row, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
        with writing(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("a+b", buffering=0) as file:
                end, start = _end(file)
                file.truncate(end)
                try:
                    _write(file, start + line)
                except OSError:
                    file.truncate(end)
                    raise


def _end(file: FileIO) -> tuple[int, bytes]:
    """Where the next line goes, and what has to stand before it: a line end, after a whole line without one."""
    size = file.seek(0, os.SEEK_END)
    place, tail = size, b""
    while place and b"\n" not in tail:
        start = max(0, place - _PIECE)
        file.seek(start)
        tail, place = (file.read(place - start) or b"") + tail, start
    torn = tail.rpartition(b"\n")[2]
    if not torn:
        return size, b""
    return (size, b"\n") if isinstance(_parsed(torn), dict) else (size - len(torn), b"")


def _write(file: FileIO, content: bytes) -> None:
    while content:
        content = content[file.write(content) or 0 :]
    os.fsync(file.fileno())


def _parsed(line: bytes) -> Any:
    with suppress(ValueError, RecursionError):
        return json.loads(line)
    return None
