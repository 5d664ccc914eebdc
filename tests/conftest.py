"""Fixtures for all tests, and what holds for every one of them."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from support.projects import link_project

RELAXED = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
pytest_plugins = ("support.models", "support.clusters")
for name in [name for name in os.environ if name.startswith("MLFLOW_")]:
    del os.environ[name]  # no test writes into a store of the surroundings
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as a shell leaves it to what it runs in the background
    signal.signal(signal.SIGINT, signal.default_int_handler)
settings.register_profile("dateline", deadline=None, suppress_health_check=RELAXED)
settings.load_profile("dateline")


@pytest.fixture(autouse=True)
def no_store_of_another_test() -> Iterator[None]:
    """Forget the store that a test has told MLflow, which keeps it in the environment."""
    yield
    os.environ.pop("MLFLOW_TRACKING_URI", None)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project without a corpus, as the current folder."""
    monkeypatch.chdir(tmp_path)
    return link_project(tmp_path)
