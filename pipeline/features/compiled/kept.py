"""What is kept of compiled functions for the next start, and until when: this knows it without loading numba."""

from __future__ import annotations

import re
import shutil
from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path

from pipeline.common.machine_folder import PACKAGE, machine_folder

_PACKAGE = __name__.partition(".")[0]
_PREFIX = "compiled-"
_IMPORT = re.compile(rb"^from ([\w.]+) import (\([^)]*\)|.*)", re.MULTILINE)  # at the top: those of types are indented
_NAME = re.compile(rb"\w+")
_SUM, _HEAD, _END = 32, 48, ".code"  # of a file: a checksum, what the function's result is, and the code


def kept(module: str, function: str) -> bool:
    """Whether native code of a module's function is kept for this machine."""
    folder = folder_of(module)
    return bool(folder) and any(Path(folder).glob(f"{function}-{_machine()}-*{_END}"))


def read(module: str, function: str, args: str) -> tuple[bytes, str] | None:
    """The native code that is kept of a function with such arguments, and what its result is; None without whole
    ones."""
    folder = folder_of(module)
    with suppress(OSError):
        content = _path_of(folder, function, args).read_bytes() if folder else b""
        code, result = content[_HEAD:], content[_SUM:_HEAD]
        if code and content[:_SUM] == sha256(result + code).digest():
            return code, result.decode().strip()
    return None


def keep(module: str, function: str, args: str, code: bytes, result: str) -> None:
    """Keep native code for later starts, where there is a place for it."""
    from pipeline.common.errors import DataError
    from pipeline.common.files import written_whole

    folder = folder_of(module)
    if not folder:
        return
    rest = result.encode().ljust(_HEAD - _SUM) + code
    with suppress(DataError), written_whole(_path_of(folder, function, args)) as path:
        path.write_bytes(sha256(rest).digest() + rest)


def _path_of(folder: str, function: str, args: str) -> Path:
    return Path(folder, f"{function}-{_machine()}-{_short(args.encode())}{_END}")


@cache
def _machine() -> str:
    from pipeline.features.compiled.native import machine

    return _short(machine().encode())


def _short(content: bytes) -> str:
    return sha256(content).hexdigest()[:16]


@cache
def sources_hash(module: str) -> str:
    """A hash of a module's source and of all modules of the package that it imports at its top, and they at theirs."""
    found, waiting = {module: _source(module)}, [module]
    while waiting:
        for name in _imports(waiting.pop()):
            if name not in found:
                found[name] = _source(name)
                waiting.append(name)
    return _short(b"\0".join(found[name] for name in sorted(found)))


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
def folder_of(module: str) -> str:
    """Where a module's compiled functions are kept; empty where nothing can be."""
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
