"""The command `evaluate`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer

from pipeline.commands._agreement import agreement_lines, agreements
from pipeline.commands._open_model import open_model
from pipeline.commands._output import SOME_FAILED, say
from pipeline.commands._rows import labelled_rows, row_mapping
from pipeline.common.errors import DataError
from pipeline.common.text import plain
from pipeline.evaluation.scoring import TASKS, known_labels, score_rows
from pipeline.rows.articles import ArticleReader

_MOST_UNKNOWN, _NAME = 8, 24
_SHOWN = ("micro", "macro", "weighted", "samples")


def run(file: Path, model: str, as_json: bool, columns: Sequence[str] = (), config: Path | None = None) -> None:
    """Score a labelled file and print the metrics. Exits with 1 when some rows could not be used."""
    predictor = open_model(model)
    reader = ArticleReader(row_mapping(predictor.description, columns, config), unique=False)
    rows, problems = labelled_rows(file, reader)
    for problem in problems:
        say(f"dateline: {problem}", err=True)
    if not rows:
        raise DataError(f"{file}: no row with a text and topics or regions")
    unknown = known_labels(predictor, rows)
    for line in (*reader.remarks, *_unknown_lines(unknown)):
        say(f"note: {line}", err=True)
    found = score_rows(predictor, rows) | {"unknown_labels": unknown}
    if agreed := agreements(file, predictor):
        found["agreement"] = agreed
    say(json.dumps(found, indent=1, ensure_ascii=False) if as_json else _table(found))
    if problems:
        raise typer.Exit(SOME_FAILED)


def _unknown_lines(unknown: dict[str, dict[str, int]]) -> list[str]:
    """What is said of labels that the model doesn't know: they count as missed."""
    return [
        f"{sum(counts.values()):,} labels of {task} are unknown to the model and count as missed: "
        + ", ".join(f"{label} {count:,}" for label, count in list(counts.items())[:_MOST_UNKNOWN])
        + (f" and {len(counts) - _MOST_UNKNOWN} others" if len(counts) > _MOST_UNKNOWN else "")
        for task, counts in unknown.items()
        if counts
    ]


def _table(found: dict[str, Any]) -> str:
    lines = [f"{found['documents']:,} documents"]
    for task in TASKS:
        if task in found:
            lines += ["", *_task_lines(task, found[task])]
    lines += agreement_lines(found.get("agreement", {}))
    return "\n".join(lines)


def _task_lines(task: str, values: dict[str, Any]) -> list[str]:
    lines = [f"{task:<22}{'precision':>10}{'recall':>10}{'F1':>10}"]
    for average in _SHOWN:
        scores = (values[f"{average}_{name}"] for name in ("precision", "recall", "f1"))
        lines.append(f"  {average:<20}" + "".join(f"{score:>10.3f}" for score in scores))
    others = f"LRAP {values['lrap']:.3f}, subset accuracy {values['subset_accuracy']:.3f}"
    error = values["expected_calibration_error"]
    lines.append(f"  {others}, calibration error {error:.3f}, {values['documents']:,} documents")
    return [*lines, *_label_lines(values["labels"])]


def _label_lines(labels: Sequence[dict[str, Any]]) -> list[str]:
    """One row per label that occurs, the most frequent first."""
    head = f"  {'label':<{_NAME}}{'articles':>9}{'tagged':>8}{'precision':>10}{'recall':>8}{'F1':>8}"
    return ["", head, *(_label_line(row) for row in labels)]


def _label_line(row: dict[str, Any]) -> str:
    name = plain(row["name"])
    short = name if len(name) < _NAME else name[: _NAME - 2] + "…"
    counts = f"{row['support']:>9,}{row['predicted']:>8,}"
    return f"  {short:<{_NAME}}{counts}{row['precision']:>10.3f}{row['recall']:>8.3f}{row['f1']:>8.3f}"
