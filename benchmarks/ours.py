"""Dateline trained once in a process of its own: prints what the stages of the training took, as JSON."""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.common.config_file import load_config
from pipeline.common.progress import Progress, Stage
from pipeline.training.train import train

FITTING = ("tokenise", "fit ")
FILES = ("predictor.joblib", "predictor.json")


class CpuProgress(Progress):
    """Keeps the processor seconds of each stage, threads and ended children included."""

    def __init__(self) -> None:
        super().__init__()
        self.cpu: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str, total: int | None = None) -> Iterator[Stage]:
        before = _processor_seconds()
        with super().stage(name, total) as stage:
            yield stage
        self.cpu[name] = self.cpu.get(name, 0.0) + _processor_seconds() - before


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--set", action="append", default=[], dest="overrides")
    given = parser.parse_args()
    progress = CpuProgress()
    result = train(load_config(given.config, given.overrides), Path("data"), Path("models"), progress)
    figures = {
        "train_wall": _fitting(progress.seconds),
        "train_cpu": _fitting(progress.cpu),
        "model_mb": sum((result.folder / name).stat().st_size for name in FILES) / 1e6,
        "tasks": {
            task: {
                "metrics": found.metrics["test"],
                "labels": len(result.predictor.taggers[task].labels),
                "train_wall": _fitting(progress.seconds, task),
                "train_cpu": _fitting(progress.cpu, task),
            }
            for task, found in result.tasks.items()
        },
    }
    print(json.dumps(figures))


def _fitting(seconds: dict[str, float], task: str = "") -> float:
    """What fitting the final model took, tokenising included; of one task when it is named.

    The model that is judged on the validation split, fitted before it on fewer documents, is left out.
    """
    stages = {name: took for name, took in seconds.items() if name.startswith(FITTING) and "validation" not in name}
    return sum(took for name, took in stages.items() if name == "tokenise" or task in name)


def _processor_seconds() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


if __name__ == "__main__":
    main()
