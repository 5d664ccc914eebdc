"""How functions are compiled: by numba, kept on disk for the next start, and made anew when any source has changed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import numba

_PREFIX = "compiled-"
_SOURCES = ("features", "prediction", "training")


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function at its first call, or load it as it was compiled before; it lets go of Python's lock.

    Numba looks only at the file a function stands in; here constants come from other files too, so what is kept is
    kept under the hash of all of them.
    """
    settings: Any = numba.config
    folder, before = _folder(), settings.CACHE_DIR
    settings.CACHE_DIR = folder
    try:
        made: Callable[..., Any] = numba.njit(cache=bool(folder), nogil=True)(function)
    finally:
        settings.CACHE_DIR = before
    return made


@cache
def sources_hash() -> str:
    """A hash of all code that makes and learns from features."""
    package = Path(__file__).parent.parent.parent
    sources = sorted(path for name in _SOURCES for path in (package / name).rglob("*.py"))
    return sha256(b"\0".join(path.read_bytes() for path in sources)).hexdigest()[:16]


@cache
def _folder() -> str:
    """Where compiled functions are kept: beside the package, or where that can't be written, in the user's cache."""
    package = Path(__file__).parent.parent.parent
    name = _PREFIX + sources_hash()
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path(os.path.expanduser("~"), ".cache")) / "dateline"  # noqa: PTH111
    for parent in (package / "__pycache__", home):
        try:
            (parent / name).mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(parent / name, os.W_OK):
            _forget(parent, name)
            return str(parent / name)
    return ""


def _forget(parent: Path, current: str) -> None:
    """Remove what older sources left, but for the last: another process may still be using that."""
    older = sorted((path for path in parent.glob(f"{_PREFIX}*") if path.name != current), key=_age)
    for path in older[1:]:
        shutil.rmtree(path, ignore_errors=True)


def _age(path: Path) -> float:
    try:
        return -path.stat().st_mtime
    except OSError:
        return 0.0
