"""Arrays on the disk, read through the system's memory of files: what isn't being read need not be in memory."""

from __future__ import annotations

import mmap
import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

_LARGE = 50_000_000  # bytes


class DiskArray:
    """An array that grows in a file without a name, which is gone when nobody reads it."""

    def __init__(self, kind: Any, folder: Path | None = None) -> None:
        self._kind = np.dtype(kind)
        beside = folder if folder and os.access(folder, os.W_OK) else None
        self._file = tempfile.TemporaryFile(dir=beside)  # noqa: SIM115

    def extend(self, values: np.ndarray) -> None:
        """Put values at the end."""
        self._file.write(np.ascontiguousarray(values, self._kind).data)

    def values(self) -> np.ndarray:
        """All values, to be read only; nothing can be added any more."""
        with self._file as file:
            file.flush()
            if not file.tell():
                return np.zeros(0, self._kind)
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        return np.frombuffer(mapped, self._kind)  # other processes get a copy: they couldn't open what has no name


def on_disk(array: np.ndarray, folder: Path | None = None, least: int = _LARGE) -> np.ndarray:
    """The array, to be read only, in such a file when it has so many bytes, so that it takes no memory until it is
    read; the array itself where there is no room for it."""
    if array.nbytes < least:
        return array
    try:
        kept = DiskArray(array.dtype, folder)
        kept.extend(array)
        return kept.values().reshape(array.shape)
    except OSError:
        return array


def let_go(array: np.ndarray) -> None:
    """Give back the memory of an array that is read from a file; it is read again when it is needed."""
    base: Any = array
    while isinstance(base, np.ndarray | memoryview):
        base = base.base if isinstance(base, np.ndarray) else base.obj
    if isinstance(base, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        base.madvise(mmap.MADV_DONTNEED)
