"""Prepared data to a predictor file: fit each task, judge it on validation and test, write everything whole."""

from __future__ import annotations

import importlib.metadata
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from pipeline import bundle, store
from pipeline.card import model_card
from pipeline.config import Config
from pipeline.errors import DataError
from pipeline.evaluation import Judged, per_label
from pipeline.features.document import Document
from pipeline.files import folder_written_whole, write_text
from pipeline.predictor import REGIONS, TOPICS, Predictor, Text, load_predictor, tokens
from pipeline.prepare import load_taxonomy, prepare
from pipeline.progress import Progress
from pipeline.scoring import TASKS, judge_rows, with_sources
from pipeline.taxonomy import Taxonomy

LIBRARIES = ("numpy", "scipy", "scikit-learn", "datasets", "joblib", "typer", "mlflow")
Row = Mapping[str, Any]


@dataclass(slots=True)
class TaskResult:
    """One task's figures: metrics and judged documents by split, and a row a label on the test split."""

    metrics: dict[str, dict[str, Any]]
    judged: dict[str, Judged]
    labels: list[dict[str, Any]]


@dataclass(slots=True)
class Training:
    """A finished training: what was trained on what, how well, and where it lies."""

    config: Config
    folder: Path
    predictor: Predictor
    manifest: dict[str, Any]
    tasks: dict[str, TaskResult] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)


def train(config: Config, data: Path, models: Path, progress: Progress, force: bool = False) -> Training:
    """Prepare when needed, fit, judge, and write `models/<name>/`. Raises DataError or ConfigError."""
    prepared = prepare(config, data, progress, force)
    manifest = store.read_manifest(prepared) or {}
    taxonomy = load_taxonomy(config)
    rows = {split: store.read_split(prepared, split).to_list() for split in store.SPLITS}
    states = _fit(config, taxonomy, rows["train"], progress)
    folder = models / config.name
    with folder_written_whole(folder) as temporary:
        content = {"name": config.name, "tasks": states, "taxonomy": _names(taxonomy, states)}
        bundle.save(temporary, content, {"name": config.name})
        result = Training(config, folder, load_predictor(temporary), manifest)
        with progress.stage("evaluate"):
            result.tasks = _judge(result.predictor, rows)
        result.predictor.description = bundle.save(temporary, content, _description(result))
        result.seconds = dict(progress.seconds)
        write_text(temporary / "MODEL_CARD.md", model_card(result))
    return result


def _fit(config: Config, taxonomy: Taxonomy, rows: Sequence[Row], progress: Progress) -> dict[str, Any]:
    """Each task's fitted state, ready for the predictor file."""
    with progress.stage("tokenise", len(rows)) as stage:
        docs = []
        for row in rows:
            docs.append(tokens(Text(row["text"], row["title"])))
            stage.advance()
    states = {}
    for task, fit in ((TOPICS, _fit_topics), (REGIONS, _fit_regions)):
        chosen = [number for number, row in enumerate(rows) if row[task] is not None]
        if getattr(config, task) is None or not any(rows[number][task] for number in chosen):
            continue
        with progress.stage(f"fit {task}") as stage:
            given = [docs[number] for number in chosen]
            states[task] = fit(config, taxonomy, given, [rows[number] for number in chosen], stage.say)
    if not states:
        raise DataError(f"{config.name}: nothing to train: no article of the training split has a label")
    return states


def _fit_topics(
    config: Config, taxonomy: Taxonomy, docs: Sequence[Document], rows: Sequence[Row], say: Any
) -> dict[str, Any]:
    from pipeline.tagger import fit_tagger

    labels = [taxonomy.closure(row[TOPICS]) for row in rows]
    known = list(taxonomy.topics) or sorted({label for given in labels for label in given})
    groups = [row["group"] for row in rows]
    assert config.topics is not None
    fitted = fit_tagger(
        docs, labels, known, taxonomy.parents, config.topics, groups, config.seed, jobs(config), progress=say
    )
    return {"kind": "linear", "state": fitted.tagger.state()}


def _fit_regions(
    config: Config, taxonomy: Taxonomy, docs: Sequence[Document], rows: Sequence[Row], say: Any
) -> dict[str, Any]:
    from pipeline.region_fit import fit_regions

    groups = [row["group"] for row in rows]
    codes = _region_codes(config.region_codes) if config.region_codes else None
    assert config.regions is not None
    fitted = fit_regions(
        docs, [row[REGIONS] for row in rows], config.regions, groups, config.seed, jobs(config), say, codes
    )
    return {"kind": "regions", "state": fitted.tagger.state()}


def _region_codes(path: Path) -> dict[str, str]:
    """A corpus's own region codes and the ISO codes that they stand for."""
    import csv

    with path.open(encoding="utf-8", newline="") as file:
        return {row["code"]: row["iso"] for row in csv.DictReader(file)}


def jobs(config: Config) -> int:
    """How many processes a configuration asks for."""
    return config.jobs or os.cpu_count() or 1


def _names(taxonomy: Taxonomy, states: Mapping[str, Any]) -> dict[str, Any]:
    """What the predictor says of its labels: NewsCode, name and parent of topics, name and groups of countries."""
    topics = {key: [topic.iptc, topic.name, topic.parent] for key, topic in taxonomy.topics.items()}
    countries = {code: [country.name, list(country.within)] for code, country in taxonomy.countries.items()}
    return {task: names for task, names in ((TOPICS, topics), (REGIONS, countries)) if task in states}


def _judge(predictor: Predictor, rows: Mapping[str, Sequence[Row]]) -> dict[str, TaskResult]:
    names = {task: {key: value[-2] for key, value in known.items()} for task, known in predictor.taxonomy.items()}
    found = {}
    for task in TASKS:
        judged = {split: judge_rows(predictor, rows[split], task) for split in ("validation", "test")}
        kept = {split: value for split, value in judged.items() if value is not None}
        if kept:
            scores = {split: with_sources(value, _sources(rows[split], task)) for split, value in kept.items()}
            shown = kept.get("test") or kept["validation"]
            tagger = predictor.taggers[task]
            thresholds = dict(zip(tagger.labels, map(float, tagger.thresholds), strict=True))
            found[task] = TaskResult(scores, kept, per_label(shown, thresholds, names.get(task, {})))
    return found


def _sources(rows: Sequence[Row], task: str) -> list[str]:
    return [row["source"] for row in rows if row[task] is not None]


def _description(result: Training) -> dict[str, Any]:
    """What `predictor.json` says; without dates, so that the same training writes the same file."""
    settings = json.dumps(result.config.resolved(), sort_keys=True)
    tasks = {}
    for task, tagger in result.predictor.taggers.items():
        scores = {split: _headline(values) for split, values in result.tasks[task].metrics.items()}
        thresholds = dict(zip(tagger.labels, (round(float(value), 6) for value in tagger.thresholds), strict=True))
        tasks[task] = {"labels": len(tagger.labels), "scores": scores, "thresholds": thresholds}
    return {
        "name": result.config.name,
        "description": result.config.description,
        "config_sha256": sha256(settings.encode()).hexdigest(),
        "data_sha256": result.manifest.get("content_sha256", ""),
        "libraries": {name: importlib.metadata.version(name) for name in LIBRARIES},
        "tasks": tasks,
    }


def _headline(values: Mapping[str, Any]) -> dict[str, Any]:
    names = ("documents", "micro_f1", "macro_f1", "samples_f1", "lrap", "expected_calibration_error")
    return {name: round(values[name], 4) for name in names if name in values}
