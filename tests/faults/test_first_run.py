"""The first run on a machine where nothing is compiled: it begins at once, and changes over once that is done."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from support.projects import ROOT

SCRIPT = """
import sys, time
from pathlib import Path
from pipeline.prediction.compiled_before import COSTLY, is_kept
from pipeline.prediction.compiling import ready
from pipeline.prediction.predictor import load_predictor
predictor = load_predictor(Path(sys.argv[1]))
texts = ["Storm over France\\nHeavy rain flooded ports.", "Football\\nThe match in Germany was won."]
with ready(predictor, COSTLY):
    before = predictor.predict(texts)
    print("pipeline.features.compiled.scanner" in sys.modules)
    for _ in range(int(sys.argv[2])):
        if is_kept(predictor.taggers.values()):
            break
        time.sleep(0.1)
    after = predictor.predict(texts)
    print("pipeline.features.compiled.scanner" in sys.modules)
print(before == after)
"""


@pytest.fixture
def new(tmp_path: Path) -> Path:
    """A folder with the package, of which nothing is compiled."""
    shutil.copytree(ROOT / "pipeline", tmp_path / "pipeline", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def _start(new: Path, model: Path, waits: int, **environment: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", SCRIPT, str(model), str(waits)]
    here = {**os.environ, "XDG_CACHE_HOME": str(new / "cache"), **environment}
    return subprocess.Popen(command, cwd=new, env=here, stdout=subprocess.PIPE, text=True)


def _folders_of_processes() -> set[Path]:
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            found.add((process / "cwd").readlink())
    return found


def test_two_first_runs_at_once_begin_without_and_change_over_to_compiled_functions(
    new: Path, tiny_folder: Path
) -> None:
    runs = [_start(new, tiny_folder, 3000) for _ in range(2)]
    assert [run.communicate()[0].split() for run in runs] == 2 * [["False", "True", "True"]]
    assert not list(new.rglob("*.tmp*"))
    again = _start(new, tiny_folder, 0)
    assert again.communicate()[0].split() == ["True", "True", "True"]


def test_a_run_that_ends_early_leaves_no_process_and_nothing_broken(new: Path, tiny_folder: Path) -> None:
    for _ in range(2):  # the second finds what the first has kept
        assert _start(new, tiny_folder, 30).communicate()[0].split() == ["False", "False", "True"]
    assert new not in _folders_of_processes()


def test_where_nothing_can_be_kept_a_small_file_is_tagged_without_compiling(new: Path, tiny_folder: Path) -> None:
    (new / "pipeline" / "__pycache__").write_text("no folder")
    (new / "file").touch()
    run = _start(new, tiny_folder, 0, XDG_CACHE_HOME=str(new / "file"), PYTHONDONTWRITEBYTECODE="1")
    assert run.communicate()[0].split() == ["False", "False", "True"]
