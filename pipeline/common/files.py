"""Files and folders written whole or not at all."""

from __future__ import annotations

import ctypes
import errno
import glob
import hashlib
import json
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from pipeline.common.errors import DataError, StorageError
from pipeline.common.locks import temporary, umask

_HERE, _EXCHANGE = -100, 2  # AT_FDCWD and RENAME_EXCHANGE of renameat2(2)
_ASIDE = ".old"  # the end of the name of what was in the place before
_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG)


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """A temporary path beside `path` that takes its place when the block ends well, and goes when it does not.

    Raises DataError when the disk is full or the folder can't be written to.
    """
    with _beside(path, folder=False) as whole:
        yield whole
        _sync(whole)
        whole.chmod(0o666 & ~umask())
        whole.replace(path)


@contextmanager
def folder_written_whole(path: Path) -> Iterator[Path]:
    """A temporary folder that takes the place of `path`, an older one included, when the block ends well.

    Raises DataError when the disk is full or the parent folder can't be written to.
    """
    with _beside(path, folder=True) as whole:
        yield whole
        for file in whole.rglob("*"):
            if file.is_file():
                _sync(file)
        whole.chmod(0o777 & ~umask())
        if path.exists():
            _exchange(whole, path)
        else:
            whole.rename(path)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turns what the system says of a file that can't be written into a StorageError that names it."""
    try:
        yield
    except OSError as error:
        raise StorageError(f"{path} can't be written: {error.strerror or error}") from None


@contextmanager
def _beside(path: Path, folder: bool) -> Iterator[Path]:
    """A temporary file or folder beside `path`; what the disk refuses becomes a DataError that names `path`."""
    with ExitStack() as stack:
        with writing(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            if folder:
                _put_back(path)
            whole = stack.enter_context(temporary(path.parent, f".{path.name}", folder))
        try:
            yield whole
        except OSError as error:
            if error.errno in _DISK:
                raise DataError(f"{path} can't be written: {error.strerror}; what was there is unchanged") from None
            raise


def write_text(path: Path, text: str) -> None:
    """Write a UTF-8 text file whole."""
    with written_whole(path) as whole:
        whole.write_text(text, encoding="utf-8")


def write_json(path: Path, value: Any) -> None:
    """Write indented JSON, keys in the order given, whole."""
    write_text(path, json.dumps(value, ensure_ascii=False, indent=1) + "\n")


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _exchange(one: Path, other: Path) -> None:
    """Swap two folders: in one step where the system can (Linux), so that `other` is never missing."""
    renameat2 = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None) if sys.platform == "linux" else None
    if renameat2 and renameat2(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE) == 0:
        return
    aside = one.with_name(one.name + _ASIDE)
    other.rename(aside)
    one.rename(other)
    aside.rename(one)


def _put_back(path: Path) -> None:
    """Undo half an exchange: a process was killed between the steps of one that the system can't make at once."""
    for aside in path.parent.glob(f".{glob.escape(path.name)}.????????.tmp{_ASIDE}"):
        shutil.rmtree(aside, ignore_errors=True) if path.exists() else aside.rename(path)


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def check_not_input(output: Path, inputs: Sequence[Path]) -> None:
    """Raises DataError when writing `output` would destroy one of the inputs, or put it among them for the next run."""
    for given in inputs:
        if output.exists() and given.exists() and output.samefile(given):
            raise DataError(f"{output} is the input itself: name another file for the output")
        if given.is_dir() and output.resolve().is_relative_to(given.resolve()):
            raise DataError(f"{output} lies in the input folder {given}, where it would be read as input: name another")
