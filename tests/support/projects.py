"""Projects: folders in which the commands run, with a small corpus and a configuration `tiny.yaml`."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import chdir
from pathlib import Path
from typing import Any

import yaml

from support.articles import labelled, write_lines

ROOT = Path(__file__).parents[2]
CONFIG = ("--config", "tiny.yaml")
MODEL, PREPARED = Path("models/tiny"), Path("data/prepared/tiny")


def settings(**more: Any) -> dict[str, Any]:
    """The tree of the small configuration; two folds and one job are cheap."""
    tree = {
        "name": "tiny",
        "description": "Three topics in three countries",
        "corpora": [{"corpus": "files", "path": "articles.jsonl"}],
        "topics": {"folds": 2},
        "regions": {"folds": 2},
        "jobs": 1,
    }
    return tree | more


def link_project(folder: Path) -> Path:
    """A project without a corpus: this one's configurations, command and data that lie in git."""
    (folder / "data").mkdir(parents=True)
    for name in ("configs", "train.py", "data/articles", "data/labels", "data/taxonomy", "data/samples"):
        (folder / name).symlink_to(ROOT / name)
    return folder


def make_project(folder: Path, rows: Sequence[Any] | None = None, **more: Any) -> Path:
    """A project with articles, by default the small labelled ones, and the small configuration with some changes."""
    link_project(folder)
    write_lines(folder / "articles.jsonl", labelled() if rows is None else rows)
    (folder / "tiny.yaml").write_text(yaml.safe_dump(settings(**more)), encoding="utf-8")
    return folder


def train_in(root: Path, scheduler: str = "", **more: Any) -> Path:
    """Train the small configuration with some changes, unlogged, here or on a cluster; the model's folder."""
    from pipeline.common.config_file import parse_config
    from pipeline.common.parallel import running_on
    from pipeline.common.progress import Progress
    from pipeline.training.train import train

    with chdir(root), running_on("dask" if scheduler else "local", scheduler):
        result = train(parse_config(settings(**more), "tiny"), Path("data"), Path("models"), Progress(quiet=True))
        return root / result.folder


def link_raw(folder: Path) -> None:
    """Let a project take what this clone has fetched, and fetch into it."""
    raw = ROOT / "data" / "raw"
    raw.mkdir(exist_ok=True)
    (raw / ".keep").touch()  # commands that fail clear empty folders away
    (folder / "data" / "raw").symlink_to(raw)
