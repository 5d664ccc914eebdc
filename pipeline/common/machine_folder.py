"""Where a machine keeps what is made once for this version of the package: beside it, or in the user's cache."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parent.parent


def machine_folder(name: str) -> Path | None:
    """A folder of this name that can be written to; None when there is no place for one."""
    for parent in _parents():
        folder = parent / name
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            return folder
    return None


def _parents() -> Iterator[Path]:
    yield PACKAGE / "__pycache__"
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111 (no error without a home)
    yield Path(home) / "dateline"
