"""The bytes of a gzip file, all that are good."""

from __future__ import annotations

import gzip
import io
from typing import BinaryIO


class GzipBytes(io.RawIOBase):
    """A gzip file's bytes; what isn't gzip behind them ends them, and is the `problem` that is left to tell."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._begun = gzip.GzipFile(fileobj=file), False
        self.problem: gzip.BadGzipFile | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        if self.problem:
            return 0
        try:
            found = self._file.read1(len(buffer))  # readinto would lose what it had read before
        except gzip.BadGzipFile as problem:
            if not self._begun:
                raise
            self.problem = problem
            return 0
        self._begun = True
        buffer[: len(found)] = found
        return len(found)
