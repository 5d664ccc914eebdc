"""What a training leaves for its readers: pictures, tables, the model card, and one page with all of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.common.beside import Beside
from pipeline.common.files import write_json, write_text
from pipeline.evaluation.suspects import FILE, OutOfFoldLabels, save_oof
from pipeline.reporting.card import model_card
from pipeline.reporting.drawing import Drawing
from pipeline.reporting.html import render
from pipeline.reporting.task_report import Row, task_report

if TYPE_CHECKING:
    from pipeline.common.progress import Stage
    from pipeline.evaluation.results import OutOfFold, Training

FOLDER = "report"
_MAP = '<!doctype html>\n<meta charset="utf-8">\n<title>F1 of each country</title>\n{}\n'
_MANY = 5_000_000  # cells of articles by labels


def write_report(
    folder: Path,
    result: Training,
    rows: Mapping[str, Sequence[Row]],
    out_of_fold: Mapping[str, OutOfFold],
    stage: Stage,
    helper: Beside = None,
) -> None:
    """Write `report.html`, `MODEL_CARD.md`, `report/tables/<task>_<name>.json` and, as `.png`,
    `report/figures/<task>_<name>`; the map of countries is an `.html`, as MLflow shows no SVG.

    `rows` are the articles of each split, `out_of_fold` what each task's folds said of the training articles, which is
    kept as `oof.npz`. A helper draws some of the pictures, unless these are of so many articles that sending them takes
    longer.
    """
    stage.total = len(result.tasks) + 2
    save_oof(folder / FILE, {task: _with_ids(task, result, rows, found) for task, found in out_of_fold.items()})
    stage.advance()
    learned = [task for task in result.tasks if task in out_of_fold]
    few = max((found.gold.size for found in out_of_fold.values()), default=0) < _MANY
    reports, drawing = {}, Drawing(helper if few else None)
    for task in stage.over(learned):
        reports[task] = task_report(task, result, rows, out_of_fold[task].gold)
        drawing.order({(task, name): order for name, order in reports[task].orders.items()})
    for (task, name), shown in drawing.drawn().items():
        reports[task].pictures[name] = shown
    stage.advance()
    for task, report in reports.items():
        for name, shown in report.pictures.items():
            _write_bytes(folder / FOLDER / "figures" / f"{task}_{name}.png", shown.png)
        if report.map:
            _write_bytes(folder / FOLDER / "figures" / f"{task}_map.html", _MAP.format(report.map).encode())
        for name, table in report.tables.items():
            write_json(folder / FOLDER / "tables" / f"{task}_{name}.json", table)
    write_text(folder / "MODEL_CARD.md", model_card(result, reports))
    write_text(folder / "report.html", render("report.html.j2", result=result, reports=reports))


def _with_ids(task: str, result: Training, rows: Mapping[str, Sequence[Row]], found: OutOfFold) -> OutOfFoldLabels:
    ids = tuple(row["id"] for row in rows["train"] if row[task] is not None)
    return OutOfFoldLabels(ids, tuple(result.predictor.taggers[task].labels), found.gold, found.probabilities)


def _write_bytes(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
