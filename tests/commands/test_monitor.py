"""Tests of `monitor`: recent articles beside those that a model was measured on."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import mlflow
import pytest

from support.articles import write_lines
from support.commands import invoke
from support.models import HOSTILE


@pytest.fixture
def project(tmp_path: Path, reported: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(reported / "models", tmp_path / "models")
    rows: list[Any] = [
        {"id": str(n), "title": f"{HOSTILE} {n}", "text": "Le conseil a dit lundi que le pont sera construit. " * 4}
        for n in range(40)
    ]
    write_lines(tmp_path / "recent.jsonl", [*rows, "{broken"])
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_strange_articles_are_told_on_a_page_and_in_a_run(project: Path) -> None:
    done = invoke("monitor", "-i", "recent.jsonl", "-m", "models/tiny", "-o", "page.html", "--json")
    page = Path("page.html").read_text(encoding="utf-8")
    client = mlflow.MlflowClient(f"sqlite:///{project / 'mlflow.db'}")
    experiment = client.get_experiment_by_name("dateline-monitoring")
    assert experiment is not None
    runs = client.search_runs([experiment.experiment_id])
    assert done.exit_code == 1, done.output  # one bad row
    assert "recent.jsonl:41" in done.stderr
    found = json.loads(done.stdout)
    assert found["articles"] == 40
    assert "share of unknown words" in found["moved"]
    assert 0 <= found["expected"]["topics"]["f1"] <= 1
    assert len(found["to_label"]) == 20
    assert HOSTILE not in page
    assert "expected micro-F1" in page
    assert runs[0].data.metrics["articles"] == 40
    assert runs[0].data.tags["predictor_sha256"] == found["model"]["sha256"]


def test_a_model_without_a_profile_takes_articles_to_compare_with(project: Path) -> None:
    (project / "models/tiny/reference.json").unlink()
    arguments = ["monitor", "-i", "recent.jsonl", "-m", "models/tiny", "--no-log"]
    nothing = invoke(*arguments)
    assert (nothing.exit_code, "--reference FILE" in nothing.stderr) == (2, True)
    done = invoke(*arguments, "--reference", "recent.jsonl")
    assert done.exit_code == 1, done.output
    assert "tags that moved: 0" in done.stdout
