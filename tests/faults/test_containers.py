"""The container files, as far as a machine without Docker can tell: what they copy, install, run and ask is there."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from typer.testing import CliRunner

from support.commands import environment
from support.projects import ROOT
from support.servers import free_port, kill, start_service, wait_for_answer
from train import app

Line = tuple[str, str]


def stages() -> dict[str, list[Line]]:
    """The instructions of each stage of the Dockerfile, those of the stage that it is built on before its own."""
    found: dict[str, list[Line]] = {"": []}
    name = ""
    for line in (ROOT / "Dockerfile").read_text().splitlines():
        if not line or line.startswith("#"):
            continue
        word, _, rest = line.partition(" ")
        if word == "FROM":
            base, name = rest.split(" AS ")
            assert base in found or base.startswith("python:"), base
            found[name] = [*found.get(base, [])]
        found[name].append((word, rest))
    return found


def last(stage: str, word: str) -> str:
    return [rest for one, rest in stages()[stage] if one == word][-1]


def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
    return found


def probe(stage: str, port: int) -> int:
    """Run the health check of a stage on another port."""
    words = json.loads(last(stage, "HEALTHCHECK").partition("CMD ")[2])
    assert words[0] == "python"
    words = [sys.executable, *(word.replace("5000", str(port)).replace("8000", str(port)) for word in words[1:])]
    return subprocess.run(words, check=False, capture_output=True).returncode


def test_what_is_copied_is_there() -> None:
    allowed = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    for word, rest in {line for lines in stages().values() for line in lines if line[0] == "COPY"}:
        if rest.startswith("--from="):
            assert rest.split()[0].removeprefix("--from=") in stages()
            continue
        for source in rest.split()[:-1]:
            assert (ROOT / source).exists(), f"{word} {rest}"
            assert any(one == source or one.startswith(f"{source}/") for one in allowed), source
    assert {one for one in allowed if not (ROOT / one).exists()} == set()


def test_the_constraints_are_the_locked_versions(tmp_path: Path) -> None:
    (tmp_path / "requirements.lock").write_bytes((ROOT / "requirements.lock").read_bytes())
    (command,) = (rest for word, rest in stages()["source"] if word == "RUN" and "constraints.txt" in rest)
    assert command in (ROOT / "docs" / "install.md").read_text()
    subprocess.run(command, shell=True, check=True, cwd=tmp_path)
    locked = re.findall(r"^([\w.-]+)==", (tmp_path / "requirements.lock").read_text(), re.MULTILINE)
    found = [Requirement(line) for line in (tmp_path / "constraints.txt").read_text().splitlines()]
    assert [one.name for one in found] == locked


def test_what_is_installed_exists() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = [rest for lines in stages().values() for word, rest in lines if word == "RUN" and "pip install" in rest]
    extras = {extra for rest in asked for given in re.findall(r"\.\[([\w,]+)\]", rest) for extra in given.split(",")}
    assert extras
    assert extras <= set(project["optional-dependencies"])
    assert project["scripts"]["dateline"].startswith("dateline.")


@pytest.mark.parametrize("stage", ["predictor", "service", "train", "mlflow"])
def test_an_image_runs_as_nobody_in_particular(stage: str) -> None:
    assert last(stage, "USER") == "10001"
    assert (ROOT / "Dockerfile").read_text().count("AS predictor") == 1
    assert list(stages())[-1] == "predictor"
    assert re.search(rf"\b{stage}\b", (ROOT / "docs" / "install.md").read_text())


def test_the_services_of_compose_fit_the_images() -> None:
    found = compose()
    for name, service in found["services"].items():
        assert (service["build"]["target"], service["build"]["context"]) == (name, ".")
        exposed = [rest for word, rest in stages()[name] if word == "EXPOSE"]
        assert [port.rpartition(":")[2] for port in service.get("ports", ())] == exposed
        assert {volume.partition(":")[0] for volume in service["volumes"]} <= set(found["volumes"])
        folders = {volume.split(":")[1] for volume in service["volumes"]}
        made = last(name, "RUN").rpartition("install -d -o dateline ")[2].split()
        assert folders <= set(made), "a volume belongs to root where the image has no such folder"
        assert not set(service.get("depends_on", {})) - set(found["services"])
    assert found["services"]["train"]["depends_on"]["mlflow"]["condition"] == "service_healthy"
    given = [json.loads(last("service", "CMD")), found["services"]["service"]["command"]]
    for command in (*given, json.loads(last("train", "CMD")), json.loads(last("predictor", "CMD"))):
        assert CliRunner().invoke(app, [*command, "--help"]).exit_code == 0, command


def test_the_health_check_of_the_service(tiny_folder: Path) -> None:
    assert probe("service", free_port()) != 0
    process, url = start_service(tiny_folder)
    try:
        assert probe("service", int(url.rpartition(":")[2])) == 0
    finally:
        process.terminate()
        process.wait()


def test_the_server_of_mlflow_as_its_image_starts_it(tmp_path: Path) -> None:
    port = free_port()
    words = [
        word.replace("5000", str(port)).replace("/store", str(tmp_path)) for word in json.loads(last("mlflow", "CMD"))
    ]
    own = environment(MLFLOW_SERVER_ENABLE_JOB_EXECUTION="false", MLFLOW_DISABLE_TELEMETRY="true")
    silent: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "start_new_session": True}
    process = subprocess.Popen([sys.executable, "-m", *words, "--workers", "1"], env=own, cwd=tmp_path, **silent)
    try:
        wait_for_answer(f"http://127.0.0.1:{port}", process)
        assert probe("mlflow", port) == 0
        asked = urllib.request.Request(f"http://127.0.0.1:{port}/api/2.0/mlflow/experiments/search?max_results=1")
        asked.add_header("Host", f"mlflow:{port}")  # what the container that trains asks for
        assert b"Default" in urllib.request.urlopen(asked, timeout=30).read()
        asked.add_header("Host", "evil.example")
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(asked, timeout=30)
    finally:
        kill(process)
