"""The commands that are killed: how each is started and run again, and what must hold after a kill."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator

from benchmarks.torture_project import CONFIG, MODEL, NAME, PREPARED, Project, Run
from pipeline.preparation import prepared_splits

_ROWS = 4_000  # of the file for bulk prediction
_GOLD = 1_000  # of the file to evaluate
_FETCH_EACH, _STORE_EACH = 12, 6  # rounds from one download, or one store made anew, to the next


class Victim:
    """A command and the number of its round; the next run after a kill must do what it does undisturbed."""

    name = ""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.number = 0
        self.printed = ""

    def arguments(self) -> list[str]:
        """The command line of a round."""
        raise NotImplementedError

    def measure(self) -> float:
        """The seconds of an undisturbed run."""
        run = self.project.start(self.name, *self.arguments())
        assert run.wait() == 0, run.errors
        return run.seconds

    def start(self) -> Run:
        """Begin a round."""
        return self.project.start(self.name, *self.arguments())

    def again(self) -> list[str]:
        """Run the command anew; what is wrong with it."""
        run = self.project.start(self.name, *self.arguments())
        status, self.printed = run.wait(), run.output
        return [f"the next run: {run.errors}"] if status else self.results()

    def results(self) -> list[str]:
        """What is wrong with what the next run left or printed."""
        return []

    def problems(self) -> list[str]:
        """What a kill has broken, beside what Project.problems looks at."""
        return []


class Prepare(Victim):
    name = "prepare"

    def arguments(self) -> list[str]:
        return ["--config", CONFIG, "--force", "--set", f"seed={self.number}"]

    def start(self) -> Run:
        if self.number % _FETCH_EACH == 0:
            shutil.rmtree(self.project.folder / "data" / "raw", ignore_errors=True)
        return super().start()

    def results(self) -> list[str]:
        manifest = prepared_splits.read_manifest(self.project.folder / PREPARED) or {}
        return [] if manifest.get("seed") == self.number else ["the next run left other splits"]


class Train(Victim):
    name = "train"

    def arguments(self) -> list[str]:
        return ["--config", CONFIG, "--set", f"seed={self.number}"]

    def start(self) -> Run:
        if self.number % _STORE_EACH == _STORE_EACH - 1:
            (self.project.folder / "mlflow.db").unlink(missing_ok=True)
            shutil.rmtree(self.project.folder / "mlartifacts", ignore_errors=True)
        return super().start()

    def results(self) -> list[str]:
        record = json.loads((self.project.folder / MODEL / "run.json").read_text(encoding="utf-8"))
        return [] if record["config"]["seed"] == self.number else ["the next run left another model"]


class Evaluate(Victim):
    name = "evaluate"

    def __init__(self, project: Project) -> None:
        super().__init__(project)
        self._expected = ""

    def arguments(self) -> list[str]:
        return ["gold.jsonl", "--model", MODEL, "--json"]

    def measure(self) -> float:
        self.project.write_rows("gold.jsonl", _GOLD)
        assert self.again() == ["the next run printed other figures"]  # other than none
        self._expected = self.printed
        return super().measure()

    def results(self) -> list[str]:
        return [] if self.printed == self._expected else ["the next run printed other figures"]


class Predict(Victim):
    name = "predict"

    def __init__(self, project: Project) -> None:
        super().__init__(project)
        self._output = project.folder / "tags.jsonl"
        self._expected = b""

    def arguments(self) -> list[str]:
        jobs = "2" if self.number % 4 else "1"
        return ["--input", "rows.jsonl", "--output", self._output.name, "--model", MODEL, "--jobs", jobs]

    def measure(self) -> float:
        self.project.write_rows("rows.jsonl", _ROWS)
        seconds = super().measure()
        self._expected = self._output.read_bytes()
        return seconds

    def start(self) -> Run:
        self._output.unlink(missing_ok=True)
        return self.project.start(self.name, *self.arguments(), "--resume")

    def problems(self) -> list[str]:
        whole = not self._output.exists() or self._output.read_bytes() == self._expected
        return [] if whole else ["the output appeared before it was whole"]

    def again(self) -> list[str]:
        if self._output.exists():  # it was killed when all was done
            return []
        run = self.start()
        return [f"the next run: {run.errors}"] if run.wait() else self.results()

    def results(self) -> list[str]:
        left = sorted(path.name for path in self._output.parent.glob(f"*{self._output.name}?*"))
        failures = [f"left beside the output: {left}"] if left else []
        return failures + ([] if self._output.read_bytes() == self._expected else ["resuming gave other bytes"])


class Promote(Victim):
    name = "promote"

    def measure(self) -> float:
        while len(self.project.versions()) < 2:
            assert self.project.start("train", "--config", CONFIG).wait() == 0
        return super().measure()

    def arguments(self) -> list[str]:
        versions = self.project.versions()
        return [f"dateline-{NAME}/{versions[self.number % 2 - 2]}", "--force"]

    def results(self) -> list[str]:
        wanted = self.project.versions()[self.number % 2 - 2]
        return [] if self.project.champion() == wanted else ["the next run made another version champion"]


def commands(project: Project) -> Iterator[Victim]:
    """The commands in an order in which each finds what it needs."""
    for kind in (Prepare, Train, Evaluate, Predict, Promote):
        yield kind(project)
