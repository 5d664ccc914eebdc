"""Runs: a parent for each training, a child for each of its tasks, logged from what the training left in its folder."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

from pipeline.common.errors import TrackingError
from pipeline.common.project import command
from pipeline.tracking import describe, registry
from pipeline.tracking.broken import LOGGED, Broken
from pipeline.tracking.datasets import log_inputs, split_datasets
from pipeline.tracking.model import log_model
from pipeline.tracking.sources import CHAMPION, PARENT
from pipeline.tracking.store import SHARED_VIEW, alone, connect, experiment_id, reason, shown_uri, told
from pipeline.training.record import PREDICTIONS, RECORD, Record, read_record

CONFIG = "config.yaml"
_FILES = ("MODEL_CARD.md", "report.html", PREDICTIONS, RECORD)


def log_folder(folder: Path, root: Path) -> str:
    """Log the training in a predictor's folder, register its predictor and judge it; one line that says where.

    A training that is logged already is not logged twice; what an attempt that broke off left behind goes first.
    Raises DataError without a record of the training, TrackingError when the store can't be used: its message says
    what is not logged and how to log it later.
    """
    log = _Log(read_record(folder), folder, root)
    try:
        with told("the store can't be used"):
            return log.write()
    except TrackingError as error:
        cause = reason(error.__cause__ or error)
        raise TrackingError(
            f"not logged to {shown_uri(root)}: {', '.join(log.left)} ({cause}); the predictor is in {folder}, "
            f"'{command()} log {folder}' logs it later"
        ) from error


class _Log:
    """The logging of one training; `left` names the steps that are still to do."""

    def __init__(self, record: Record, folder: Path, root: Path) -> None:
        self.left = ["run", "model", "datasets and metrics", "files", "runs of the tasks", "registered version"]
        self._record, self._folder, self._root = record, folder, root

    def write(self) -> str:
        self._mlflow = connect(self._root)
        self._client = self._mlflow.MlflowClient()
        self._experiment = experiment_id(self._mlflow, self._record.config["tracking"]["experiment"], self._root)
        self._client.set_experiment_tag(self._experiment, f"{SHARED_VIEW}{describe.VIEW}", describe.view())
        with alone(self._root) as none_under_way:
            settled = Broken(self._mlflow, self._experiment)
            if none_under_way:
                settled.settle_all()
            done = settled.settle(self._record.id)
            return f"logged already: run {done} in {shown_uri(self._root)}" if done else self._write()

    def _write(self) -> str:
        run = self._create(self._record.title, {})
        with self._mlflow.start_run(run_id=run):
            self.left.pop(0)
            said = self._fill(run)
        self._end(run)
        return f"run {run} in {shown_uri(self._root)}, {said}"

    def _fill(self, run: str) -> str:
        model = log_model(self._mlflow, self._record, self._folder)
        self.left.pop(0)
        self._measure(run, model)
        self.left.pop(0)
        self._files()
        self.left.pop(0)
        for task in self._record.tasks:
            self._task(task, run)
        self.left.pop(0)
        self._check_unchanged()
        said = registry.register(self._mlflow, self._record, run, model)
        self._client.set_tag(run, LOGGED, "yes")
        return said

    def _check_unchanged(self) -> None:
        if read_record(self._folder).id != self._record.id:
            raise TrackingError("another training has taken the folder's place meanwhile")

    def _create(self, name: str, more: dict[str, str]) -> str:
        record = self._record
        source = {"mlflow.source.name": "train.py", "mlflow.source.type": "LOCAL", "mlflow.user": record.user}
        source |= {"mlflow.source.git.commit": record.commit} if record.commit != "none" else {}
        tags = {**source, **describe.tags(record), "mlflow.note.content": describe.description(record), **more}
        started = describe.milliseconds(record.started)
        run = self._client.create_run(self._experiment, start_time=started, tags=tags, run_name=name)
        return str(run.info.run_id)

    def _end(self, run: str) -> None:
        self._client.set_terminated(run, "FINISHED", describe.milliseconds(self._record.ended))

    def _measure(self, run: str, model: str) -> None:
        mlflow, record = self._mlflow, self._record
        reference = f"models:/{describe.model_name(record)}@{CHAMPION}"
        note = f"{describe.description(record)}\n\n{describe.how_to(reference, run)}"
        mlflow.set_tags({"mlflow.note.content": note, "task": "+".join(record.tasks)})
        mlflow.log_params(describe.parameters(record))
        datasets = split_datasets(record)
        log_inputs(mlflow, datasets)
        for task, found in record.tasks.items():
            for split in sorted(found["metrics"]):
                values = describe.headline(record, task, split)
                mlflow.log_metrics(values, dataset=datasets[split], model_id=model)
        mlflow.log_metrics(describe.seconds(record))
        self._log_usage(run)

    def _log_usage(self, run: str) -> None:
        from mlflow.entities import Metric

        metrics = [
            Metric(f"system/{name}", value, round(moment * 1000), step)
            for step, (moment, *values) in enumerate(self._record.usage)
            for name, value in zip(("memory_megabytes", "processor_percent"), values, strict=True)
        ]
        self._client.log_batch(run, metrics=metrics)

    def _files(self) -> None:
        self._mlflow.log_dict(self._record.config, CONFIG)
        tasks = tuple(self._record.tasks)
        with tempfile.TemporaryDirectory() as name:
            stage = Path(name)
            for kept in _FILES:
                if (self._folder / kept).is_file():
                    shutil.copy2(self._folder / kept, stage / kept)
            for file in _report(self._folder):
                if _task_of(file, tasks) is None:
                    target = stage / file.relative_to(self._folder / "report")
                    target.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy2(file, target)
            self._mlflow.log_artifacts(str(stage))

    def _task(self, task: str, parent: str) -> None:
        record, mlflow = self._record, self._mlflow
        name = f"{record.name} {task} {record.when}"
        run = self._create(name, {PARENT: parent, "task": task})
        with mlflow.start_run(run_id=run, nested=True):
            mlflow.log_params(describe.parameters(record, task))
            for split in sorted(record.tasks[task]["metrics"]):
                mlflow.log_metrics(describe.metrics(record, task, split))
            for fold, scores in enumerate(record.tasks[task]["folds"]):
                mlflow.log_metrics({f"cv/{task}/{key}": float(value) for key, value in scores.items()}, step=fold)
            self._task_files(task)
        self._end(run)

    def _task_files(self, task: str) -> None:
        tables = {f"{task}_labels": _columns(self._record.tasks[task]["labels"])}
        for file in _report(self._folder):
            if _task_of(file, (task,)) is None:
                continue
            if file.suffix == ".json":
                tables[file.stem] = json.loads(file.read_text(encoding="utf-8"))
            else:
                self._mlflow.log_artifact(str(file), file.parent.name)
        for name, columns in tables.items():
            if columns:
                self._mlflow.log_table(columns, f"{name}.json")


def _report(folder: Path) -> list[Path]:
    """The pictures and tables that were made for the report."""
    return sorted(file for file in (folder / "report").rglob("*") if file.is_file())


def _task_of(file: Path, tasks: tuple[str, ...]) -> str | None:
    return next((task for task in tasks if file.name.startswith(f"{task}_")), None)


def _columns(rows: list[dict[str, Any]]) -> dict[str, list[Any]]:
    return {key: [row[key] for row in rows] for key in rows[0]} if rows else {}
