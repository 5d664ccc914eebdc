"""Locks that end with the process that holds them, and temporary paths that a later run clears after a kill.

Both use flock(2), which the system lifts when a process ends, however it ends: no lock is ever stale. Where a system or
file system has no such locks, nothing is locked and nothing cleared.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pipeline.common.errors import DataError

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

_MARK = ".tmp"
_TEMPORARY = ("TMPDIR", "JOBLIB_TEMP_FOLDER")  # joblib's would be in memory, where a kill leaves it until a restart
_OTHERS = (BlockingIOError, PermissionError)  # what flock raises when another process has the lock
_WAIT = 0.05  # seconds between two looks


@contextmanager
def at_work(path: Path, wait: bool = False) -> Iterator[None]:
    """Keep other processes from making `path` meanwhile, by a lock on the file `.<name>.lock` beside it.

    Raises DataError when another process has the lock, unless it is to `wait` for it, or when the file can't be made.
    """
    file = path.with_name(f".{path.name}.lock")
    while (descriptor := _open_lock(file, path)) is None:
        if not wait:
            raise DataError(f"another run{_holder(file)} is at work on {path}: wait until it is done")
        time.sleep(_WAIT)
    try:
        with suppress(OSError):  # on a full disk the file stays empty and locks all the same
            os.truncate(descriptor, 0)
            os.write(descriptor, str(os.getpid()).encode())
        yield
    finally:
        if _still_at(descriptor, file):  # else somebody has deleted it, and another process may have made its own
            file.unlink()
        os.close(descriptor)


@contextmanager
def temporary(parent: Path, stem: str, folder: bool = False) -> Iterator[Path]:
    """A new empty file or folder `<stem>.xxxxxxxx.tmp` in `parent`, which goes when the block ends.

    Those of the same stem that killed processes left behind go first. Raises OSError.
    """
    clear(parent, re.escape(stem))
    path, descriptor = _new(parent, stem, folder)
    try:
        yield path
    finally:
        _remove(path)
        os.close(descriptor)


@contextmanager
def own_temporary_folder() -> Iterator[None]:
    """Put the temporary files of this process, its children and all libraries into a folder that goes at the end."""
    kept = tempfile.tempdir, {name: os.environ.get(name) for name in _TEMPORARY}
    with temporary(Path(tempfile.gettempdir()), "dateline", folder=True) as path:
        tempfile.tempdir = str(path)
        os.environ.update(dict.fromkeys(_TEMPORARY, str(path)))
        try:
            yield
        finally:
            tempfile.tempdir, before = kept
            for name, value in before.items():
                os.environ.pop(name) if value is None else os.environ.update({name: value})


def lock(descriptor: int, path: Path) -> bool:
    """Lock an open file or folder; False when another process has it, or has put something else at `path`."""
    return _locked(descriptor) is not False and _still_at(descriptor, path)


def _locked(descriptor: int) -> bool | None:
    """Whether the lock could be taken; None where there are no locks."""
    if fcntl is None:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except _OTHERS:
        return False
    except OSError:
        return None
    return True


def _still_at(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def _open_lock(file: Path, path: Path) -> int | None:
    """The open and locked file; None when another process has it."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        raise DataError(f"{path} can't be written: {error.strerror}") from None
    if lock(descriptor, file):
        return descriptor
    os.close(descriptor)
    return None


def _holder(path: Path) -> str:
    """Which process has written its number into a lock file."""
    try:
        number = path.read_text(encoding="ascii")
    except (OSError, ValueError):
        return ""
    return f" (process {number})" if number.isdigit() else ""


def _new(parent: Path, stem: str, folder: bool) -> tuple[Path, int]:
    """A temporary path and its lock; made anew when a process that clears was faster than the lock."""
    while True:
        if folder:
            path = Path(tempfile.mkdtemp(_MARK, f"{stem}.", parent))
        else:
            handle, name = tempfile.mkstemp(_MARK, f"{stem}.", parent)
            os.close(handle)
            path = Path(name)
        with suppress(FileNotFoundError):
            descriptor = os.open(path, os.O_RDONLY)
            if lock(descriptor, path):
                return path, descriptor
            os.close(descriptor)


def clear(parent: Path, stem: str = r"\..+") -> None:
    """Remove the temporary files and folders in `parent` whose process is dead: those whose stem is like a regular
    expression, or all that are hidden, in a folder that only Dateline writes to."""
    ours = re.compile(rf"{stem}\.[a-z0-9_]{{8}}{re.escape(_MARK)}")
    for path in [path for path in parent.iterdir() if ours.fullmatch(path.name)]:
        with suppress(OSError):
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
            try:
                if _locked(descriptor):
                    _remove(path)
            finally:
                os.close(descriptor)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
