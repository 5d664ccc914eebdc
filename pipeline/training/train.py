"""Prepared data to a predictor file: fit each task, judge it on validation and test, write everything whole."""

from __future__ import annotations

import importlib.metadata
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_limits

from pipeline.common.beside import Beside, nothing
from pipeline.common.config import Config
from pipeline.common.files import folder_written_whole
from pipeline.common.progress import Progress
from pipeline.common.taxonomy import Taxonomy
from pipeline.common.usage import Usage, now, release_memory
from pipeline.evaluation.metrics import per_label
from pipeline.evaluation.results import TaskResult, Training
from pipeline.evaluation.scoring import figures, judge_scores
from pipeline.evaluation.seen import look, profile, write_profile
from pipeline.features.compiled.batch import Batch
from pipeline.features.language.reading import ENGLISH
from pipeline.features.texts import Text
from pipeline.prediction import labels, predictor_file
from pipeline.prediction.predictor import Predictor, load_predictor
from pipeline.preparation import prepared_splits
from pipeline.preparation.prepare import load_taxonomy, prepared
from pipeline.preparation.stored_rows import read_labels, stored_rows
from pipeline.reporting.report import write_report
from pipeline.training.fit_tasks import Fitted, Row, fit_tasks, tokenise_splits
from pipeline.training.folds import fold_scores
from pipeline.training.language import with_language
from pipeline.training.record import write_record

LIBRARIES = ("numpy", "numba", "scipy", "scikit-learn", "datasets", "joblib", "typer", "mlflow")
_EMPTY = Predictor("", "", {}, {})


@dataclass(frozen=True, slots=True)
class Help:
    """A process beside this one, which can draw; what waits until it has compiled what was not compiled before; and
    what is called when the corpus is prepared, so that one that can't be used leaves nothing behind."""

    process: Beside = None
    compiled: Callable[[], None] = nothing
    prepared: Callable[[], object] = nothing


def train(config: Config, data: Path, models: Path, progress: Progress, help_by: Help = Help()) -> Training:
    """Prepare when needed, fit, judge, and write `models/<name>/`. Raises DataError or ConfigError."""
    with Usage() as usage, threadpool_limits(1):  # BLAS threads only fight with the processes, and change last bits
        return _train(config, data, models, progress, usage, help_by)


def _train(config: Config, data: Path, models: Path, progress: Progress, usage: Usage, help_by: Help) -> Training:
    started = now()
    with prepared(config, data, progress) as given:
        help_by.prepared()
        release_memory()
        manifest = prepared_splits.read_manifest(given) or {}
        rows = {split: stored_rows(given, split) for split in ("validation", "test")}
        learned = read_labels(given, "train")
        config = with_language(config, (text for _, text in prepared_splits.read_texts(given, "train")))
        docs = tokenise_splits(given, ("train", "validation"), progress, config.language)
        release_memory()
    taxonomy = load_taxonomy(config, manifest)
    folder = models / config.name
    with folder_written_whole(folder) as temporary:
        result = Training(config, folder, _EMPTY, manifest)
        again = config.refit and bool(rows["validation"])
        note = " for validation" if again else ""
        fitted = _fit(temporary, result, taxonomy, docs, learned, progress, note, help_by.compiled)
        _judge(result, rows, "validation", progress, temporary)
        if again:
            learned = [*learned, *rows["validation"]]
            fitted.clear()  # at a million articles its probabilities take a gigabyte
            fitted = _fit(temporary, result, taxonomy, docs, learned, progress)
        _judge(result, rows, "test", progress)
        out_of_fold = {task: one.out_of_fold for task, one in fitted.items() if one.out_of_fold}
        for task, note in result.notes.items():
            progress.tell(f"note: {task} are {note}")
        result.folds = {task: fold_scores(result.predictor, task, given) for task, given in out_of_fold.items()}
        result.predictor.description = predictor_file.describe(temporary, _description(result))
        with progress.stage("report") as stage:
            write_report(temporary, result, {**rows, "train": learned}, out_of_fold, stage, help_by.process)
        result.seconds = dict(progress.seconds)
        usage.sample()
        write_record(temporary, result, started, usage.samples)
    return result


def _fit(
    folder: Path,
    result: Training,
    taxonomy: Taxonomy,
    docs: Batch,
    rows: Sequence[Row],
    progress: Progress,
    note: str = "",
    compiled: Callable[[], None] = nothing,
) -> dict[str, Fitted]:
    """Fit the tasks on rows whose texts open `docs`, write their predictor file and load it: what is judged is what
    users open."""
    fitted = fit_tasks(result.config, taxonomy, docs[: len(rows)], rows, progress, note, compiled, folder)
    states = {task: one.state for task, one in fitted.items()}
    result.notes = {task: one.note for task, one in fitted.items() if one.note}
    result.borrowed = frozenset(task for task, one in fitted.items() if one.out_of_fold is None)
    content = {"name": result.config.name, "tasks": states, "taxonomy": labels.written(taxonomy, states)}
    if result.config.language != ENGLISH:  # what earlier versions read has no language
        content["language"] = result.config.language
    predictor_file.save(folder, content, {"name": result.config.name})
    result.predictor = load_predictor(folder)
    result.predictor.compile()  # the fits have loaded all of it
    return fitted


def _judge(
    result: Training,
    rows: Mapping[str, Sequence[Row]],
    split: str,
    progress: Progress,
    profile_in: Path | None = None,
) -> None:
    """Add the figures of one split; the rows a label are those of the last split judged. Where a folder is named, keep
    there what the model saw of these articles, for `monitor`: it must not have learned from them."""
    predictor, articles = result.predictor, rows[split]
    release_memory()
    with progress.stage(f"evaluate {split}", len(articles)) as stage:
        seen = look(
            predictor, (Text(row["text"], row["title"]) for row in articles), stage.advance, result.config.processes
        )
        if profile_in and articles:
            write_profile(profile_in, profile(predictor, seen))
        for task, judged in judge_scores(predictor, articles, seen.stated).items():
            if task in result.borrowed:
                continue  # `evaluate` judges it; a report is of what was learned
            tagger = predictor.taggers[task]
            names = predictor.names(task)
            thresholds = dict(zip(tagger.labels, map(float, tagger.thresholds), strict=True))
            found = result.tasks.setdefault(task, TaskResult({}, {}, []))
            found.metrics[split] = figures(predictor, task, judged, articles)
            found.judged[split] = judged
            found.labels = per_label(judged, thresholds, names)


def _description(result: Training) -> dict[str, Any]:
    """What `predictor.json` says; without dates, so that the same training writes the same file."""
    settings = json.dumps(result.config.resolved(), sort_keys=True)
    tasks = {}
    for task, tagger in result.predictor.taggers.items():
        judged = result.tasks[task].metrics if task in result.tasks else {}
        scores = {split: _headline(values) for split, values in judged.items()}
        thresholds = dict(zip(tagger.labels, (round(float(value), 6) for value in tagger.thresholds), strict=True))
        tasks[task] = {"labels": len(tagger.labels), "scores": scores, "thresholds": thresholds}
        tasks[task] |= {"note": result.notes[task]} if task in result.notes else {}
        tasks[task] |= {"borrowed": True} if task in result.borrowed else {}
    return {
        "name": result.config.name,
        "description": result.config.description,
        "config_sha256": sha256(settings.encode()).hexdigest(),
        "data_sha256": result.manifest.get("content_sha256", ""),
        "libraries": {name: importlib.metadata.version(name) for name in LIBRARIES},
        "tasks": tasks,
        **({"rows": result.manifest["rows"]} if result.manifest.get("rows") else {}),
    }


def _headline(values: Mapping[str, Any]) -> dict[str, Any]:
    names = ("documents", "micro_f1", "macro_f1", "samples_f1", "lrap", "expected_calibration_error")
    return {name: round(values[name], 4) for name in names if name in values}
