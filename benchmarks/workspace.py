"""A project folder for measuring in, so that the models and prepared corpora of the real one stay as they are."""

from __future__ import annotations

import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_SHARED = (
    "configs",
    "train.py",
    "pipeline",
    "benchmarks",
    "data/articles",
    "data/labels",
    "data/taxonomy",
    "data/samples",
)
_DOWNLOADS = "data/raw"


def workspace(folder: Path, downloads: bool = True) -> Path:
    """The folder, made when it is missing, with the code, configurations and, unless it shall make its own, downloads
    of this project."""
    folder = folder.resolve()
    (folder / "data").mkdir(parents=True, exist_ok=True)
    if downloads:
        (ROOT / _DOWNLOADS).mkdir(parents=True, exist_ok=True)
    for name in (*_SHARED, _DOWNLOADS) if downloads else _SHARED:
        if not (folder / name).exists():
            (folder / name).symlink_to(ROOT / name)
    return folder


def emptied(folder: Path) -> Path:
    """The folder, new and empty."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
