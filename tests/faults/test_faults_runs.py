"""Locks, kills, clocks, damaged caches and lost files: what the next run makes of them."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from pipeline.common import cache
from support.commands import begin, environment, refused, run, wait_until
from support.models import check_whole, state
from support.projects import CONFIG, MODEL, PREPARED

HOLD = """import sys, time
from pathlib import Path
from pipeline.common.locks import at_work, temporary
with at_work(Path({path!r})), temporary(Path({folder!r}), {stem!r}, folder=True) as place:
    (place / "half").write_text("half")
    print(place, flush=True)
    sys.stdin.read()
"""
WORK = """
from pipeline.common.parallel import each
list(each(sum, ((range(10**8),) for _ in range(1000)), 2))
"""


@contextmanager
def holding(folder: Path, name: str) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """Another process that is at work on `folder/name`, and what it has half made."""
    code = HOLD.format(path=str(folder / name), folder=str(folder), stem=f".{name}")
    process = subprocess.Popen(
        [sys.executable, "-c", code], env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    yield process, Path(process.stdout.readline().strip())
    process.kill()
    process.communicate()


def test_the_second_of_two_trainings_is_told_to_wait(breakable: Path) -> None:
    first = begin(breakable, "train", *CONFIG, "--set", "seed=5")
    wait_until((breakable / "models" / ".tiny.lock").exists)
    refused(run(breakable, "train", *CONFIG, "--set", "seed=6"), "another run is at work on", "wait")
    _, errors = first.communicate()
    assert first.returncode == 0, errors
    assert json.loads((breakable / MODEL / "run.json").read_text())["config"]["seed"] == 5
    check_whole(breakable)


def test_what_another_process_makes_is_left_alone_and_what_a_killed_one_left_goes(breakable: Path) -> None:
    fresh = ["prepare", *CONFIG, "--set", "seed=9"]
    with holding(breakable / PREPARED.parent, "tiny") as (other, place):
        refused(run(breakable, *fresh), "another run is at work on", "data/prepared/tiny")
        assert (place / "half").exists()
        other.kill()
        other.wait()
        assert (place.parent / ".tiny.lock").exists()
        assert run(breakable, *fresh).returncode == 0
    assert not place.exists()
    check_whole(breakable)


def test_a_lock_that_was_deleted_is_made_anew_and_the_old_holder_does_not_take_it_away(breakable: Path) -> None:
    folder = breakable / PREPARED.parent
    with holding(folder, "tiny") as (first, _):
        (folder / ".tiny.lock").unlink()
        with holding(folder, "tiny") as (second, _):
            first.communicate()
            refused(run(breakable, "prepare", *CONFIG, "--force"), "another run is at work on")
            second.communicate()
    assert run(breakable, "prepare", *CONFIG, "--force").returncode == 0
    check_whole(breakable)


def test_an_exchange_that_was_broken_off_halfway_is_undone(breakable: Path) -> None:
    """On file systems that can't swap two folders in one step, a kill leaves the old one under another name."""
    before = state(breakable / PREPARED)
    (breakable / PREPARED).rename(breakable / PREPARED.parent / ".tiny.k2j3h4g5.tmp.old")
    done = run(breakable, "prepare", *CONFIG, "--set", "prepare.max_rejected=0", "--set", "prepare.min_characters=9999")
    assert done.returncode == 2
    assert run(breakable, "prepare", *CONFIG).returncode == 0
    assert state(breakable / PREPARED) == before
    check_whole(breakable)


def test_results_that_a_killed_run_has_half_kept_go_with_the_next(tmp_path: Path) -> None:
    with holding(tmp_path, "topics-0123") as (other, place), cache.using(tmp_path):
        cache.arrays("topics", ["a"], lambda: {"a": np.arange(3)})
        assert place.exists()
        other.kill()
        other.wait()
        cache.arrays("topics", ["b"], lambda: {"b": np.arange(3)})
        assert not place.exists()


def test_files_from_the_future_are_taken_as_they_are(breakable: Path) -> None:
    """So they look when the clock was set back after they were written."""
    years = time.time() + 10 * 365 * 86400
    paths = [path for path in breakable.rglob("*") if not path.is_symlink()]
    for path in paths:
        os.utime(path, (years, years))
    done = run(breakable, "train", *CONFIG)
    assert done.returncode == 0, done.stderr
    assert "near-duplicates" not in done.stderr
    assert "-" not in "".join(line[29:42] for line in done.stderr.splitlines())  # no stage took less than no time
    record = json.loads((breakable / MODEL / "run.json").read_text())
    assert datetime.fromisoformat(record["started"]) < datetime.fromisoformat(record["ended"])
    check_whole(breakable)


def test_a_cache_of_a_killed_run_is_thrown_away(breakable: Path) -> None:
    place = breakable / PREPARED.parent / ".tiny-train.arrow.k2j3h4g5.tmp"
    place.write_bytes(b"ARROW1, or what is left of it")
    done = run(breakable, "suspects", "--model", str(MODEL))
    assert done.returncode == 0, done.stderr
    assert not place.exists()


@pytest.mark.parametrize("damage", ["overwritten", "truncated"])
def test_damaged_studies_are_set_aside(breakable: Path, damage: str) -> None:
    optuna = pytest.importorskip("optuna")
    (breakable / "configs").unlink()  # where the best settings are written
    (breakable / "configs").mkdir()
    studies = breakable / "data/cache/search/studies.db"
    studies.parent.mkdir(parents=True)
    optuna.create_study(storage=f"sqlite:///{studies}")
    whole = studies.read_bytes()
    studies.write_bytes(b"?" * 5000 + whole[5000:] if damage == "overwritten" else whole[: len(whole) // 2])
    before = studies.read_bytes()
    done = run(breakable, "train", *CONFIG, "--search", "1")
    assert done.returncode == 0, done.stderr
    assert studies.with_suffix(".damaged").read_bytes() == before


def test_a_deleted_source_is_one_line_and_the_model_goes_on(breakable: Path) -> None:
    before = state(breakable / PREPARED, breakable / MODEL)
    (breakable / "articles.jsonl").unlink()
    refused(run(breakable, "train", *CONFIG), "articles.jsonl")
    assert state(breakable / PREPARED, breakable / MODEL) == before
    check_whole(breakable)


@pytest.mark.parametrize("damage", ["truncated", "overwritten", "emptied", "deleted"])
def test_a_damaged_split_is_one_line_or_made_anew(breakable: Path, damage: str) -> None:
    path = breakable / PREPARED / "train.parquet"
    whole = path.read_bytes()
    middle = len(whole) // 2
    damaged = {"truncated": whole[:middle], "overwritten": whole[:middle] + b"?" * 99 + whole[middle + 99 :]}
    path.unlink() if damage == "deleted" else path.write_bytes(damaged.get(damage, b""))
    refused(run(breakable, "suspects", "--model", str(MODEL)), "train.parquet", "prepare")
    assert run(breakable, "prepare", *CONFIG).returncode == 0
    assert path.read_bytes() == whole


@pytest.mark.parametrize("content", ["", "{", "[]", '{"fingerprint": 1}', "null"])
def test_a_damaged_manifest_is_made_anew(breakable: Path, content: str) -> None:
    path = breakable / PREPARED / "manifest.json"
    whole = path.read_bytes()
    path.write_text(content)
    assert run(breakable, "prepare", *CONFIG).returncode == 0
    assert path.read_bytes() == whole


def test_a_damaged_store_is_one_line(breakable: Path) -> None:
    (breakable / "mlflow.db").write_bytes(b"no database at all" * 400)
    refused(run(breakable, "log", str(MODEL)), "not logged", "not a database")
    refused(run(breakable, "promote", "1"), "not a database")
    refused(run(breakable, "ui", "--port", "5998"), "not a database")
    check_whole(breakable)


def test_a_store_whose_making_was_killed_is_made_anew(breakable: Path) -> None:
    making = begin(breakable, "log", str(MODEL))
    wait_until(lambda: list(breakable.glob(".mlflow.db.*.tmp/mlflow.db")))
    making.kill()
    making.communicate()
    assert not (breakable / "mlflow.db").exists()
    done = run(breakable, "log", str(MODEL))
    assert done.returncode == 0, done.stderr
    check_whole(breakable)


@pytest.mark.parametrize("runs", [1, 3])
def test_a_logging_that_was_killed_is_cleared_when_another_training_is_logged(breakable: Path, runs: int) -> None:
    other = shutil.copytree(breakable / MODEL, breakable / "models" / "other")
    record = json.loads((other / "run.json").read_text())
    (other / "run.json").write_text(json.dumps(record | {"user": "another"}))
    logging = begin(breakable, "log", str(MODEL))
    wait_until(lambda: len(_ask(breakable, "SELECT run_uuid FROM runs")) == runs)
    logging.kill()
    logging.communicate()
    assert len(_ask(breakable, "SELECT status FROM runs")) == runs
    assert _ask(breakable, "SELECT DISTINCT status FROM runs WHERE status = 'RUNNING'")
    done = run(breakable, "log", "models/other")
    assert done.returncode == 0, done.stderr
    active = _ask(breakable, "SELECT run_uuid FROM runs WHERE lifecycle_stage = 'active' AND status = 'FINISHED'")
    assert len(active) == len(_ask(breakable, "SELECT run_uuid FROM runs WHERE lifecycle_stage = 'active'")) == 3
    folders = {path.name for path in (breakable / "mlartifacts" / "dateline").iterdir()}
    assert folders <= {"models", *(number for (number,) in active)}
    assert len(list((breakable / "mlartifacts" / "dateline" / "models").iterdir())) == 1
    check_whole(breakable)


@pytest.mark.skipif(not Path("/proc").exists(), reason="processes are looked up in /proc")
def test_workers_end_when_the_command_is_killed() -> None:
    surroundings = environment(DATELINE_TEST_WORKERS=str(os.getpid()))
    process = subprocess.Popen([sys.executable, "-c", WORK], env=surroundings, stdout=subprocess.DEVNULL)
    mark = f"DATELINE_TEST_WORKERS={os.getpid()}".encode()
    wait_until(lambda: len(_workers(mark)) == 2)
    process.kill()
    process.wait()
    wait_until(lambda: not _workers(mark))


def _workers(mark: bytes) -> list[str]:
    """The worker processes with a mark in their environment."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            ours = mark in (path / "environ").read_bytes().split(b"\0")
            if ours and b"LokyProcess" in (path / "cmdline").read_bytes():
                found.append(path.name)
    return found


def _ask(project: Path, question: str) -> list[tuple[str]]:
    """Rows of the project's store; none when there is no store yet."""
    if not (project / "mlflow.db").exists():
        return []
    with closing(sqlite3.connect(project / "mlflow.db", timeout=30)) as connection:
        return connection.execute(question).fetchall()
