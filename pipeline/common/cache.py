"""Results of long stages kept by the content of what they were made of, so that a stopped run goes on where it was."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from hashlib import blake2b
from pathlib import Path

import numpy as np

from pipeline.common.errors import DataError
from pipeline.common.files import folder_written_whole
from pipeline.common.locks import clear

Arrays = dict[str, np.ndarray]
Part = str | bytes | int | float | np.ndarray
CACHE = Path("data/cache/stages")
LIMIT = 10 * 1000**3
_used: list[tuple[Path, int] | None] = []


@contextmanager
def using(folder: Path | None, limit: int = LIMIT) -> Iterator[None]:
    """While the block runs, keep results in `folder`, at most `limit` bytes of them; None keeps nothing."""
    _used.append(None if folder is None else (folder, limit))
    try:
        yield
    finally:
        _used.pop()


def in_use() -> bool:
    """Whether anything is kept."""
    return bool(_used) and _used[-1] is not None


def arrays(kind: str, parts: Sequence[Part], make: Callable[[], Arrays]) -> Arrays:
    """The arrays that `make` gives, or gave before for a `kind` and `parts` of the same content.

    Kept ones come back as read-only views of their files, which take no memory that other programs could not have. What
    can't be read is made anew, what can't be written is not kept.
    """
    if not _used or _used[-1] is None:
        return make()
    folder, limit = _used[-1]
    path = folder / f"{kind}-{_digest(parts)}"
    found = _load(path)
    if found is None:
        found = make()
        with suppress(OSError, DataError):
            _save(path, found)
            _bound(folder, limit, path)
            found = _load(path) or found
    return found


def _digest(parts: Sequence[Part]) -> str:
    digest = blake2b(digest_size=16)
    for part in parts:
        if isinstance(part, np.ndarray):
            digest.update(f"{part.dtype.str}{part.shape}".encode())
            digest.update(np.ascontiguousarray(part).reshape(-1).view(np.uint8).data)
        else:
            digest.update(part if isinstance(part, bytes) else repr(part).encode())
        digest.update(b"\0")
    return digest.hexdigest()


def _load(path: Path) -> Arrays | None:
    """The arrays in a folder; None when it isn't there or is damaged, which removes it."""
    try:
        found = {file.stem: np.load(file, mmap_mode="r", allow_pickle=False) for file in sorted(path.glob("*.npy"))}
        sums = (path / "sums").read_text(encoding="utf-8")
        if sums != _sums(found):
            raise ValueError("damaged")
        (path / "sums").touch()
        return found
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        shutil.rmtree(path, ignore_errors=True)
        return None


def _save(path: Path, found: Arrays) -> None:
    with folder_written_whole(path) as temporary:
        clear(path.parent)
        for name, array in found.items():
            np.save(temporary / f"{name}.npy", array, allow_pickle=False)
        (temporary / "sums").write_text(_sums(found), encoding="utf-8")


def _sums(found: Arrays) -> str:
    return "".join(f"{name} {_digest([found[name]])}\n" for name in sorted(found))


def _bound(folder: Path, limit: int, newest: Path) -> None:
    """Remove the results that have not been used for longest until the rest is small enough."""
    kept = sorted((path for path in folder.iterdir() if (path / "sums").exists()), key=lambda path: -_when(path))
    total = 0
    for path in [newest, *(path for path in kept if path != newest)]:
        total += sum(file.stat().st_size for file in path.iterdir())
        if total > limit:
            shutil.rmtree(path, ignore_errors=True)


def _when(path: Path) -> float:
    try:
        return (path / "sums").stat().st_mtime
    except OSError:
        return 0.0
