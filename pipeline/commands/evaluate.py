"""The command `evaluate`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import typer

from pipeline.commands._cli import SOME_FAILED, say
from pipeline.commands._open_model import open_model
from pipeline.common.errors import DataError
from pipeline.evaluation.scoring import TASKS, score_rows
from pipeline.rows.label_cells import guess_separator, split_labels
from pipeline.rows.reader import read_rows

_SHOWN = ("micro", "macro", "weighted", "samples")


def run(file: Path, model: str, as_json: bool) -> None:
    """Score a labelled file and print the metrics. Exits with 1 when some rows could not be used."""
    predictor = open_model(model)
    rows, problems = _labelled(file)
    for problem in problems:
        say(f"dateline: {problem}", err=True)
    if not rows:
        raise DataError(f"{file}: no row with a text and topics or regions")
    found = score_rows(predictor, rows)
    say(json.dumps(found, indent=1) if as_json else _table(found))
    if problems:
        raise typer.Exit(SOME_FAILED)


def _labelled(file: Path) -> tuple[list[dict[str, Any]], list[str]]:
    """The rows that can be scored, and what is wrong with the others."""
    read = list(read_rows(file))
    separators = {task: guess_separator((row.data or {}).get(task) for row in read) or " " for task in TASKS}
    rows, problems = [], []
    for row in read:
        try:
            rows.append(_row(row.data, row.error, separators))
        except (DataError, ValueError) as error:
            problems.append(f"{row.where}: {error}")
    return rows, problems


def _row(data: dict[str, Any] | None, error: str, separators: dict[str, str]) -> dict[str, Any]:
    if data is None:
        raise DataError(error)
    title, text = data.get("title") or "", data.get("text") or ""
    if not isinstance(title, str) or not isinstance(text, str) or not (title + text).strip():
        raise DataError("field 'text' is missing or not a text")
    labels = {task: split_labels(data[task], separators[task]) for task in TASKS if data.get(task) is not None}
    if not labels:
        raise DataError("fields 'topics' and 'regions' are both missing")
    return {"title": title, "text": text, "source": str(data.get("source") or ""), **dict.fromkeys(TASKS), **labels}


def _table(found: dict[str, Any]) -> str:
    lines = [f"{found['documents']:,} documents"]
    for task in TASKS:
        if task in found:
            lines += ["", *_task_lines(task, found[task])]
    return "\n".join(lines)


def _task_lines(task: str, values: dict[str, Any]) -> list[str]:
    lines = [f"{task:<22}{'precision':>10}{'recall':>10}{'F1':>10}"]
    for average in _SHOWN:
        scores = (values[f"{average}_{name}"] for name in ("precision", "recall", "f1"))
        lines.append(f"  {average:<20}" + "".join(f"{score:>10.3f}" for score in scores))
    others = f"LRAP {values['lrap']:.3f}, subset accuracy {values['subset_accuracy']:.3f}"
    error = values["expected_calibration_error"]
    lines.append(f"  {others}, calibration error {error:.3f}, {values['documents']:,} documents")
    return lines
