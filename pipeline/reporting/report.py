"""What a training leaves for its readers: pictures, tables, the model card, and one page with all of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.evaluation import Judged
from pipeline.files import write_json, write_text
from pipeline.predictor import REGIONS
from pipeline.reporting import figures, figures_corpus, figures_curves, slices, tables
from pipeline.reporting.card import model_card
from pipeline.reporting.figures import Picture, picture
from pipeline.reporting.html import render
from pipeline.reporting.world import world_svg
from pipeline.suspects import FILE, OutOfFoldLabels, save_oof

if TYPE_CHECKING:
    from pipeline.folds import OutOfFold
    from pipeline.progress import Stage
    from pipeline.training import Training

Row = Mapping[str, Any]
FOLDER = "report"
_ENOUGH = 3


@dataclass(slots=True)
class TaskReport:
    """One task's figures on its last split: metrics, intervals, slices, pictures and tables by name."""

    task: str
    split: str
    judged: Judged
    metrics: dict[str, Any]
    intervals: dict[str, slices.Interval]
    slices: dict[str, dict[str, dict[str, float]]]
    tables: dict[str, tables.Table]
    pictures: dict[str, Picture]
    map: str = ""


def write_report(
    folder: Path,
    result: Training,
    rows: Mapping[str, Sequence[Row]],
    out_of_fold: Mapping[str, OutOfFold],
    stage: Stage,
) -> None:
    """Write `report.html`, `MODEL_CARD.md`, `report/figures/<task>_<name>.png`, `report/tables/<task>_<name>.json`.

    `rows` are the articles of each split, `out_of_fold` what each task's folds said of the training articles, which is
    kept as `oof.npz`.
    """
    stage.total = len(result.tasks) + 1
    save_oof(folder / FILE, {task: _with_ids(task, result, rows, found) for task, found in out_of_fold.items()})
    stage.advance()
    reports = {task: task_report(task, result, rows, out_of_fold[task].gold) for task in stage.over(result.tasks)}
    for task, report in reports.items():
        for name, shown in report.pictures.items():
            _write_bytes(folder / FOLDER / "figures" / f"{task}_{name}.png", shown.png)
        for name, table in report.tables.items():
            write_json(folder / FOLDER / "tables" / f"{task}_{name}.json", table)
    write_text(folder / "MODEL_CARD.md", model_card(result, reports))
    write_text(folder / "report.html", render("report.html.j2", result=result, reports=reports))


def task_report(task: str, result: Training, rows: Mapping[str, Sequence[Row]], gold: np.ndarray) -> TaskReport:
    """One task's report on the test split, or on validation where there is no test article."""
    found = result.tasks[task]
    split = "test" if "test" in found.judged else "validation"
    judged = found.judged[split]
    articles = [row for row in rows[split] if row[task] is not None]
    tagger = result.predictor.taggers[task]
    known = result.predictor.taxonomy
    names = {key: value[-2] for key, value in known.get(task, {}).items()}
    overall, by_label = slices.intervals(judged)
    counts = dict(zip(tagger.labels, map(int, gold.sum(axis=0)), strict=True))
    continents = {code: within[-1] for code, (_, within) in known.get(REGIONS, {}).items() if within}
    made = {
        "labels": tables.label_table(found.labels, by_label, counts),
        "terms": tables.term_table(tagger, names),
        "errors": tables.error_table(tagger, judged, articles, names),
    }
    parts = slices.slices(judged, articles, continents)
    report = TaskReport(task, split, judged, found.metrics[split], overall, parts, made, {})
    report.pictures = {**_score_pictures(report, tagger, names), **_label_pictures(report, by_label, names)}
    report.pictures["cooccurrence"] = _together(task, gold, tagger.labels, names)
    if task == REGIONS:
        _add_maps(report, names, counts)
    return report


def _with_ids(task: str, result: Training, rows: Mapping[str, Sequence[Row]], found: OutOfFold) -> OutOfFoldLabels:
    ids = tuple(row["id"] for row in rows["train"] if row[task] is not None)
    return OutOfFoldLabels(ids, tuple(result.predictor.taggers[task].labels), found.gold, found.probabilities)


def _score_pictures(report: TaskReport, tagger: Any, names: Mapping[str, str]) -> dict[str, Picture]:
    what, size = _captions(report)
    judged = report.judged
    thresholds = dict(zip(tagger.labels, map(float, tagger.thresholds), strict=True))
    titles = {
        "precision_recall": f"{what}: precision and recall, {size}",
        "reliability": f"{what}: are the probabilities right? {size}",
        "thresholds": f"{what}: F1 at each threshold, {size}",
    }
    return {
        "precision_recall": picture(figures_curves.precision_recall, judged, names, titles["precision_recall"]),
        "reliability": picture(figures_curves.reliability, judged, titles["reliability"], height=5.4),
        "thresholds": picture(figures_curves.threshold_f1, judged, thresholds, names, titles["thresholds"]),
    }


def _label_pictures(
    report: TaskReport, by_label: Mapping[str, slices.Interval], names: Mapping[str, str]
) -> dict[str, Picture]:
    what, size = _captions(report)
    judged = report.judged
    rows = [row for row in tables.records(report.tables["labels"]) if row["support"]]
    title, height = f"{what}: F1 of each label, {size}", figures.bars_height(len(rows))
    bars = picture(figures.f1_by_label, rows, by_label, title, height=height)
    missed = int((judged.gold & ~judged.predicted).any(axis=0).sum())
    title, height = f"{what}: what was given where a label was missed, {size}", figures.cells_height(missed)
    return {"f1": bars, "confusion": picture(figures.confusion, judged, names, title, height=height)}


def _together(task: str, gold: np.ndarray, labels: Sequence[str], names: Mapping[str, str]) -> Picture:
    title = f"{task.capitalize()}: labels that go together, {len(gold):,} training articles"
    height = figures.cells_height(int(gold.any(axis=0).sum()))
    return picture(figures.cooccurrence, gold, labels, names, title, height=height)


def _captions(report: TaskReport) -> tuple[str, str]:
    return report.task.capitalize(), f"{len(report.judged.gold):,} {report.split} articles"


def _add_maps(report: TaskReport, names: Mapping[str, str], counts: Mapping[str, int]) -> None:
    rows = tables.records(report.tables["labels"])
    scores = {row["label"]: row["f1"] for row in rows if row["support"]}
    support = {code: count for code, count in counts.items() if count}
    told = {row["label"]: row["f1"] for row in rows if row["support"] >= _ENOUGH}
    title = f"Regions: training articles, and F1 of the countries with {_ENOUGH} {report.split} articles or more"
    report.pictures["map"] = picture(figures_corpus.region_map, support, told, title, height=8.2)
    titles = {
        row["label"]: f"{row['name']}: F1 {row['f1']:.2f}, {row['support']} {report.split} and "
        f"{row['training']} training articles"
        for row in rows
    }
    report.map = world_svg(scores, {**names, **titles}, f"F1 on {report.split}", 1.0, "F1 of each country")


def _write_bytes(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
