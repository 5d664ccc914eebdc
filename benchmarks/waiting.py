"""What a user waits for: a whole file, the first file on a new machine, training, a small training, an answer."""

from __future__ import annotations

import itertools
import json
import shutil
import sys
from pathlib import Path
from typing import Any

from benchmarks.measure import Used, run
from benchmarks.tables import trained
from benchmarks.workspace import ROOT, emptied, workspace

ROWS, FEW, SMALL = 20_000, 1_500, 160
_PATH = {"PYTHONPATH": str(ROOT)}
_PROGRAM = [sys.executable, "train.py"]
_COMPILE = "from pipeline.training.warm_up import compile_all; compile_all()"  # as the Makefile does
_SMALL = "name: small\ncorpora: [{corpus: files, path: small.jsonl}]\n"


def measure(folder: Path, rows: int = ROWS) -> dict[str, Any]:
    """Measure in the workspace `folder`, everything in the same minutes: on a busy machine ratios are what counts."""
    trained("news", folder, "", jobs=0)
    articles = _articles(folder)
    model, whole = folder / "models" / "news", _written(folder / f"rows-{rows}.jsonl", articles, rows)
    few = _written(folder / f"rows-{FEW}.jsonl", articles, FEW)
    _predict(folder, model, few)  # what has to be compiled is compiled now
    alone = json.loads(run([sys.executable, "-m", "benchmarks.throughput", model, whole], folder, _PATH).output)
    one, two = (_predict(folder, model, whole, jobs) for jobs in (1, 2))
    return {
        "rows": rows,
        "megabytes": whole.stat().st_size / 1e6,
        "alone_cpu": alone["documents"] / alone["docs_per_second"],
        "bulk_cpu": one.cpu,
        "bulk_wall": one.wall,
        "two_jobs_wall": two.wall,
        "start_cpu": _predict(folder, model, few).cpu - FEW / alone["docs_per_second"],
        **_new_machine(folder, model, few),
        **_trainings(folder, articles),
        "service": _service(folder, model),
    }


def _articles(folder: Path) -> list[dict[str, Any]]:
    """The real articles of the default corpus."""
    from pipeline.preparation import prepared_splits

    prepared = folder / "data" / "prepared" / "news"
    every = (row for split in ("train", "validation", "test") for row in prepared_splits.read_split(prepared, split))
    return [row for row in every if row["corpus"] != "worldwire"]


def _written(path: Path, articles: list[dict[str, Any]], rows: int) -> Path:
    """So many rows of them, again and again from the first."""
    with path.open("w", encoding="utf-8") as file:
        for number, row in zip(range(rows), itertools.cycle(articles), strict=False):
            told = {"id": str(number), **{name: row[name] for name in ("title", "text", "source")}}
            file.write(json.dumps(told, ensure_ascii=False) + "\n")
    return path


def _predict(project: Path, model: Path, rows: Path, jobs: int = 1) -> Used:
    given: list[str | Path] = ["--model", model, "--input", rows, "--output", project / "tags.jsonl"]
    return run([*_PROGRAM, "predict", *given, "--jobs", str(jobs), "--force"], project)


def _as_new(folder: Path) -> Path:
    """A project with a copy of the code for which nothing is compiled, no store and nothing prepared."""
    project = workspace(emptied(folder / "new"))
    (project / "pipeline").unlink()
    shutil.copytree(ROOT / "pipeline", project / "pipeline", ignore=shutil.ignore_patterns("__pycache__"))
    (project / "train.py").unlink()
    shutil.copyfile(ROOT / "train.py", project / "train.py")
    return project


def _new_machine(folder: Path, model: Path, few: Path) -> dict[str, float]:
    """How much longer the first bulk run takes than one for which everything is compiled, and what compiling takes."""
    project = _as_new(folder)
    run([*_PROGRAM, "--help"], project)  # whose bytecode any installation has
    first = _predict(project, model, few)
    _compile(project, model)
    waited = first.wall - _predict(project, model, few).wall
    project = _as_new(folder)
    return {"compiling_wall": waited, "compiling_cpu": _compile(project, model) - _compile(project, model)}


def _compile(project: Path, model: Path) -> float:
    """The CPU seconds of compiling, or loading, all that tagging needs."""
    code = "import sys; from pipeline.predictor import load_predictor; load_predictor(sys.argv[1]).compile()"
    return run([sys.executable, "-c", code, model], project).cpu


def _trainings(folder: Path, articles: list[dict[str, Any]]) -> dict[str, Any]:
    """The default training right after an installation by `make`, which compiles, then one of few articles."""
    project = _as_new(folder)
    compiling = run([sys.executable, "-c", _COMPILE], project)
    whole = run([*_PROGRAM, "train", "--config", "configs/news.yaml", "--no-cache"], project)
    record = json.loads((project / "models" / "news" / "run.json").read_text(encoding="utf-8"))
    with (project / "small.jsonl").open("w", encoding="utf-8") as file:
        for row in articles[:: len(articles) // SMALL][:SMALL]:
            told = {name: row[name] for name in ("id", "title", "text", "topics", "regions")}
            file.write(json.dumps(told) + "\n")
    (project / "small.yaml").write_text(_SMALL, encoding="utf-8")
    small = run([*_PROGRAM, "train", "--config", "small.yaml", "--no-cache"], project)
    return {
        "installation_cpu": compiling.cpu,
        "train_wall": whole.wall,
        "train_cpu": whole.cpu,
        "train_seconds": record["seconds"],
        "small_wall": small.wall,
        "small_cpu": small.cpu,
    }


def _service(folder: Path, model: Path) -> dict[str, Any]:
    """One worker beside minimal FastAPI services, short texts, eight connections."""
    command: list[str | Path] = [
        sys.executable,
        ROOT / "benchmarks" / "load.py",
        "--model",
        model,
        "--letters",
        "300",
        "--json",
    ]
    given: list[str | Path] = ["--data", folder / "data" / "prepared" / "news", "--connections", "8", "--seconds", "10"]
    found: dict[str, Any] = json.loads(run([*command, *given], folder, _PATH).output)
    return {name.partition(", ")[2]: row for name, row in found.items()}
