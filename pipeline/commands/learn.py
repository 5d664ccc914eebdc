"""The command `learn`."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import typer

from pipeline.commands._output import SOME_FAILED, say
from pipeline.commands.train import headline
from pipeline.common import cache
from pipeline.common.cache import CACHE
from pipeline.common.config import Config
from pipeline.common.config_file import load_config
from pipeline.common.errors import ModelError, TrackingError
from pipeline.common.files import folder_written_whole, write_json
from pipeline.common.locks import at_work
from pipeline.common.progress import Progress
from pipeline.evaluation.compare import said
from pipeline.evaluation.results import Training
from pipeline.prediction.predictor import Predictor, load_predictor
from pipeline.preparation import prepared_splits
from pipeline.preparation.prepare import prepare
from pipeline.rows.feedback_store import Feedback
from pipeline.training.learn import Lesson, divide, on_corrections, with_corrections, worse
from pipeline.training.train import train

CANDIDATES = Path("models/candidates")
LEARNED = "learned.json"


def run(config: Path, overrides: list[str], store: Path, share: float, weight: float, force: bool) -> None:
    """Train with the corrections added, and put the model in the champion's place if the gate lets it pass."""
    settings = load_config(config, overrides)
    found = Feedback(store).latest()
    if not found:
        say(f"{store} holds no corrections: there is nothing to learn")
        return
    progress = Progress()
    with at_work(Path("models") / settings.name), cache.using(CACHE):
        lesson = divide(found, _judged(prepare(settings, Path("data"), progress)), share)
        asked = {"corrections": lesson.digest, "settings": _hash(settings), "share": share, "weight": weight}
        if not force and (before := _before(settings, asked)):
            say(f"nothing new since then: {before}")
            return
        if not lesson.learned:
            say(f"all {len(found):,} corrections are held back to judge on: there is nothing to learn from yet")
            return
        result = train(with_corrections(settings, store, lesson, weight), Path("data"), CANDIDATES, progress)
        say(headline(result))
        said_so = _decide(result, lesson, Path("models") / settings.name, progress)
    write_json(result.folder / LEARNED, {**asked, "said": said_so})
    say(said_so)


def _judged(prepared: Path) -> list[str]:
    """The texts of the validation and test articles."""
    rows = [row for split in ("validation", "test") for row in prepared_splits.read_split(prepared, split).to_list()]
    return [f"{row['title']}\n{row['text']}" for row in rows]


def _decide(result: Training, lesson: Lesson, folder: Path, progress: Progress) -> str:
    """Log the candidate, judge it, and put it into `folder` when it is promoted; a line that says what was decided."""
    from pipeline.tracking import champion_folder, log_folder, promote, run_of

    counts = f"{len(lesson.learned):,} corrections learned, {len(lesson.held_out):,} held back"
    try:
        with progress.stage("log to MLflow"):
            champion = champion_folder(result.config.registered_model, Path.cwd())
            say(log_folder(result.folder, Path.cwd()))
        found = on_corrections(_champion(champion or folder, result), result.predictor, lesson.held_out)
        for task, each in found.items():
            say(f"{task} on {each.documents:,} corrections held back: {said(each.overall[0])}")
        if problem := worse(found):
            return f"{counts}; not promoted: worse on the corrections held back: {problem}"
        decision = promote(run_of(result.folder, Path.cwd()), Path.cwd())
    except TrackingError as error:
        say(f"dateline: {error}", err=True)
        raise typer.Exit(SOME_FAILED) from None
    if decision.promoted:
        _replace(folder, result.folder)
    return f"{counts}; {decision.line}"


def _champion(folder: Path, result: Training) -> Predictor:
    """The model to beat: the candidate itself where there is none yet."""
    try:
        return load_predictor(folder)
    except ModelError:
        return result.predictor


def _replace(folder: Path, candidate: Path) -> None:
    with folder_written_whole(folder) as temporary:
        shutil.copytree(candidate, temporary, dirs_exist_ok=True)


def _before(config: Config, asked: dict[str, Any]) -> str:
    """What was decided of the same corrections and settings before; empty when they are new."""
    path = CANDIDATES / config.name / LEARNED
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ""
    same = isinstance(known, dict) and all(known.get(name) == value for name, value in asked.items())
    return str(known.get("said", "")) if same else ""


def _hash(config: Config) -> str:
    return hashlib.sha256(json.dumps(config.resolved(), sort_keys=True).encode()).hexdigest()
