"""A file of lines that survives a kill: written beside its name, with a checkpoint from which to go on."""

from __future__ import annotations

import gzip
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from pipeline.common.errors import DataError
from pipeline.common.files import write_json, writing
from pipeline.common.locks import lock
from pipeline.common.project import missing
from pipeline.common.state_files import read_json

LINES = (".jsonl", ".ndjson")
_EVERY = 2.0  # seconds between checkpoints


class ResumableLines:
    """Lines that go to `<path>.partial`, which takes the place of `path` when all are there.

    Everything up to the last checkpoint is on the disk, and what a killed run wrote after it is cut off again.
    """

    def __init__(self, path: Path, packing: str, file: BinaryIO, begun: Mapping[str, Any]) -> None:
        self.rows = int(begun["rows"])
        self.failed = int(begun["failed"])
        self._begun = begun
        self._path = path
        self._file = file
        self._pack = _packer(packing)
        self._saved = time.monotonic()

    def write(self, lines: bytes, rows: int, failed: int) -> None:
        """Add the lines of so many input rows, of which so many failed."""
        self._file.write(self._pack(lines))
        self.rows += rows
        self.failed += failed
        if time.monotonic() - self._saved > _EVERY:
            self.save()

    def save(self) -> None:
        """Make a checkpoint."""
        self._file.flush()
        os.fsync(self._file.fileno())
        state = {**self._begun, "rows": self.rows, "failed": self.failed, "bytes": self._file.tell()}
        write_json(checkpoint_of(self._path), state)
        self._saved = time.monotonic()


def partial_of(path: Path) -> Path:
    """Where the lines stand until all are there."""
    return path.with_name(path.name + ".partial")


def checkpoint_of(path: Path) -> Path:
    """Where the last checkpoint stands."""
    return path.with_name(path.name + ".partial.json")


@contextmanager
def open_lines(
    path: Path, packing: str, task: Mapping[str, Any], resume: bool, force: bool
) -> Iterator[ResumableLines]:
    """Begin `path`, or go on with it where an earlier run of the same `task` was stopped (`resume`).

    The file appears when the block ends well; otherwise the partial one stays. Raises DataError when there is a partial
    file and neither `resume` nor `force`, when it belongs to another task, or when another run is writing it.
    """
    partial = partial_of(path)
    if partial.exists() and not (resume or force):
        raise DataError(f"{partial} is left from a run that was stopped: add --resume to go on, --force to start over")
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        file = os.fdopen(os.open(partial, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o666), "r+b")
    with file:
        if not lock(file.fileno(), partial):
            raise DataError(f"another run is writing {partial}: wait for it, or name another file")
        begun = _begun(path, task, resume and not force)
        with writing(path):
            file.truncate(begun["bytes"])
            file.seek(begun["bytes"])
            lines = ResumableLines(path, packing, file, begun)
            lines.save()
            yield lines
            lines.save()
            checkpoint_of(path).unlink()
            partial.replace(path)  # while it is locked, so that nobody begins to write to it


def _begun(path: Path, task: Mapping[str, Any], resume: bool) -> dict[str, Any]:
    given = dict(task)
    new: dict[str, Any] = {"task": given, "rows": 0, "failed": 0, "bytes": 0}
    if not resume:
        return new
    try:
        state = read_json(checkpoint_of(path))
        counts = [state[name] for name in ("rows", "failed", "bytes")]
        begun = dict(state["task"])
    except FileNotFoundError:
        return new
    except (OSError, ValueError, KeyError, TypeError):
        counts, begun = [-1], {}
    if not all(type(count) is int and count >= 0 for count in counts):
        raise DataError(f"{checkpoint_of(path)} is damaged: add --force to start over")
    changed = [name for name, value in given.items() if begun.get(name) != value]
    if changed:
        raise DataError(f"{partial_of(path)} was begun with another {changed[0]}: add --force to start over")
    if partial_of(path).stat().st_size < state["bytes"]:
        raise DataError(f"{partial_of(path)} is shorter than its checkpoint says: add --force to start over")
    return state


def _packer(packing: str) -> Any:
    """What makes a self-contained piece of a packed file; such pieces one after the other are a packed file again."""
    if packing == ".gz":
        return lambda lines: gzip.compress(lines, 6, mtime=0)
    if packing == ".zst":
        try:
            import zstandard
        except ImportError:
            raise DataError(missing("a .zst file", "data")) from None
        return zstandard.ZstdCompressor().compress
    return lambda lines: lines
