"""The project in which commands are killed: real processes in it, a reader of its model, and what must hold in it."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import IO
from urllib.parse import unquote, urlsplit

from pyarrow import parquet

from benchmarks.workspace import emptied, workspace
from pipeline.common.errors import DatelineError
from pipeline.common.files import sha256_of
from pipeline.prediction.predictor import load_predictor
from pipeline.preparation import prepared_splits
from pipeline.training.record import read_record

NAME, CONFIG = "torture", "torture.yaml"
MODEL, PREPARED = f"models/{NAME}", f"data/prepared/{NAME}"
_SETTINGS = """name: torture
corpora:
  - {corpus: newsarticles, sources: [tass.com]}
  - {corpus: newsarticles, sources: [rte.ie]}
vocabulary: data/labels/topics.csv
topics: {folds: 2}
regions: {folds: 2}
jobs: 2
"""
_SAMPLE = "Heavy fighting between the army and rebels was reported in Tripoli, Libya, on Monday, the ministry said."
_READER = f"""import sys, time
from pipeline import load_predictor
while True:
    found = load_predictor({MODEL!r}).predict([{_SAMPLE!r}])[0]
    assert found.regions[0].code == "LY", found
    print(flush=True)
    time.sleep(0.1)
"""
_OURS = "DATELINE_TORTURE"
_SHARED_MEMORY = Path("/dev/shm")
_ENDS_WITHIN = 15.0  # seconds that workers may outlive the command


class Run:
    """A command in a process group of its own."""

    def __init__(self, folder: Path, log: Path, arguments: list[str], environment: dict[str, str]) -> None:
        self._out, self._errors = log / "out", log / "err"
        self._started = time.monotonic()
        command = [sys.executable, "train.py", *arguments]
        with self._out.open("wb") as out, self._errors.open("wb") as errors:
            self._process = subprocess.Popen(
                command, cwd=folder, env=environment, stdout=out, stderr=errors, start_new_session=True
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    def wait(self) -> int:
        """The exit status."""
        status = self._process.wait(300)
        self.seconds = time.monotonic() - self._started
        return status

    @property
    def output(self) -> str:
        return self._out.read_text(encoding="utf-8")

    @property
    def errors(self) -> str:
        return self._errors.read_text(encoding="utf-8").strip()

    def kill(self, kind: str, dice: random.Random) -> str:
        """Kill it, all its group, or one of its workers if it has any; which of them it was, empty if it had ended."""
        if self._process.poll() is not None:
            return ""
        workers = children(self._process.pid)
        if kind == "worker" and workers:
            os.kill(dice.choice(workers), signal.SIGKILL)
            self._process.wait(300)  # it goes on or gives up
            return kind
        if kind == "group":
            os.killpg(self._process.pid, signal.SIGKILL)
        else:
            self._process.kill()
        self._process.wait()
        return "group" if kind == "group" else "alone"


class Project:
    """A small project with a trained model, which another process reads all the time."""

    def __init__(self, work: Path) -> None:
        self.folder = workspace(emptied(work) / "project", downloads=False)
        self._temporary, self._log = emptied(work / "temporary"), emptied(work / "log")
        (self.folder / CONFIG).write_text(_SETTINGS, encoding="utf-8")
        self._reader: subprocess.Popen[bytes] | None = None
        self._pids: list[int] = []

    def __enter__(self) -> Project:
        for seed in ("1", "2"):
            run = self.start("train", "--config", CONFIG, "--set", f"seed={seed}")
            assert run.wait() == 0, run.errors
        self._readings: IO[bytes] = (self._log / "readings").open("wb")
        self._reader = subprocess.Popen(
            [sys.executable, "-c", _READER], cwd=self.folder, stdout=self._readings, stderr=subprocess.PIPE
        )
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if self._reader:
            self._reader.kill()
            self._reader.wait()

    def readings(self) -> int:
        """How often the model was read and tagged with."""
        return (self._log / "readings").stat().st_size

    def start(self, *arguments: str) -> Run:
        """Begin a command."""
        surroundings = {name: value for name, value in os.environ.items() if not name.startswith("MLFLOW_")}
        surroundings |= {_OURS: str(self.folder), "TMPDIR": str(self._temporary)}
        run = Run(self.folder, self._log, list(arguments), surroundings)
        self._pids.append(run.pid)
        return run

    def write_rows(self, name: str, count: int) -> None:
        """A file of labelled articles: those of the corpus, again and again."""
        rows = parquet.read_table(self.folder / PREPARED / "train.parquet").to_pylist()
        with (self.folder / name).open("w", encoding="utf-8") as file:
            for number in range(count):
                row = rows[number % len(rows)]
                kept = {key: row[key] for key in ("title", "text", "topics", "regions")}
                file.write(json.dumps({"id": str(number), **kept}) + "\n")

    def versions(self) -> list[int]:
        """The registered versions, the latest last."""
        return [row[0] for row in self._ask("SELECT version FROM model_versions ORDER BY version")]

    def champion(self) -> int:
        """The version with that alias; 0 when there is none."""
        return next(
            (row[0] for row in self._ask("SELECT version FROM registered_model_aliases WHERE alias='champion'")), 0
        )

    def problems(self) -> list[str]:
        """What is broken: the reader, the model, a split, the manifest, the MLflow store or its champion."""
        found = []
        if self._reader and self._reader.poll() is not None and self._reader.stderr:
            found.append(f"the reader: {self._reader.stderr.read().decode().strip().splitlines()[-1:]}")
        for look in (self._model, self._splits, self._store):
            try:
                look()
            except (DatelineError, AssertionError, OSError, ValueError, KeyError, sqlite3.Error) as error:
                found.append(f"{look.__name__.strip('_')}: {type(error).__name__}: {error}")
        return found

    def leftovers(self) -> list[str]:
        """What a kill has left that the next run of the command should have cleared."""
        found = [f"process {number} lives on" for number in self._survivors()]
        names = [str(path.relative_to(self.folder.parent)) for path in self._temporary.rglob("*")]
        names += [path.name for path in _SHARED_MEMORY.glob("*") if any(f"_{pid}_" in path.name for pid in self._pids)]
        names += [str(path.relative_to(self.folder)) for path in self.folder.rglob(".*")]
        running = self._ask("SELECT count(*) FROM runs WHERE status='RUNNING' AND lifecycle_stage='active'")
        names += [f"{count} runs under way" for (count,) in running if count]
        return [*found, *(f"left: {name}" for name in sorted(names)), *self._orphans()]

    def _model(self) -> None:
        read_record(self.folder / MODEL)
        _check_tags(self.folder / MODEL)

    def _splits(self) -> None:
        folder = self.folder / PREPARED
        manifest = json.loads((folder / prepared_splits.MANIFEST).read_text(encoding="utf-8"))
        for split in prepared_splits.SPLITS:
            digest = sha256_of(folder / f"{split}.parquet")
            assert digest == manifest["splits"][split]["sha256"], f"{split} is not the manifest's"

    def _store(self) -> None:
        assert all(row == ("ok",) for row in self._ask("PRAGMA integrity_check"))
        if champion := self.champion():
            ((place,),) = self._ask(f"SELECT storage_location FROM model_versions WHERE version={champion}")
            _check_tags(next(Path(unquote(urlsplit(place).path)).rglob("predictor.json")).parent)

    def _orphans(self) -> list[str]:
        """Folders of models and runs that the store does not know or has deleted."""
        folder = self.folder / "mlartifacts" / "dateline"
        known = {row[0] for row in self._ask("SELECT run_uuid FROM runs WHERE lifecycle_stage='active'")}
        known |= {row[0] for row in self._ask("SELECT model_id FROM logged_models WHERE lifecycle_stage='active'")}
        there = [path for path in (*folder.glob("*"), *folder.glob("models/*")) if path.name != "models"]
        return [f"left: {path.relative_to(self.folder)}" for path in there if path.name not in known]

    def _ask(self, question: str) -> list[tuple]:
        database = self.folder / "mlflow.db"
        if not database.exists():
            return []
        with closing(sqlite3.connect(database, timeout=30)) as connection:
            return connection.execute(question).fetchall()

    def _survivors(self) -> list[int]:
        latest = time.monotonic() + _ENDS_WITHIN
        while (left := self._processes()) and time.monotonic() < latest:
            time.sleep(0.05)
        for number in left:
            os.kill(number, signal.SIGKILL)
        return left

    def _processes(self) -> list[int]:
        """Commands and workers of this project that run."""
        mark, found = f"{_OURS}={self.folder}".encode(), []
        for path in Path("/proc").glob("[0-9]*/environ"):
            try:
                if mark in path.read_bytes().split(b"\0"):
                    found.append(int(path.parent.name))
            except OSError:
                continue
        return found


def children(process: int) -> list[int]:
    """The processes below one, without the helper that Python starts to look after what they share."""
    listed = subprocess.run(
        ["ps", "-ww", "-o", "pid=,args=", "--ppid", str(process)], capture_output=True, text=True, check=False
    )
    return [int(line.split()[0]) for line in listed.stdout.splitlines() if "resource_tracker" not in line]


def _check_tags(folder: Path) -> None:
    found = load_predictor(folder).predict([_SAMPLE])[0]
    assert found.regions, f"{folder} does not tag"
    assert found.regions[0].code == "LY", found
