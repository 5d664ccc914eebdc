"""The command `prepare`."""

from __future__ import annotations

from pathlib import Path

import typer

from pipeline import store
from pipeline.config import load_config
from pipeline.prepare import prepare
from pipeline.progress import Progress


def run(config: Path, overrides: list[str], force: bool) -> None:
    """Prepare a corpus and say what became of its rows."""
    settings = load_config(config, overrides)
    folder = prepare(settings, Path("data"), Progress(), force)
    manifest = store.read_manifest(folder) or {}
    counts = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in manifest["counts"].items())
    splits = ", ".join(f"{name} {split['documents']:,}" for name, split in manifest["splits"].items())
    typer.echo(f"{folder}: {counts}; {splits}")
