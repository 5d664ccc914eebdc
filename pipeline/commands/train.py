"""The command `train`."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import typer

from pipeline.commands._output import SOME_FAILED, say
from pipeline.common import cache
from pipeline.common.beside import Beside, begun, beside, done
from pipeline.common.cache import CACHE
from pipeline.common.config_file import load_config
from pipeline.common.errors import TrackingError
from pipeline.common.locks import at_work
from pipeline.common.parallel import running_on
from pipeline.common.progress import Progress, duration
from pipeline.evaluation.results import Training
from pipeline.reporting.drawing import load_drawing
from pipeline.tracking import load_mlflow, log_folder, open_store
from pipeline.training.warm_up import compile_all, is_compiled

_ENOUGH = 10  # articles of a split from which its scores say something


def run(config: Path, overrides: list[str], engine: str = "local", scheduler: str = "", keep: bool = True) -> None:
    """Train, log, and print the headline scores; a store that can't be reached costs the log, not the model."""
    settings = load_config(config, overrides)
    progress = Progress()
    with at_work(Path("models") / settings.name), beside(settings.processes) as helper:
        compiled = begun(None if is_compiled() else helper, compile_all)
        begun(helper, load_drawing)
        begun(helper, load_mlflow)
        from pipeline.training.train import Help, train  # which takes seconds that the process beside need not wait

        with running_on(engine, scheduler), cache.using(CACHE if keep else None):
            help_by = Help(helper, compiled, partial(begun, helper, open_store, Path.cwd()))
            result = train(settings, Path("data"), Path("models"), progress, help_by)
        typer.echo(headline(result))
        if few := _few(result):
            say(f"note: {few}")
        for remark in result.manifest.get("remarks", []):
            say(f"note: {remark}")
        _log(result, progress, helper)
    total = sum(progress.seconds.values())
    typer.echo(f"{result.folder} written in {duration(total)}")


def _log(result: Training, progress: Progress, helper: Beside) -> None:
    """Log in the process beside this one, which has MLflow loaded by now."""
    try:
        with progress.stage("log to MLflow"):
            said = done(helper, log_folder, result.folder, Path.cwd())
    except TrackingError as error:
        say(f"dateline: {error}", err=True)
        raise typer.Exit(SOME_FAILED) from None
    say(said)


def _few(result: Training) -> str:
    """A plain warning when the scores stand on next to nothing."""
    counts = {split: described["documents"] for split, described in result.manifest["splits"].items()}
    if min(counts["validation"], counts["test"]) >= _ENOUGH:
        return ""
    found = f"{counts['train']} articles to learn from, {counts['validation']} to validate and {counts['test']} to test"
    return f"there are {found}: these scores say next to nothing; label some hundred articles"


def headline(result: Training) -> str:
    """The scores of each task and split as a table."""
    lines = [f"{'':<22}{'documents':>10}{'micro-F1':>10}{'macro-F1':>10}{'samples-F1':>12}{'LRAP':>8}"]
    for task, found in result.tasks.items():
        for split, values in found.metrics.items():
            micro, macro, samples, lrap = (values[name] for name in ("micro_f1", "macro_f1", "samples_f1", "lrap"))
            scores = f"{micro:>10.3f}{macro:>10.3f}{samples:>12.3f}{lrap:>8.3f}"
            lines.append(f"{task + ', ' + split:<22}{values['documents']:>10,}{scores}")
    return "\n".join(lines)
