"""The command `log`."""

from __future__ import annotations

from pathlib import Path

from pipeline.commands._output import say


def run(folder: Path) -> None:
    """Log a trained model that could not be logged when it was trained, and print where."""
    from pipeline.tracking import log_folder

    say(log_folder(folder, Path.cwd()))
