"""The identifier of py3langid, whose packed model is unpacked once on a machine and then read where it lies."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.common.machine_folder import machine_folder

_ARRAYS = ("ptc", "pc", "classes", "nextmove", "row", "output")


@cache
def identifier() -> Any:
    """What ranks the languages of a text; None where py3langid is not installed."""
    try:
        from py3langid import langid
    except ImportError:
        return None
    packed = Path(langid.MODEL_DIR, langid.MODEL_FILE)
    stat = packed.stat()
    folder = machine_folder(f"languages-{stat.st_size:x}-{stat.st_mtime_ns:x}")
    found = _read(folder) if folder else None
    if found is None:
        made = langid.LanguageIdentifier.from_model_file(packed)
        if folder:
            _keep(folder, made)
        return made
    ptc, pc, classes, nextmove, row, output = found
    lists = nextmove.data, output.tolist()
    return langid.LanguageIdentifier(ptc, pc, classes.tolist(), *lists, tk_row=row.tolist())


def _read(folder: Path) -> list[np.ndarray] | None:
    """The arrays as views of their files, which take no time to open; None when they are not all there."""
    try:
        return [np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False) for name in _ARRAYS]
    except (OSError, ValueError, EOFError):
        return None


def _keep(folder: Path, made: Any) -> None:
    """Keep the model's arrays; without them the next process unpacks it as well."""
    from contextlib import suppress

    from pipeline.common.errors import DataError
    from pipeline.common.files import written_whole

    given = made.nb_ptc, made.nb_pc, made.nb_classes, made.tk_nextmove, made.tk_row, made.tk_output
    with suppress(DataError, OSError):
        for name, values in zip(_ARRAYS, given, strict=True):
            with written_whole(folder / f"{name}.npy") as temporary, temporary.open("wb") as file:
                np.save(file, np.asarray(values), allow_pickle=False)
