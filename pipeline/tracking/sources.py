"""What is in the store already: which run or version a reference means, and its files."""

from __future__ import annotations

import atexit
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.common.errors import TrackingError
from pipeline.common.project import command
from pipeline.evaluation.compare import Predictions, load_predictions
from pipeline.tracking.store import connect, experiment_id, shown_uri, told
from pipeline.training.record import PREDICTIONS, read_record

if TYPE_CHECKING:
    from mlflow.entities.model_registry import ModelVersion

USUAL_MODEL = "dateline-news"
CHAMPION, PARENT = "champion", "mlflow.parentRunId"
_RUN = re.compile(r"(?:runs:/)?([0-9a-f]{32})")
_VERSION = re.compile(r"(?:models:/)?(?:([^/@]+)(?=[/@]))?(?:/?(\d+)|@?([A-Za-z][\w-]*))")


@dataclass(frozen=True, slots=True)
class Logged:
    """A training in the store: its parent run and, where there is one, its registered version."""

    title: str
    run_id: str
    version: ModelVersion | None


@dataclass(frozen=True, slots=True)
class LoggedRun:
    """What a run page says that is needed to train again and to tell whether the result is the same."""

    title: str
    config: dict[str, Any]
    tags: dict[str, str]
    metrics: dict[str, float]


def resolve(mlflow: Any, reference: str, root: Path) -> Logged:
    """The training that a run ID, a version number, an alias, `name/3` or `name@alias` means. Raises TrackingError."""
    from mlflow.exceptions import MlflowException

    try:
        run = _RUN.fullmatch(reference)
        return _by_run(mlflow, run[1]) if run else _by_version(mlflow, reference)
    except MlflowException as error:
        if error.error_code not in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
            raise
        raise TrackingError(
            f"there is no {reference} in {shown_uri(root)}: give a run ID, a version number, name/3 or name@champion"
        ) from None


def predictions_of(reference: str, root: Path, split: str) -> tuple[str, Predictions]:
    """A model's title and its answers to a split, from a predictor's folder or the store. Raises DatelineError."""
    if (Path(reference) / PREDICTIONS).is_file():
        return reference, load_predictions(Path(reference) / PREDICTIONS, split)
    with told(f"the predictions of {reference} can't be fetched from {shown_uri(root)}"):
        mlflow = connect(root)
        found = resolve(mlflow, reference, root)
        return found.title, download_predictions(mlflow, found.run_id, split)


def logged_run(reference: str, root: Path) -> LoggedRun:
    """A run's configuration, tags and metrics. Raises TrackingError."""
    with told(f"{reference} can't be read from {shown_uri(root)}"):
        mlflow = connect(root)
        found = resolve(mlflow, reference, root)
        run = mlflow.MlflowClient().get_run(found.run_id)
        return LoggedRun(found.title, run_config(mlflow, found.run_id), dict(run.data.tags), dict(run.data.metrics))


def run_config(mlflow: Any, run_id: str) -> dict[str, Any]:
    """The resolved configuration that a run was trained with. Raises TrackingError."""
    import yaml

    with tempfile.TemporaryDirectory() as folder:
        tree = yaml.safe_load(_download(mlflow, run_id, "config.yaml", folder).read_text(encoding="utf-8"))
    if not isinstance(tree, dict):
        raise TrackingError(f"run {run_id} holds no configuration of Dateline")
    return tree


def download_predictions(mlflow: Any, run_id: str, split: str) -> Predictions:
    """A run's answers to a split. Raises TrackingError or DataError."""
    with tempfile.TemporaryDirectory() as folder:
        return load_predictions(_download(mlflow, run_id, PREDICTIONS, folder), split)


def version_of(uri: str, root: Path) -> str:
    """What tells one model behind a URI from the next: its version, or the run. Raises TrackingError."""
    if not uri.startswith("models:/"):
        return uri  # a run never changes
    with told(f"{uri} can't be looked up in {shown_uri(root)}"):
        version = resolve(connect(root), uri, root).version
        return f"{version.name}/{version.version}" if version else uri


def fetch_predictor(uri: str, root: Path, into: Path | None = None) -> Path:
    """The predictor folder behind a `models:/` or `runs:/` URI. Raises TrackingError.

    It is kept in `into`, or in a temporary folder until the program ends.
    """
    with told(f"{uri} can't be fetched from {shown_uri(root)}"):
        mlflow = connect(root)
        kept = str(into) if into else tempfile.mkdtemp(prefix="dateline-")  # MLflow would write notes beside the model
        if not into:
            atexit.register(shutil.rmtree, kept, ignore_errors=True)
        folder = Path(mlflow.artifacts.download_artifacts(artifact_uri=uri, dst_path=kept))
    found = next(folder.rglob("predictor.json"), None)
    if found is None:
        raise TrackingError(f"{uri} holds no predictor of Dateline")
    return found.parent


def champion_folder(name: str, root: Path) -> Path | None:
    """The predictor folder of a registered model's champion; None where there is none yet. Raises TrackingError."""
    with told(f"the champion of {name} can't be found in {shown_uri(root)}"):
        client = connect(root).MlflowClient()
        if not client.search_registered_models(f"name = '{name}'"):
            return None
        if CHAMPION not in client.get_registered_model(name).aliases:
            return None
    return fetch_predictor(f"models:/{name}@{CHAMPION}", root)


def run_of(folder: Path, root: Path) -> str:
    """The ID of the run that the training in a predictor's folder was logged as. Raises TrackingError."""
    record = read_record(folder)
    with told(f"the run of {folder} can't be found in {shown_uri(root)}"):
        mlflow = connect(root)
        experiment = experiment_id(mlflow, record.config["tracking"]["experiment"], root)
        found = mlflow.search_runs([experiment], f"tags.training = '{record.id}'", output_format="list")
        parents = [run.info.run_id for run in found if PARENT not in run.data.tags]
    if not parents:
        raise TrackingError(f"the training in {folder} is not logged; '{command()} log {folder}' logs it")
    return str(parents[0])


def _download(mlflow: Any, run_id: str, path: str, folder: str) -> Path:
    return Path(mlflow.artifacts.download_artifacts(run_id=run_id, artifact_path=path, dst_path=folder))


def _by_run(mlflow: Any, run_id: str) -> Logged:
    client = mlflow.MlflowClient()
    run = client.get_run(run_id)
    parent = run.data.tags.get("mlflow.parentRunId")
    if parent:
        return _by_run(mlflow, parent)
    version = next(iter(client.search_model_versions(f"run_id = '{run_id}'")), None)
    return Logged(f"run {run.info.run_name}", run_id, version)


def _by_version(mlflow: Any, reference: str) -> Logged:
    match = _VERSION.fullmatch(reference)
    if not match:
        raise TrackingError(f"'{reference}' is no run ID, version number, name/3 or name@champion")
    client = mlflow.MlflowClient()
    name = match[1] or _only_model(client)
    found = client.get_model_version(name, match[2]) if match[2] else client.get_model_version_by_alias(name, match[3])
    return Logged(f"{found.name} version {found.version}", found.run_id, found)


def _only_model(client: Any) -> str:
    names = [model.name for model in client.search_registered_models()]
    return names[0] if len(names) == 1 else USUAL_MODEL
