"""MLflow: the store, the runs, the registry. The only module that imports mlflow."""

from __future__ import annotations

import io
import logging
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import redirect_stderr
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.errors import TrackingError

if TYPE_CHECKING:
    from mlflow.entities.model_registry import ModelVersion

    from pipeline.training import TaskResult, Training

CHAMPION = "champion"
_QUIET = {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true", "GIT_PYTHON_REFRESH": "quiet"}
_QUIET |= {"MLFLOW_RECORD_ENV_VARS_IN_MODEL_LOGGING": "false", "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false"}
_METRICS = ("documents", "labels", "lrap", "subset_accuracy", "expected_calibration_error")
_AVERAGED = tuple(
    f"{average}_{name}" for average in ("micro", "macro", "weighted", "samples") for name in ("precision", "recall", "f1")
)


def tracking_uri(root: Path) -> str:
    """The store: what MLFLOW_TRACKING_URI names, else `mlflow.db` in the project."""
    return os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{(root / 'mlflow.db').resolve()}"


def log_training(result: Training, root: Path) -> str:
    """Log a training as a run with a child a task, register its predictor, and move the champion if it is not worse.

    Returns one line that says where. Raises TrackingError when the store can't be used.
    """
    try:
        return _log_training(result, root)
    except TrackingError:
        raise
    except Exception as error:  # whatever the store, the server or the network raises
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise TrackingError(
            f"the run was not logged to {tracking_uri(root)} ({reason}); the predictor is in {result.folder}"
        ) from error


def fetch_predictor(uri: str, root: Path) -> Path:
    """The predictor folder behind a `models:/` or `runs:/` URI. Raises TrackingError."""
    mlflow = _mlflow(root)
    try:
        folder = Path(mlflow.artifacts.download_artifacts(artifact_uri=uri))
    except Exception as error:
        raise TrackingError(f"{uri} can't be fetched from {tracking_uri(root)}: {str(error).splitlines()[0]}") from None
    found = next(folder.rglob("predictor.json"), None)
    if found is None:
        raise TrackingError(f"{uri} holds no predictor of Dateline")
    return found.parent


def ui_command(root: Path, port: int) -> list[str]:
    """The command that serves the MLflow UI on this project's store."""
    command = [sys.executable, "-m", "mlflow", "server", "--backend-store-uri", tracking_uri(root)]
    command += ["--artifacts-destination", str((root / "mlartifacts").resolve())]
    return [*command, "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]


def serve_ui(root: Path, port: int) -> int:
    """Serve the UI until it is stopped; its exit status."""
    _mlflow(root)
    environment = {**os.environ, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    return subprocess.call(ui_command(root, port), env=environment)  # noqa: S603


def _mlflow(root: Path) -> Any:
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    import mlflow

    for name in ("mlflow", "alembic"):
        logging.getLogger(name).setLevel(logging.ERROR)
    mlflow.set_tracking_uri(tracking_uri(root))
    mlflow.set_registry_uri(tracking_uri(root))
    _follow_moved_project(root)
    return mlflow


def _follow_moved_project(root: Path) -> None:
    """Artifact locations stand in the database as absolute paths: mend them when the project folder has moved."""
    import sqlite3

    database = root / "mlflow.db"
    if not database.exists() or os.environ.get("MLFLOW_TRACKING_URI"):
        return
    here = (root / "mlartifacts").resolve().as_uri()
    first = "SELECT artifact_location FROM experiments WHERE experiment_id > 0"
    with sqlite3.connect(database) as connection:
        try:
            (found,) = connection.execute(first).fetchone() or (here,)
            old = found[: found.rfind("/mlartifacts") + len("/mlartifacts")]
            for table, column in _LOCATIONS if old != here else ():
                connection.execute(f"UPDATE {table} SET {column} = replace({column}, ?, ?)", (old, here))  # noqa: S608
        except sqlite3.OperationalError:  # a store without these tables yet, which MLflow is about to make
            return


_LOCATIONS = (
    ("experiments", "artifact_location"),
    ("runs", "artifact_uri"),
    ("logged_models", "artifact_location"),
    ("model_versions", "source"),
    ("model_versions", "storage_location"),
)


def _experiment(mlflow: Any, name: str, root: Path) -> str:
    found = mlflow.get_experiment_by_name(name)
    if found:
        return str(found.experiment_id)
    local = not os.environ.get("MLFLOW_TRACKING_URI")
    location = (root / "mlartifacts" / name).resolve().as_uri() if local else None
    return str(mlflow.create_experiment(name, artifact_location=location))


def _log_training(result: Training, root: Path) -> str:
    mlflow = _mlflow(root)
    experiment = _experiment(mlflow, result.config.tracking.experiment, root)
    name = f"{result.config.name} {datetime.now():%Y-%m-%d %H:%M}"
    with mlflow.start_run(experiment_id=experiment, run_name=name, description=_summary(result)) as run:
        mlflow.set_tags(_tags(result, root))
        mlflow.log_params(_params(result))
        mlflow.log_metrics(_overall(result))
        mlflow.log_dict(result.config.resolved(), "config.yaml")
        mlflow.log_dict(result.manifest, "data/manifest.json")
        mlflow.log_artifact(str(result.folder / "MODEL_CARD.md"))
        _log_inputs(mlflow, result)
        for task, found in result.tasks.items():
            with mlflow.start_run(experiment_id=experiment, run_name=f"{result.config.name} {task}", nested=True):
                _log_task(mlflow, task, found, result, root)
        version = _log_model(mlflow, result)
        verdict = _move_champion(mlflow, result, version)
        mlflow.set_tag("gate", verdict)
    return f"run {run.info.run_id} in {tracking_uri(root)}, model {version.name} version {version.version}: {verdict}"


def _log_task(mlflow: Any, task: str, found: TaskResult, result: Training, root: Path) -> None:
    mlflow.set_tags({**_tags(result, root), "task": task})
    for split, values in found.metrics.items():
        mlflow.log_metrics(_plain(values, f"{split}/{task}"))
        for source, scores in values.get("by_source", {}).items():
            mlflow.log_metrics({f"{split}/{task}/{_metric_name(source)}/micro_f1": scores["micro_f1"]})
    columns = {key: [row[key] for row in found.labels] for key in found.labels[0]} if found.labels else {"label": []}
    mlflow.log_table(columns, artifact_file=f"per_label_{task}.json")


def _metric_name(source: str) -> str:
    return "".join(letter if letter.isalnum() or letter in "_-. " else "_" for letter in source) or "unnamed"


def _plain(values: Mapping[str, Any], prefix: str) -> dict[str, float]:
    return {f"{prefix}/{name}": float(values[name]) for name in (*_METRICS, *_AVERAGED) if name in values}


def _overall(result: Training) -> dict[str, float]:
    found = {f"seconds/{name}": seconds for name, seconds in result.seconds.items()}
    for task, scores in result.tasks.items():
        for split, values in scores.metrics.items():
            found |= _plain(values, f"{split}/{task}")
    return found


def _tags(result: Training, root: Path) -> dict[str, str]:
    commit, dirty = _git(root)
    libraries = {f"version.{name}": version for name, version in result.predictor.description["libraries"].items()}
    return {"corpus": result.config.name, "git.commit": commit, "git.dirty": dirty, **libraries}


def _git(root: Path) -> tuple[str, str]:
    commands = (["git", "rev-parse", "HEAD"], ["git", "status", "--porcelain"])
    try:
        commit, changes = (
            subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603
            for command in commands
        )
    except (OSError, subprocess.CalledProcessError):
        return "none", "unknown"
    return commit, "dirty" if changes else "clean"


def _params(result: Training) -> dict[str, Any]:
    settings = result.config.resolved()
    chosen = {key: settings[key] for key in ("name", "seed")} | {"data_sha256": result.manifest["content_sha256"]}
    for section in ("prepare", "topics", "regions"):
        for key, value in (settings[section] or {}).items():
            chosen[f"{section}.{key}"] = value
    return chosen


def _log_inputs(mlflow: Any, result: Training) -> None:
    from mlflow.data.meta_dataset import MetaDataset
    from mlflow.data.sources import LocalArtifactDatasetSource

    for split, described in result.manifest["splits"].items():
        source = LocalArtifactDatasetSource(f"data/prepared/{result.config.name}/{split}.parquet")
        digest = described["content_sha256"][:36]
        mlflow.log_input(MetaDataset(source, name=f"{result.config.name} {split}", digest=digest), context=split)


def _log_model(mlflow: Any, result: Training) -> ModelVersion:
    import pandas as pd
    from mlflow.models import ModelSignature
    from mlflow.types.schema import Array, ColSpec, DataType, Object, Property, Schema

    tag = Array(Object([Property("label", DataType.string), Property("score", DataType.double)]))
    signature = ModelSignature(
        inputs=Schema([ColSpec("string", "title", required=False), ColSpec("string", "text")]),
        outputs=Schema([ColSpec(tag, "topics"), ColSpec(tag, "regions")]),
    )
    package = Path(__file__).parent
    with tempfile.TemporaryDirectory() as folder, redirect_stderr(io.StringIO()):  # it announces each step
        code = _code(package, Path(folder))
        info = mlflow.pyfunc.log_model(
            name="predictor",
            python_model=str(package / "mlflow_model.py"),
            artifacts={"predictor": str(result.folder)},
            code_paths=[str(code)],
            pip_requirements=[f"numpy=={result.predictor.description['libraries']['numpy']}"],
            signature=signature,
            input_example=pd.DataFrame([{"title": "Storm floods port", "text": "Heavy rain flooded the port of Genoa."}]),
            registered_model_name=result.config.registered_model,
        )
    version = mlflow.MlflowClient().get_model_version(result.config.registered_model, info.registered_model_version)
    mlflow.MlflowClient().update_model_version(version.name, version.version, _summary(result))
    return version


def _code(package: Path, folder: Path) -> Path:
    """A copy of the package without its caches."""
    import shutil

    return Path(shutil.copytree(package, folder / "pipeline", ignore=shutil.ignore_patterns("__pycache__")))


def _move_champion(mlflow: Any, result: Training, version: ModelVersion) -> str:
    """Make the new version champion unless its validation micro-F1 is worse; what was decided, and why."""
    client = mlflow.MlflowClient()
    try:
        champion = client.get_model_version_by_alias(version.name, CHAMPION)
        before = client.get_run(champion.run_id).data.metrics
    except mlflow.exceptions.MlflowException:
        champion, before = None, {}
    worse = [
        f"{task} {before[key]:.4f} to {scores.metrics['validation']['micro_f1']:.4f}"
        for task, scores in result.tasks.items()
        if "validation" in scores.metrics
        and (key := f"validation/{task}/micro_f1") in before
        and scores.metrics["validation"]["micro_f1"] < before[key] - result.config.gate.tolerance
    ]
    if worse:
        return f"champion stays version {champion.version}: validation micro-F1 is worse ({', '.join(worse)})"
    client.set_registered_model_alias(version.name, CHAMPION, version.version)
    return "champion moved here: " + (f"not worse than version {champion.version}" if champion else "the first version")


def _summary(result: Training) -> str:
    lines = [f"**{result.config.name}**: {result.config.description}", ""]
    for task, found in result.tasks.items():
        for split, values in found.metrics.items():
            lines.append(f"- {task}, {split}: micro-F1 {values['micro_f1']:.3f}, macro-F1 {values['macro_f1']:.3f}")
    model = f"models:/{result.config.registered_model}@{CHAMPION}"
    return "\n".join([*lines, "", f"Predict: `python train.py predict --model {model} --file article.txt`"])
