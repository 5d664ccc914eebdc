"""How functions are compiled: by numba, kept on disk for the next start, and made anew when a source has changed."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import numba

from pipeline.common.machine_folder import PACKAGE, machine_folder

_PACKAGE = __name__.partition(".")[0]
_PREFIX = "compiled-"
_IMPORT = re.compile(rb"^from ([\w.]+) import (\([^)]*\)|.*)", re.MULTILINE)  # at the top: those of types are indented
_NAME = re.compile(rb"\w+")


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function at its first call, or load it as it was compiled before; it lets go of Python's lock.

    Numba looks only at the file a function stands in; here constants and called functions come from other files too, so
    what is kept is kept under the hash of all of them.

    Whoever has compiled nothing yet waits for all of it, so what takes long to compile is left out: sorting, sums and
    copies of whole arrays (loops compile ten times faster), new arrays (made by the caller in Python), and calls of one
    function with several types, of which a constant number is one.
    """
    return _made(function, no_cfunc_wrapper=True)


def part(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function that only compiled ones call. Python can't: what it would call takes a sixth of the time."""
    return _made(function, no_cfunc_wrapper=True, no_cpython_wrapper=True)


def _made(function: Callable[..., Any], **options: bool) -> Callable[..., Any]:
    settings: Any = numba.config
    folder, before = _folder(function.__module__), settings.CACHE_DIR
    settings.CACHE_DIR = folder
    try:
        made: Callable[..., Any] = numba.njit(cache=bool(folder), nogil=True, **options)(function)
    finally:
        settings.CACHE_DIR = before
    return made


def kept(function: Any) -> bool:
    """Whether a compiled function is kept for the next start; also when nothing can be kept."""
    folder = function.stats.cache_path
    return not folder or any(Path(folder).glob(f"*.{function.py_func.__name__}-*.nbc"))


@cache
def sources_hash(module: str) -> str:
    """A hash of a module's source and of all modules of the package that it imports at its top, and they at theirs."""
    found, waiting = {module: _source(module)}, [module]
    while waiting:
        for name in _imports(waiting.pop()):
            if name not in found:
                found[name] = _source(name)
                waiting.append(name)
    return sha256(b"\0".join(found[name] for name in sorted(found))).hexdigest()[:16]


@cache
def _imports(module: str) -> list[str]:
    """The modules of the package that a module imports at its top."""
    found = []
    for origin, names in _IMPORT.findall(_source(module)):
        name = origin.decode()
        if name.partition(".")[0] == _PACKAGE:
            found += [name] if _path(name).is_file() else [f"{name}.{part.decode()}" for part in _NAME.findall(names)]
    return [name for name in found if _path(name).is_file()]


@cache
def _source(module: str) -> bytes:
    return _path(module).read_bytes()


def _path(module: str) -> Path:
    return PACKAGE.joinpath(*module.split(".")[1:]).with_suffix(".py")


@cache
def _folder(module: str) -> str:
    """Where a module's compiled functions are kept."""
    name = f"{_PREFIX}{module.partition('.')[2]}-{sources_hash(module)}"
    folder = machine_folder(name)
    if folder is None:
        return ""
    _forget(folder.parent, name)
    return str(folder)


def _forget(parent: Path, current: str) -> None:
    """Remove what older sources left, but for the last: another process may still be using that."""
    alike = f"{current.rpartition('-')[0]}-*"
    older = sorted((path for path in parent.glob(alike) if path.name != current), key=_age)
    for path in older[1:]:
        shutil.rmtree(path, ignore_errors=True)


def _age(path: Path) -> float:
    try:
        return -path.stat().st_mtime
    except OSError:
        return 0.0
