"""Two small models of one tiny corpus, trained once a session, and a store that holds both."""

from __future__ import annotations

from contextlib import chdir
from pathlib import Path

import pytest
from tracking_helpers import Client, Tiny, link_project, train_tiny, without_tracking_uri


@pytest.fixture(scope="session")
def two_models(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    """Two models: the second knows only words that stand in nearly every article, and is worse for it."""
    from pipeline.tracking.store import connect

    root = tmp_path_factory.mktemp("tiny") / "project"
    link_project(root)
    with without_tracking_uri():
        connect(root).MlflowClient().search_experiments()
    train_tiny(root, "first")
    train_tiny(root, "second", topics={"min_documents": 100})
    return Tiny(root)


@pytest.fixture(scope="session")
def logged(two_models: Tiny, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose SQLite store holds both models."""
    from pipeline.tracking import log_folder

    root = two_models.copy(tmp_path_factory.mktemp("logged") / "project")
    with chdir(root), without_tracking_uri():
        for name in ("first", "second"):
            log_folder(Path("models") / name, root)
    return root


@pytest.fixture
def in_logged(logged: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project with both models logged, as the current folder."""
    monkeypatch.chdir(logged)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    return logged


@pytest.fixture
def client() -> Client:
    """Connects to a project's store, to look at what stands in it."""
    from pipeline.tracking.store import connect

    return lambda root: connect(root).MlflowClient()
