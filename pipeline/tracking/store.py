"""The MLflow store: where it is, whether it answers, and mending it after the project folder has moved."""

from __future__ import annotations

import logging
import os
import socket
import sqlite3
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pipeline.common.errors import DatelineError, TrackingError
from pipeline.tracking.database import SQLITE, database_of, held, make_database

ARTIFACTS = "mlartifacts"
_DATABASE = "mlflow.db"
_NOT_IN_ADDRESSES = set("%?#")  # SQLite's addresses have no way to write them, but may be relative
_SETTINGS = {
    "DO_NOT_TRACK": "true",
    "GIT_PYTHON_REFRESH": "quiet",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "1",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "20",
    "MLFLOW_RECORD_ENV_VARS_IN_MODEL_LOGGING": "false",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
}
_PORTS = {"http": 80, "https": 443, "postgresql": 5432, "mysql": 3306, "mssql": 1433}
_ANSWERS_WITHIN = 5.0  # seconds
_ROOT_OF_ARTIFACTS = "_MLFLOW_SERVER_ARTIFACT_ROOT"  # else an SQL store makes ./mlruns
_EXPERIMENT = {
    "mlflow.experimentKind": "custom_model_development",  # the UI's pages for models, not those for chatbots
    "mlflow.note.content": "Taggers for news: a run for each training, and in it a run for each task.",
}
SHARED_VIEW = "mlflow.sharedViewState."
"""With a name behind it, the tag of an experiment that holds a view of its runs."""

_LOCATIONS = (
    ("experiments", "artifact_location"),
    ("runs", "artifact_uri"),
    ("logged_models", "artifact_location"),
    ("model_versions", "source"),
    ("model_versions", "storage_location"),
)


def tracking_uri(root: Path) -> str:
    """The store: what MLFLOW_TRACKING_URI names, else `mlflow.db` in the project."""
    given = os.environ.get("MLFLOW_TRACKING_URI")
    if given:
        return given
    database = (root / _DATABASE).resolve()
    if set(str(database)) & _NOT_IN_ADDRESSES and database.parent == Path.cwd():
        return f"{SQLITE}{_DATABASE}"
    return f"{SQLITE}{database}"


def shown_uri(root: Path) -> str:
    """The store for a message: without a password."""
    uri = tracking_uri(root)
    parts = urlsplit(uri)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl() if "@" in parts.netloc else uri


@contextmanager
def alone(root: Path) -> Iterator[bool]:
    """Log one training at a time into a SQLite store; whether that is so, for a run that is under way there is then one
    whose process was killed."""
    path = database_of(tracking_uri(root))
    with held(path) if path else nullcontext():
        yield path is not None


def is_server(uri: str) -> bool:
    """Whether a store is an MLflow server rather than a database."""
    return uri.startswith(("http://", "https://"))


def connect(root: Path) -> Any:
    """The `mlflow` module, quiet and set to the project's store. Raises TrackingError when nothing answers there."""
    uri = tracking_uri(root)
    _check_answers(uri)
    quieten()
    import mlflow

    for name in ("mlflow", "alembic"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)  # what goes wrong is told in one line
    os.environ[_ROOT_OF_ARTIFACTS] = _artifacts(root)
    given = os.environ.get("MLFLOW_TRACKING_URI")
    make_database(mlflow, uri)
    mlflow.set_tracking_uri(uri)
    mlflow.set_registry_uri(uri)
    if given is None:  # set_tracking_uri writes it, and then it would pass for the user's
        os.environ.pop("MLFLOW_TRACKING_URI", None)
    follow_moved_project(root)
    return mlflow


def load_mlflow() -> None:
    """Import what logging needs, and look for the packages that modules come from, so that logging need not wait."""
    quieten()
    with suppress(Exception):  # what is wrong is told by the logging itself
        import mlflow.pyfunc
        import mlflow.store.tracking.sqlalchemy_store  # noqa: F401
        from mlflow.utils.requirements_utils import warn_dependency_requirement_mismatches

        warn_dependency_requirement_mismatches(
            ["mlflow"]
        )  # it looks once in a process, for half as long as a log takes


def open_store(root: Path) -> None:
    """Make a missing store, so that logging need not wait for it."""
    with suppress(Exception):
        connect(root)


def make_store(root: Path) -> None:
    """Make a missing SQLite store, and mend the addresses in one whose project has moved."""
    path = database_of(tracking_uri(root))
    if path is not None and not path.exists():
        connect(root)
    else:
        follow_moved_project(root)


def quieten() -> None:
    """No telemetry, no progress bars, short time-outs; a setting of the user's stays."""
    for name, value in _SETTINGS.items():
        os.environ.setdefault(name, value)


@contextmanager
def told(what: str) -> Iterator[None]:
    """Turn whatever MLflow, a database or the network raises into a TrackingError that begins with `what`."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except (DatelineError, ModuleNotFoundError):
        raise
    except Exception as error:
        raise TrackingError(f"{what} ({reason(error)})") from error


def reason(error: BaseException) -> str:
    """The first line of an error, shortened."""
    text = str(error).strip()
    line = text.splitlines()[0] if text else type(error).__name__
    return line if len(line) <= 200 else f"{line[:200]}..."


def experiment_id(mlflow: Any, name: str, root: Path) -> str:
    """The experiment of that name, made when there is none; a deleted one is restored."""
    client = mlflow.MlflowClient()
    found = client.get_experiment_by_name(name)
    if found is None:
        location = None if is_server(tracking_uri(root)) else f"{_artifacts(root)}/{name}"
        return str(client.create_experiment(name, artifact_location=location, tags=_EXPERIMENT))
    if found.lifecycle_stage == "deleted":
        client.restore_experiment(found.experiment_id)
    return str(found.experiment_id)


def follow_moved_project(root: Path) -> None:
    """Artifact locations stand in the database as absolute paths: mend them when the project folder has moved."""
    database = root / _DATABASE
    if not database.exists() or os.environ.get("MLFLOW_TRACKING_URI"):
        return
    here = _artifacts(root)
    with closing(sqlite3.connect(database, timeout=30)) as connection:
        try:
            for old in _roots(connection) - {here}:
                for table, column in _LOCATIONS:
                    statement = f"UPDATE {table} SET {column} = ? || substr({column}, ?) WHERE {column} LIKE ? || '/%'"  # noqa: S608
                    connection.execute(statement, (here, len(old) + 1, old))
            connection.commit()
        except sqlite3.OperationalError:  # a store without these tables yet, which MLflow is about to make
            return


def _roots(connection: sqlite3.Connection) -> set[str]:
    """The artifact folders that experiments of this store point to."""
    rows = connection.execute("SELECT artifact_location FROM experiments WHERE artifact_location LIKE 'file:%'")
    mark = f"/{ARTIFACTS}"
    return {place[: place.rfind(mark) + len(mark)] for (place,) in rows if f"{mark}/" in place}


def _artifacts(root: Path) -> str:
    return (root / ARTIFACTS).resolve().as_uri()


def _check_answers(uri: str) -> None:
    parts = urlsplit(uri)
    port = parts.port or _PORTS.get(parts.scheme.partition("+")[0])
    if not parts.hostname or not port:
        return
    try:
        socket.create_connection((parts.hostname, port), _ANSWERS_WITHIN).close()
    except OSError as error:
        raise TrackingError(f"no answer from {parts.hostname}:{port} ({error.strerror or error})") from None
