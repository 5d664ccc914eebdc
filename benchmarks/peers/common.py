"""What the peers share: documents in, predictions and figures out."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Task:
    """The arguments of a peer: where documents lie, where its answers go, whether a document has just one label."""

    documents: Path
    answers: Path
    single: bool
    variant: str = ""


@dataclass(slots=True)
class Split:
    """Documents in order: titles, texts and lists of labels."""

    titles: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    labels: list[list[str]] = field(default_factory=list)


class Clock:
    """Wall and processor seconds of what runs inside `running`; the processor's are the process's own, all threads."""

    def __init__(self) -> None:
        self.wall = self.cpu = 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        wall, cpu = time.perf_counter(), time.process_time()
        yield
        self.wall += time.perf_counter() - wall
        self.cpu += time.process_time() - cpu


def arguments() -> Task:
    parser = argparse.ArgumentParser()
    parser.add_argument("documents", type=Path)
    parser.add_argument("answers", type=Path)
    parser.add_argument("--single", action="store_true")
    parser.add_argument("--variant", default="")
    given = parser.parse_args()
    return Task(given.documents, given.answers, given.single, given.variant)


def read_split(folder: Path, name: str) -> Split:
    """The documents of `<name>.jsonl`."""
    split = Split()
    with (folder / f"{name}.jsonl").open(encoding="utf-8") as file:
        for row in map(json.loads, file):
            split.titles.append(row["title"])
            split.texts.append(row["text"])
            split.labels.append(row["labels"])
    return split


def answer(task: Task, predicted: Sequence[Sequence[str]], clock: Clock, model: Path) -> None:
    """Write the labels predicted for the test documents and say what training took."""
    task.answers.write_text(json.dumps([list(map(str, labels)) for labels in predicted]), encoding="utf-8")
    figures: dict[str, Any] = {"train_wall": clock.wall, "train_cpu": clock.cpu, "model_mb": model.stat().st_size / 1e6}
    print(json.dumps(figures))
