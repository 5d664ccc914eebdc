"""What a training leaves beside its predictor for the log: `run.json` and `predictions.npz`."""

from __future__ import annotations

import getpass
import hashlib
import subprocess
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.common.errors import DataError
from pipeline.common.files import write_json
from pipeline.common.state_files import read_json
from pipeline.common.usage import now
from pipeline.evaluation.compare import Answers, Predictions, save_predictions

if TYPE_CHECKING:
    from pipeline.evaluation.results import Training

RECORD, PREDICTIONS = "run.json", "predictions.npz"
_FORMAT = 1


@dataclass(slots=True)
class Record:
    """A finished training in plain values, enough to log it later and elsewhere."""

    name: str
    started: str
    ended: str
    user: str
    commit: str
    tree: str
    config: dict[str, Any]
    manifest: dict[str, Any]
    predictor: dict[str, Any]
    tasks: dict[str, dict[str, Any]]
    seconds: dict[str, float]
    usage: list[tuple[float, float, float]] = field(default_factory=list)
    id: str = ""

    @property
    def title(self) -> str:
        """The run's name: what was trained and when, `news 2026-11-22 14:05`."""
        return f"{self.name} {self.when}"

    @property
    def when(self) -> str:
        """When the training began, in the time of this machine."""
        return f"{datetime.fromisoformat(self.started).astimezone():%Y-%m-%d %H:%M}"


def write_record(folder: Path, result: Training, started: datetime, usage: list[tuple[float, float, float]]) -> None:
    """Write both files into the predictor's folder."""
    commit, tree = git_state()
    record = Record(
        name=result.config.name,
        started=started.isoformat(timespec="milliseconds"),
        ended=now().isoformat(timespec="milliseconds"),
        user=_user(),
        commit=commit,
        tree=tree,
        config=result.config.resolved(),
        manifest=result.manifest,
        predictor={key: value for key, value in result.predictor.description.items() if key != "tasks"},
        tasks={
            task: {"metrics": found.metrics, "labels": found.labels, "folds": result.folds.get(task, [])}
            for task, found in result.tasks.items()
        },
        seconds=result.seconds,
        usage=usage,
    )
    write_json(folder / RECORD, {"format": _FORMAT, **asdict(record)})
    save_predictions(folder / PREDICTIONS, _predictions(result))


def read_record(folder: Path) -> Record:
    """The record of a training. Raises DataError when the folder holds none."""
    path = folder / RECORD
    try:
        content = path.read_bytes()
        values = read_json(path)
        if values.pop("format") != _FORMAT:
            raise ValueError("of another version of Dateline")
        _check(values)
        return Record(**{**values, "id": hashlib.sha256(content).hexdigest()[:32]})
    except FileNotFoundError:
        raise DataError(f"no {path}: name the folder of a trained model, such as models/news") from None
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise DataError(f"{path} can't be read ({error}); train again") from None


def _check(values: dict[str, Any]) -> None:
    """Raises ValueError when a part is missing or of another type than it was written with."""
    texts, tables = ("name", "started", "ended", "user", "commit", "tree"), ("config", "manifest", "predictor", "tasks")
    wrong = [name for name in texts if not isinstance(values.get(name), str)]
    wrong += [name for name in (*tables, "seconds") if not isinstance(values.get(name), dict)]
    for task in () if wrong else values["tasks"].values():
        wrong += [name for name in ("metrics", "labels", "folds") if not isinstance(task.get(name), dict | list)]
    if wrong:
        raise ValueError(f"'{wrong[0]}' is missing or of another type")
    datetime.fromisoformat(values["started"])


def git_state() -> tuple[str, str]:
    """The commit of this code, and whether its tree is clean or dirty; none and unknown without git."""
    commands = (["git", "rev-parse", "HEAD"], ["git", "status", "--porcelain"])
    try:
        commit, changes = (
            subprocess.run(command, cwd=Path(__file__).parent, capture_output=True, text=True, check=True).stdout
            for command in commands
        )
    except (OSError, subprocess.CalledProcessError):
        return "none", "unknown"
    return commit.strip(), "dirty" if changes.strip() else "clean"


def _predictions(result: Training) -> dict[str, Predictions]:
    splits = sorted({split for found in result.tasks.values() for split in found.judged})
    return {split: _split_predictions(result, split) for split in splits}


def _split_predictions(result: Training, split: str) -> Predictions:
    judged = {task: found.judged[split] for task, found in result.tasks.items() if split in found.judged}
    answers = {task: Answers(found.labels, found.gold, found.predicted) for task, found in judged.items()}
    return Predictions(result.manifest["splits"][split]["content_sha256"], answers)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user id without a name, as in some containers
        return "unknown"
