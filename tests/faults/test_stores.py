"""Stores other than SQLite: a real server with artifact proxying in a second process, and PostgreSQL where one is."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from pipeline.common.errors import TrackingError
from pipeline.tracking import fetch_predictor, log_folder, promote, registry
from support.commands import run
from support.models import NAME, copy_models
from support.servers import free_port, kill, mlflow_server

pytestmark = pytest.mark.slow
POSTGRES = os.environ.get("DATELINE_TEST_POSTGRES", "")


@pytest.fixture
def project(two_models: Path, tmp_path: Path) -> Path:
    """A project of its own with both tiny models; its empty store becomes that of the server."""
    root = copy_models(two_models, tmp_path / "project")
    (root / "mlflow.db").rename(tmp_path / "server.db")
    return root


def test_a_server_takes_the_runs_and_hands_out_the_predictor(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with mlflow_server(tmp_path, port):
        monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
        assert address in log_folder(project / "models/first", project)
        assert "challenger, does not pass" in log_folder(project / "models/second", project)
        assert not any((project / name).exists() for name in ("mlflow.db", "mlartifacts", "mlruns"))
        folder = fetch_predictor(f"models:/{NAME}@champion", project)
        original = project / "models/first/predictor.joblib"
        assert (folder / "predictor.joblib").read_bytes() == original.read_bytes()
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        model = ("--model", f"models:/{NAME}@champion")
        shown = run(elsewhere, "predict", *model, "The coach praised Libya.", MLFLOW_TRACKING_URI=address)
        assert (shown.returncode, shown.stderr) == (0, "")
        refused = run(elsewhere, "promote", "challenger", MLFLOW_TRACKING_URI=address)
        assert (refused.returncode, refused.stdout[:12]) == (1, "not promoted")
        ui = run(elsewhere, "ui", MLFLOW_TRACKING_URI=address)
        assert (ui.returncode, address in ui.stderr) == (2, True)


def test_a_server_that_is_down_costs_the_log_and_not_the_model(project: Path) -> None:
    address = f"http://127.0.0.1:{free_port()}"
    failed = run(project, "log", "models/first", MLFLOW_TRACKING_URI=address)
    assert failed.returncode == 2
    assert failed.stderr.count("\n") == 1
    assert f"not logged to {address}: run, model, datasets and metrics" in failed.stderr
    assert "'python train.py log models/first' logs it later" in failed.stderr


def test_a_server_that_dies_midway_gets_the_whole_run_later(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{port}")
    with mlflow_server(tmp_path, port) as process, monkeypatch.context() as patched:
        real = registry.register

        def dying(*arguments: Any) -> str:
            kill(process)
            return real(*arguments)

        patched.setattr(registry, "register", dying)
        with pytest.raises(TrackingError, match=r"not logged to .*: registered version \("):
            log_folder(project / "models/first", project)
    with mlflow_server(tmp_path, port):
        assert "champion: the first version" in log_folder(project / "models/first", project)
        assert log_folder(project / "models/first", project).startswith("logged already")
        assert promote("1", project).promoted


@contextmanager
def schema(name: str) -> Iterator[str]:
    """A new schema of the PostgreSQL database as the URI of a store."""
    import psycopg

    def execute(statement: str) -> None:
        with psycopg.connect(POSTGRES, autocommit=True) as connection:
            connection.execute(statement)

    execute(f"CREATE SCHEMA {name}")
    try:
        yield f"{POSTGRES}?options=-csearch_path%3D{name}"
    finally:
        execute(f"DROP SCHEMA {name} CASCADE")


@pytest.mark.skipif(not POSTGRES, reason="no PostgreSQL: name one with DATELINE_TEST_POSTGRES=postgresql://...")
def test_postgresql_keeps_the_runs(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()
    with schema(f"dateline_{os.getpid()}") as uri:
        monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
        assert "champion: the first version" in log_folder(project / "models/first", project)
        assert fetch_predictor(f"models:/{NAME}@champion", project).is_relative_to(project)
    with schema(f"dateline_server_{os.getpid()}") as uri, mlflow_server(tmp_path, port, uri):
        monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{port}")
        assert "champion: the first version" in log_folder(project / "models/first", project)
        assert (fetch_predictor(f"models:/{NAME}@champion", project) / "predictor.json").is_file()
