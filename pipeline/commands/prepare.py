"""The command `prepare`."""

from __future__ import annotations

from pathlib import Path

import typer

from pipeline import cache, store
from pipeline.cache import CACHE
from pipeline.config import load_config
from pipeline.prepare import prepare
from pipeline.progress import Progress


def run(config: Path, overrides: list[str], force: bool, keep: bool = True) -> None:
    """Prepare a corpus and say what became of its rows."""
    settings = load_config(config, overrides)
    with cache.using(CACHE if keep else None):
        folder = prepare(settings, Path("data"), Progress(), force)
    manifest = store.read_manifest(folder) or {}
    counts = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in manifest["counts"].items())
    splits = ", ".join(f"{name} {split['documents']:,}" for name, split in manifest["splits"].items())
    typer.echo(f"{folder}: {counts}; {splits}")
