"""The command `prepare`."""

from __future__ import annotations

from pathlib import Path

from pipeline.commands._output import say
from pipeline.common import cache
from pipeline.common.cache import CACHE
from pipeline.common.config_file import load_config
from pipeline.common.progress import Progress
from pipeline.preparation import prepared_splits
from pipeline.preparation.prepare import prepare


def run(config: Path, overrides: list[str], force: bool, keep: bool = True) -> None:
    """Prepare a corpus and say what became of its rows."""
    settings = load_config(config, overrides)
    with cache.using(CACHE if keep else None):
        folder = prepare(settings, Path("data"), Progress(), force)
    manifest = prepared_splits.read_manifest(folder) or {}
    counts = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in manifest["counts"].items())
    splits = ", ".join(f"{name} {split['documents']:,}" for name, split in manifest["splits"].items())
    say(f"{folder}: {counts}; {splits}")
    for remark in manifest.get("remarks", []):
        say(f"note: {remark}")
