"""Locks that end with the process that holds them, and temporary paths that a later run clears after a kill.

Both use flock(2), which the system lifts when a process ends, however it ends: no lock is ever stale. Where a system or
file system has no such locks, nothing is locked and nothing cleared.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
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


@contextmanager
def at_work(path: Path, wait: bool = False) -> Iterator[None]:
    """Keep other processes from making `path` meanwhile, by a lock on the file `.<name>.lock` beside it.

    Raises DataError when another process has the lock, unless it is to `wait` for it, or when the file can't be made.
    """
    from filelock import FileLock, Timeout  # here: its import takes longer than most commands need

    file = path.with_name(f".{path.name}.lock")
    held = FileLock(file, timeout=-1 if wait else 0, mode=0o666 & ~umask())
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        held.acquire()
    except Timeout:
        raise DataError(f"another run is at work on {path}: wait until it is done") from None
    except OSError as error:
        why = f"{file} is a symbolic link" if file.is_symlink() else error.strerror
        raise DataError(f"{path} can't be written: {why}") from None
    own = _number(file)
    try:
        yield
    finally:
        if _number(file) == own:  # it may have been deleted, and be another run's by now
            file.unlink(missing_ok=True)  # while it is held: who waits for it sees that it has gone, and makes another
        held.release()


def _number(file: Path) -> int:
    """What the system knows a file by; 0 for none."""
    try:
        return file.stat().st_ino
    except OSError:
        return 0


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
    replaced = [*_TEMPORARY, *_homeless()]
    kept = tempfile.tempdir, {name: os.environ.get(name) for name in replaced}
    with temporary(Path(tempfile.gettempdir()), "dateline", folder=True) as path:
        tempfile.tempdir = str(path)
        os.environ.update(dict.fromkeys(replaced, str(path)))
        try:
            yield
        finally:
            tempfile.tempdir, before = kept
            for name, value in before.items():
                os.environ.pop(name) if value is None else os.environ.update({name: value})


def _homeless() -> list[str]:
    """The variables by which libraries find a place for what they keep, where the user has none that can be written."""
    home = Path(os.path.expanduser("~"))  # noqa: PTH111 - Path.home() raises for a user without one
    if home.is_absolute() and os.access(home, os.W_OK | os.X_OK):
        return []
    return ["MPLCONFIGDIR"] if home.is_absolute() and home.is_dir() else ["MPLCONFIGDIR", "HOME"]


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


def umask() -> int:
    """The bits that new files of this process lack."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
