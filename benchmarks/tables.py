"""One corpus measured: Dateline and the peers on the same documents, scored by the same code."""

from __future__ import annotations

import json
import math
import sys
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import documents
from benchmarks.corpora import REUTERS, Corpus, Peer
from benchmarks.environment import peer_python
from benchmarks.measure import Used, run
from benchmarks.workspace import ROOT
from pipeline.evaluation.bootstrap import standard_errors
from pipeline.evaluation.metrics import Judged, metrics

_SCORES = ("micro_f1", "macro_f1")


def measure(corpus: Corpus, folder: Path, peers: bool, reuters: str, kept: dict[str, Any]) -> dict[str, Any]:
    """Train Dateline and, with `peers`, the other tools in the workspace `folder`. Without, the peers of the results
    `kept` from an earlier run stay."""
    exported, counts = prepared(corpus, folder, reuters)
    ours = _ours(corpus, folder, reuters)
    labels = len({label for row in documents.gold(exported) + documents.gold(exported, "train") for label in row})
    found = {"documents": counts, "labels": labels, "rows": [ours], "peers": kept.get("peers", [])}
    if peers:
        python = peer_python(folder / "peers")
        found["peers"] = [_peer(peer, corpus, exported, python) for peer in corpus.peers]
    return found


def prepared(corpus: Corpus, folder: Path, reuters: str) -> tuple[Path, dict[str, int]]:
    """The folder of the corpus's documents for other tools, made anew, and how many each split has."""
    run([sys.executable, "train.py", "prepare", *_given(corpus.config, reuters)], folder)
    config, exported = folder / "configs" / f"{corpus.config}.yaml", folder / "documents" / corpus.name
    return exported, documents.export(folder / "data" / "prepared" / corpus.config, config, corpus.task, exported)


@cache
def trained(config: str, folder: Path, reuters: str, jobs: int = 1) -> Used:
    """Train Dateline in the workspace `folder`, both tasks of a corpus at once."""
    command = [sys.executable, "-m", "benchmarks.ours", *_given(config, reuters, jobs)]
    return run(command, folder, {"PYTHONPATH": str(ROOT)})


def _given(config: str, reuters: str, jobs: int = 1) -> list[str]:
    location = [f"corpora.0.location={reuters}"] if reuters and config in REUTERS else []
    overrides = (part for override in (f"jobs={jobs}", *location) for part in ("--set", override))
    return ["--config", f"configs/{config}.yaml", *overrides]


def _ours(corpus: Corpus, folder: Path, reuters: str) -> dict[str, Any]:
    used = trained(corpus.config, folder, reuters)
    figures = json.loads(used.output)
    task = figures["tasks"][corpus.task]
    scores = {name: task["metrics"][name] for name in (*_SCORES, "expected_calibration_error")}
    scores |= {f"{name}_error": task["metrics"]["standard_error"][name] for name in _SCORES}
    scores["accuracy"] = task["metrics"]["subset_accuracy"]
    took = {name: task[name] for name in ("train_wall", "train_cpu")}
    return _row("Dateline", scores, {**took, "model_mb": figures["model_mb"]}, used, task["metrics"]["documents"])


def _peer(peer: Peer, corpus: Corpus, exported: Path, python: Path) -> dict[str, Any]:
    answers = exported / f"{peer.module}-{peer.variant or 'default'}.json"
    command: list[str | Path] = [python, "-m", f"benchmarks.peers.{peer.module}", exported, answers]
    command += [*(["--single"] if corpus.single else []), *(["--variant", peer.variant] if peer.variant else [])]
    used = run(command, exported, {"PYTHONPATH": str(ROOT)})
    gold = documents.gold(exported)
    scores = _scores(json.loads(answers.read_text(encoding="utf-8")), gold)
    return _row(peer.name, scores, json.loads(used.output.splitlines()[-1]), used, len(gold))


def _scores(predicted: list[list[str]], gold: list[list[str]]) -> dict[str, float]:
    labels = tuple(sorted({label for row in predicted + gold for label in row}))
    given = _indicator(predicted, labels)
    judged = Judged(labels, _indicator(gold, labels), given, given.astype(float))
    found, errors = metrics(judged), standard_errors(judged)
    scores = {name: found[name] for name in _SCORES} | {f"{name}_error": errors[name] for name in _SCORES}
    return {**scores, "accuracy": found["subset_accuracy"]}


def _indicator(rows: list[list[str]], labels: tuple[str, ...]) -> np.ndarray:
    return np.array([[label in row for label in labels] for row in rows], bool)


def _row(tool: str, scores: dict[str, float], figures: dict[str, float], used: Used, documents: int) -> dict[str, Any]:
    error = math.sqrt(scores["accuracy"] * (1 - scores["accuracy"]) / documents)
    whole = {"whole_cpu": used.cpu, "whole_wall": used.wall}
    return {"tool": tool, **scores, "accuracy_error": error, **figures, **whole}
