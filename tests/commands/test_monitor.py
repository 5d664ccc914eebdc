"""Tests of `monitor`: recent articles beside those that a model was measured on."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import mlflow
import pytest

from support.articles import unlabelled, write_lines
from support.commands import invoke, refused
from support.models import HOSTILE
from support.servers import start_service

httpx = pytest.importorskip("httpx")


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
    arguments = ["monitor", "-i", "recent.jsonl", "-m", "models/tiny", "--no-track"]
    nothing = invoke(*arguments)
    assert (nothing.exit_code, "--reference FILE" in nothing.stderr) == (2, True)
    done = invoke(*arguments, "--reference", "recent.jsonl")
    assert done.exit_code == 1, done.output
    assert "tags that moved: 0" in done.stdout


def test_the_log_of_the_service_tells_what_the_articles_would(project: Path, tiny_folder: Path, tmp_path: Path) -> None:
    log, rows = tmp_path / "seen.jsonl", unlabelled(30)
    rows += [
        {"id": f"fr{n}", "text": "Le conseil a dit lundi à Tripoli que le pont sera construit. " * 3} for n in range(9)
    ]
    process, url = start_service(tiny_folder, "--log", str(log))
    articles = [{"text": row["text"]} for row in rows]
    assert len(httpx.post(f"{url}/predict", json=articles, timeout=60).json()) == 39
    process.terminate()
    process.wait()
    assert len(log.read_text(encoding="utf-8").splitlines()) == 39
    other = {**json.loads(log.read_text(encoding="utf-8").splitlines()[0]), "model": "another"}
    with log.open("a", encoding="utf-8") as file:
        file.write("".join(json.dumps(row) + "\n" for row in (other, {"time": 7}, {**other, "words": None})))
    write_lines(tmp_path / "rows.jsonl", rows)
    given = ("-m", str(tiny_folder), "--no-track", "--json", "--reference", "rows.jsonl")
    by_rows, by_log = invoke("monitor", "-i", "rows.jsonl", *given), invoke("monitor", "--log", str(log), *given)
    assert (by_rows.exit_code, by_log.exit_code) == (0, 1), by_log.output
    assert "2 rows of other models" in by_log.stderr
    assert "seen.jsonl:41: no row of the log" in by_log.stderr
    rows_found, log_found = json.loads(by_rows.stdout), json.loads(by_log.stdout)
    assert log_found["articles"] == 39
    assert log_found["to_label"] == []
    assert (rows_found["moved"], log_found["moved"]) == ([], [])
    for task, each in rows_found["expected"].items():
        assert log_found["expected"][task]["f1"] == pytest.approx(each["f1"], abs=0.02)
        assert log_found["expected"][task]["tags"] == each["tags"]
    names = [shift["name"] for shift in log_found["shifts"]]
    assert {"articles in English", "articles in French"} <= set(names)
    assert names == [shift["name"] for shift in rows_found["shifts"]]

    late = invoke("monitor", "--log", str(log), *given, "--since", "2999-01-01")
    refused(late, "no row of model", "39 are earlier than 2999-01-01")
    refused(invoke("monitor", "--log", str(log), "-i", "rows.jsonl"), "say what to look at")
    refused(invoke("monitor", "-m", str(tiny_folder)), "say what to look at")


def test_another_language_is_told(project: Path) -> None:
    done = invoke("monitor", "-i", "recent.jsonl", "-m", "models/tiny", "--no-track", "--json")
    shifts = {shift["name"]: shift for shift in json.loads(done.stdout)["shifts"]}
    assert (shifts["articles in French"]["now"], shifts["articles in French"]["moved"]) == (1, True)
