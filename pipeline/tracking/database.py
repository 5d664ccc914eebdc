"""The file of a SQLite store: where it is, its lock, and how it is made."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from pipeline.common.errors import DataError, TrackingError
from pipeline.common.locks import at_work, temporary

SQLITE = "sqlite:///"


def make_database(mlflow: Any, uri: str) -> None:
    """Make a missing SQLite store whole or not at all: MLflow can't go on with one whose making was broken off."""
    path = database_of(uri)
    if path is None or path.exists():
        return
    with held(path), temporary(path.parent, f".{path.name}", folder=True) as folder:
        if not path.exists():
            with _hurried():
                mlflow.MlflowClient(f"{SQLITE}{folder / path.name}").search_experiments()
            with (folder / path.name).open("rb") as made:
                os.fsync(made.fileno())
            (folder / path.name).rename(path)


@contextmanager
def _hurried() -> Iterator[None]:
    """Let SQLite not wait for the disk at each of the hundreds of steps in which MLflow makes its tables."""
    from sqlalchemy import Engine, event

    def hurry(connection: Any, _: Any) -> None:
        connection.execute("PRAGMA synchronous = OFF")

    event.listen(Engine, "connect", hurry)
    try:
        yield
    finally:
        event.remove(Engine, "connect", hurry)


@contextmanager
def held(database: Path) -> Iterator[None]:
    """Hold the lock on a SQLite store. Raises TrackingError when its folder can't be written to."""
    with ExitStack() as stack:
        try:
            stack.enter_context(at_work(database, wait=True))
        except DataError as error:
            raise TrackingError(str(error)) from error
        yield


def database_of(uri: str) -> Path | None:
    """The file of a SQLite store."""
    return Path(uri.removeprefix(SQLITE)) if uri.startswith(SQLITE) else None
