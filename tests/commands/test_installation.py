"""What an installation holds, and that its base tags with nothing but the packages that it asks for."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from setuptools import Distribution

import setup
from pipeline import __version__
from pipeline.common.project import missing, project_file, shipped
from support.projects import ROOT

BASE = ("filelock", "numpy", "orjson", "typer")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site folder: the built package, and the packages of the base install with what they need."""
    site = tmp_path_factory.mktemp("site")
    before = Path.cwd()
    os.chdir(ROOT)
    try:
        build = Distribution({**setup.settings(), "script_name": "setup.py"}).get_command_obj("build_py")
        build.build_lib = str(site)
        build.ensure_finalized()
        build.run()
    finally:
        os.chdir(before)
    _write_metadata(site)
    for name in _needed(BASE):
        found = distribution(name)
        for top in {file.parts[0] for file in found.files or [] if file.parts[0] not in ("..", "__pycache__")}:
            if not (site / top).exists():
                (site / top).symlink_to(Path(str(found.locate_file(top))))
    return site


def _write_metadata(site: Path) -> None:
    """What pip would write down of the extras."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    lines = ["Metadata-Version: 2.4", "Name: dateline", f"Version: {__version__}"]
    lines += [f'Requires-Dist: {one}; extra == "{extra}"' for extra, given in extras.items() for one in given]
    folder = site / f"dateline-{__version__}.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("\n".join(lines) + "\n")


def _needed(names: tuple[str, ...]) -> set[str]:
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            needed = map(Requirement, distribution(name).requires or [])
            waiting += [one.name for one in needed if one.marker is None or one.marker.evaluate({"extra": ""})]
    return found


def _dateline(site: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONPATH": str(site), "COLUMNS": "80"}
    command = [sys.executable, "-S", "-P", "-m", "dateline", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_only_dateline_lands_in_site_packages(installed: Path) -> None:
    own = {path.name for path in installed.iterdir() if not path.is_symlink()}
    assert own == {"dateline", f"dateline-{__version__}.dist-info"}
    modules = list((installed / "dateline").rglob("*.py"))
    assert len(modules) > 100
    assert not [
        path for path in modules if "import pipeline" in path.read_text() or "from pipeline" in path.read_text()
    ]
    assert (installed / "dateline/data/taxonomy/countries.csv").is_file()
    named = re.findall(r"\bdata/[\w./-]+\w", (installed / "dateline/configs/news.yaml").read_text())
    assert [path for path in named if not (installed / "dateline" / path).exists()] == []
    assert (installed / "dateline/data/articles/worldwire.jsonl").is_file()


def test_an_installation_says_its_version_and_names_what_is_missing(installed: Path, tmp_path: Path) -> None:
    assert _dateline(installed, tmp_path, "--version").stdout == f"dateline {__version__}\n"
    for command in (["train"], ["prepare"], ["ui"], ["compare", "a", "b"], ["suspects"]):
        done = _dateline(installed, tmp_path, *command)
        assert (done.returncode, done.stdout) == (2, "")
        assert len(done.stderr.splitlines()) == 1, done.stderr
    assert "-m pip install datasets" in _dateline(installed, tmp_path, "train").stderr
    assert " mlflow " in _dateline(installed, tmp_path, "predict", "-m", "models:/news@champion", "A text").stderr
    assert "-m pip install fastapi" in _dateline(installed, tmp_path, "serve").stderr
    assert list(tmp_path.iterdir()) == []


def test_an_installation_without_a_model_says_where_it_looked(installed: Path, tmp_path: Path) -> None:
    done = _dateline(installed, tmp_path, "predict", "A text")
    assert done.returncode == 2
    assert f"{tmp_path}/models/news" in done.stderr
    assert "'dateline train'" in done.stderr


def test_an_extra_is_named_by_packages_that_can_be_installed() -> None:
    said = missing("serving", "serve").rpartition("pip install ")[2]
    assert {"fastapi", "uvicorn"} <= set(said.split())
    assert missing("--engine dask", "dask").endswith("pip install 'dask[distributed]'")


def test_files_that_come_with_dateline_are_found_from_any_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert project_file("configs/news.yaml") == shipped() / "configs/news.yaml"
    assert project_file("configs/none.yaml") == Path("configs/none.yaml")
    (tmp_path / "configs").mkdir()
    (tmp_path / "configs/news.yaml").write_text("name: mine\n")
    assert project_file("configs/news.yaml") == Path("configs/news.yaml")


def test_the_base_tags_without_numba(installed: Path, tmp_path: Path, tiny_folder: Path) -> None:
    rows = [{"id": str(number), "text": "Heavy rain flooded the port of Genoa in Italy."} for number in range(3)]
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    done = _dateline(installed, tmp_path, "predict", "-m", str(tiny_folder), "-i", "in.jsonl", "-o", "out.jsonl")
    assert done.returncode == 0, done.stderr
    assert len((tmp_path / "out.jsonl").read_text().splitlines()) == 3
