"""Cold start, throughput and size of the default model, beside scikit-learn pipelines for the same two tasks."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from benchmarks.corpora import CORPORA, Corpus
from benchmarks.environment import peer_python
from benchmarks.measure import median_cpu, run
from benchmarks.tables import prepared, trained
from benchmarks.workspace import ROOT

_TIMES = 7
_ARTICLE = "data/samples/isis-libya.txt"
_PATH = {"PYTHONPATH": str(ROOT)}


def measure(folder: Path, peers: bool, reuters: str, kept: dict[str, Any]) -> dict[str, Any]:
    """Measure in the workspace `folder`; without `peers` scikit-learn's row of the results `kept` stays."""
    test = _documents("r90", folder, reuters) / "test.jsonl"
    ours = _ours(folder, test)
    return {"dateline": ours, "peer": _peer(folder, test, reuters) if peers else kept.get("peer", {})}


def _ours(folder: Path, test: Path) -> dict[str, Any]:
    model = folder / "models" / "news"
    training = trained("news", folder, "", jobs=0)
    program = [sys.executable, "train.py"]
    found = json.loads(run([sys.executable, "-m", "benchmarks.throughput", model, test], folder, _PATH).output)
    return {
        **found,
        "training_wall": training.wall,
        "training_cpu": training.cpu,
        "help_cpu": median_cpu([*program, "--help"], folder, _TIMES),
        "cold_cpu": median_cpu([*program, "predict", "--file", _ARTICLE], folder, _TIMES),
        "model_mb": (model / "predictor.joblib").stat().st_size / 1e6,
    }


def _peer(folder: Path, test: Path, reuters: str) -> dict[str, Any]:
    python = peer_python(folder / "peers")
    models = [_fitted(_documents(name, folder, reuters), python) for name in ("news-topics", "news-countries")]
    tag: list[str | Path] = [python, "-m", "benchmarks.peers.sklearn_tag", *models]
    return {
        **json.loads(run([*tag, test], ROOT).output),
        "cold_cpu": median_cpu([*tag, folder / _ARTICLE], ROOT, _TIMES),
        "model_mb": sum(model.stat().st_size for model in models) / 1e6,
    }


def _fitted(documents: Path, python: Path) -> Path:
    answers = documents / "sklearn_svm-unigrams.json"
    model = Path(f"{answers}.model")
    if not model.exists():
        run([python, "-m", "benchmarks.peers.sklearn_svm", documents, answers, "--variant", "unigrams"], ROOT)
    return model


def _documents(name: str, folder: Path, reuters: str) -> Path:
    made = folder / "documents" / name
    return made if (made / "test.jsonl").exists() else prepared(_named(name), folder, reuters)[0]


def _named(name: str) -> Corpus:
    return next(corpus for corpus in CORPORA if corpus.name == name)
