"""The option `--search` of the command `train`."""

from __future__ import annotations

from pathlib import Path

import typer

from pipeline.commands._output import SOME_FAILED, say
from pipeline.common.config_file import load_config
from pipeline.common.errors import TrackingError
from pipeline.common.parallel import running_on
from pipeline.common.progress import Progress
from pipeline.common.project import command
from pipeline.training.search import Search, search


def run(config: Path, overrides: list[str], trials: int, task: str, engine: str = "local", scheduler: str = "") -> None:
    """Search, print the best trials, log the study, and say how to train with the best settings."""
    settings = load_config(config, overrides)
    progress = Progress()
    with running_on(engine, scheduler):
        found = search(settings, task, trials, Path("data"), progress)
    say(_table(found))
    try:
        from pipeline.tracking.studies import log_search

        with progress.stage("log to MLflow"):
            said = log_search(settings, found, Path.cwd())
        say(said)
    except TrackingError as error:
        say(f"dateline: {error}", err=True)
        raise typer.Exit(SOME_FAILED) from None
    say(f"next: {command()} train --config {found.written}")


def _table(found: Search) -> str:
    names = list(found.best.settings)
    lines = ["trial  micro-F1  " + "  ".join(names)]
    for trial in sorted(found.trials, key=lambda trial: -trial.micro_f1)[:10]:
        values = "  ".join(f"{trial.settings[name]:>{len(name)}.3g}" for name in names)
        lines.append(f"{trial.number:>5}  {trial.micro_f1:>8.4f}  {values}{'  (pruned)' if trial.pruned else ''}")
    return "\n".join(lines)
