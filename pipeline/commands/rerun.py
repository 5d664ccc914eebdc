"""The command `rerun`."""

from __future__ import annotations

import tempfile
from pathlib import Path

import typer

from pipeline.commands._output import SOME_FAILED, say
from pipeline.common.config_file import parse_config
from pipeline.common.progress import Progress


def run(reference: str) -> None:
    """Train a logged run again from its own configuration. Exits with 1 when the result is not identical."""
    from pipeline.tracking import logged_run
    from pipeline.training.rerun import differences

    logged = logged_run(reference, Path.cwd())
    config = parse_config(logged.config, f"configuration of {logged.title}")
    with tempfile.TemporaryDirectory(prefix="dateline-") as folder:
        found = differences(config, logged.tags, logged.metrics, Path("data"), Path(folder), Progress())
    for line in found:
        say(f"different: {line}")
    if found:
        raise typer.Exit(SOME_FAILED)
    say(f"identical: {logged.title} gives the same predictor, SHA-256 {logged.tags['predictor.sha256']}")
