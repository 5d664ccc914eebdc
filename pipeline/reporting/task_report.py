"""One task's part of the report: its metrics, slices, tables and pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.common.article import REGIONS
from pipeline.evaluation import slices
from pipeline.evaluation.bootstrap import Interval, intervals
from pipeline.evaluation.metrics import Judged
from pipeline.reporting import figures, figures_curves, tables
from pipeline.reporting.drawing import Order
from pipeline.reporting.figures import Picture
from pipeline.reporting.world import world_svg

if TYPE_CHECKING:
    from pipeline.evaluation.results import Training


Row = Mapping[str, Any]


@dataclass(slots=True)
class TaskReport:
    """One task's figures on its last split: metrics, intervals, slices, tables by name, and pictures, first ordered,
    then drawn."""

    task: str
    split: str
    judged: Judged
    metrics: dict[str, Any]
    intervals: dict[str, Interval]
    slices: dict[str, dict[str, dict[str, float]]]
    tables: dict[str, tables.Table]
    orders: dict[str, Order]
    map: str = ""
    pictures: dict[str, Picture] = field(default_factory=dict)


def task_report(task: str, result: Training, rows: Mapping[str, Sequence[Row]], gold: np.ndarray) -> TaskReport:
    """One task's report on the test split, or on validation where there is no test article; no picture is drawn yet."""
    found = result.tasks[task]
    split = "test" if "test" in found.judged else "validation"
    judged = found.judged[split]
    articles = [row for row in rows[split] if row[task] is not None]
    tagger = result.predictor.taggers[task]
    names = result.predictor.names(task)
    overall, by_label = intervals(judged)
    counts = dict(zip(tagger.labels, map(int, gold.sum(axis=0)), strict=True))
    continents = result.predictor.continents()
    made = {
        "labels": tables.label_table(found.labels, by_label, counts),
        "terms": tables.term_table(tagger, names),
        "errors": tables.error_table(tagger, judged, articles, names),
    }
    parts = slices.slices(judged, articles, continents)
    report = TaskReport(task, split, judged, found.metrics[split], overall, parts, made, {})
    report.orders = {**_score_pictures(report, tagger, names), **_label_pictures(report, by_label, names)}
    report.orders["cooccurrence"] = _together(task, gold, tagger.labels, names)
    if task == REGIONS:
        report.map = _map(report, names)
    return report


def _score_pictures(report: TaskReport, tagger: Any, names: Mapping[str, str]) -> dict[str, Order]:
    what, size = _captions(report)
    judged = report.judged
    thresholds = dict(zip(tagger.labels, map(float, tagger.thresholds), strict=True))
    titles = {
        "precision_recall": f"{what}: precision and recall, {size}",
        "reliability": f"{what}: are the probabilities right? {size}",
        "thresholds": f"{what}: F1 at each threshold, {size}",
    }
    return {
        "precision_recall": Order(figures_curves.precision_recall, (judged, names, titles["precision_recall"])),
        "reliability": Order(figures_curves.reliability, (judged, titles["reliability"]), 5.4),
        "thresholds": Order(figures_curves.threshold_f1, (judged, thresholds, names, titles["thresholds"])),
    }


def _label_pictures(report: TaskReport, by_label: Mapping[str, Interval], names: Mapping[str, str]) -> dict[str, Order]:
    what, size = _captions(report)
    judged = report.judged
    rows = [row for row in tables.records(report.tables["labels"]) if row["support"]]
    title, height = f"{what}: F1 of each label, {size}", figures.bars_height(len(rows))
    bars = Order(figures.f1_by_label, (rows, by_label, title), height)
    missed = int((judged.gold & ~judged.predicted).any(axis=0).sum())
    title, height = f"{what}: what was given where a label was missed, {size}", figures.cells_height(missed)
    return {"f1": bars, "confusion": Order(figures.confusion, (judged, names, title), height)}


def _together(task: str, gold: np.ndarray, labels: Sequence[str], names: Mapping[str, str]) -> Order:
    title = f"{task.capitalize()}: labels that go together, {len(gold):,} training articles"
    height = figures.cells_height(int(gold.any(axis=0).sum()))
    return Order(figures.cooccurrence, (gold, labels, names, title), height)


def _captions(report: TaskReport) -> tuple[str, str]:
    return report.task.capitalize(), f"{len(report.judged.gold):,} {report.split} articles"


def _map(report: TaskReport, names: Mapping[str, str]) -> str:
    rows = tables.records(report.tables["labels"])
    scores = {row["label"]: row["f1"] for row in rows if row["support"]}
    titles = {
        row["label"]: f"{row['name']}: F1 {row['f1']:.2f}, {row['support']} {report.split} and "
        f"{row['training']} training articles"
        for row in rows
    }
    return world_svg(scores, {**names, **titles}, f"F1 on {report.split}", 1.0, "F1 of each country")
