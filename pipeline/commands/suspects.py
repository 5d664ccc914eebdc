"""The command `suspects`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from pipeline.commands._open_model import open_model
from pipeline.commands._output import SOME_FAILED, say
from pipeline.commands._rows import labelled_rows, row_mapping
from pipeline.common.errors import DataError
from pipeline.common.files import check_not_input
from pipeline.common.project import command, project_file
from pipeline.common.text import plain
from pipeline.evaluation.scoring import judge_rows, known_labels
from pipeline.evaluation.suspects import OutOfFoldLabels, Suspect, find_suspects, read_oof
from pipeline.preparation import prepared_splits
from pipeline.rows.articles import ArticleReader
from pipeline.rows.reader import file_format
from pipeline.rows.writer import open_writer

_TITLE = 90


@dataclass(frozen=True, slots=True)
class Request:
    """The arguments of `suspects`."""

    model: str
    file: Path | None
    data: Path
    most: int
    output: Path | None
    force: bool
    columns: tuple[str, ...] = ()
    config: Path | None = None


def run(asked: Request) -> None:
    """Print the articles whose labels look wrong, each task's worst first, and write them to `output` when given.

    Exits with 1 when some rows of a file could not be used.
    """
    output = asked.output
    if output is not None:
        file_format(output)
        check_not_input(output, [asked.file] if asked.file else [])
        if output.exists() and not asked.force:
            raise DataError(f"{output} exists; name another file or add --force")
    labels, titles, problems = _of_training(asked) if asked.file is None else _of_file(asked, asked.file)
    tasks = {task: find_suspects(given, asked.most) for task, given in labels.items()}
    rows = [_row(task, suspect, titles) for task, found in tasks.items() for suspect in found]
    if output is not None:
        with open_writer(output, list(rows[0]) if rows else None) as writer:
            for row in rows:
                writer.write(row)
    say("\n".join(_lines(rows)) if rows else "no suspect labels")
    if problems:
        raise typer.Exit(SOME_FAILED)


def _of_training(asked: Request) -> tuple[dict[str, OutOfFoldLabels], dict[str, str], list[str]]:
    """The labels of the training articles beside what models said that had not seen them; their titles."""
    if asked.columns or asked.config:
        raise DataError(f"--column and --config go with a file: {command()} suspects labelled.csv --column text=body")
    model = project_file(asked.model)
    folder = model if model.is_dir() else model.parent
    return read_oof(folder), _titles(asked.data / "prepared" / folder.resolve().name), []


def _of_file(asked: Request, file: Path) -> tuple[dict[str, OutOfFoldLabels], dict[str, str], list[str]]:
    """The same of a file's articles and the model, which should not have learned from them, and what is wrong."""
    predictor = open_model(asked.model)
    reader = ArticleReader(row_mapping(predictor.description, asked.columns, asked.config))
    rows, problems = labelled_rows(file, reader)
    for problem in problems:
        say(f"dateline: {problem}", err=True)
    if not rows:
        raise DataError(f"{file}: no row with a text and topics or regions")
    known_labels(predictor, rows)
    found = {}
    for task, judged in judge_rows(predictor, rows).items():
        count = len(predictor.taggers[task].labels)  # behind them stand labels that the model doesn't know
        chosen = tuple(row["id"] for row in rows if row[task] is not None)
        found[task] = OutOfFoldLabels(
            chosen, judged.labels[:count], judged.gold[:, :count], judged.probabilities[:, :count]
        )
    return found, {row["id"]: row["title"] or row["text"][:_TITLE] for row in rows}, problems


def _titles(prepared: Path) -> dict[str, str]:
    """The title, or the beginning of the text, of each training article."""
    with prepared_splits.snapshot(prepared) as folder:
        rows = [row for split in ("train", "validation") for row in prepared_splits.read_split(folder, split).to_list()]
    return {row["id"]: row["title"] or row["text"][:_TITLE] for row in rows}


def _row(task: str, suspect: Suspect, titles: dict[str, str]) -> dict[str, Any]:
    if suspect.id not in titles:
        raise DataError(f"article {suspect.id} is not in the prepared data: it has changed since; train again")
    labels = {"given": suspect.given, "missing": suspect.missing, "doubtful": suspect.doubtful}
    named = {name: "; ".join(given) for name, given in labels.items()}
    return {"task": task, "score": round(suspect.score, 3), "id": suspect.id, "title": titles[suspect.id], **named}


def _lines(rows: list[dict[str, Any]]) -> list[str]:
    lines: list[str] = []
    task = ""
    for row in rows:
        if row["task"] != task:
            task = row["task"]
            lines += [*([""] if lines else []), f"{task.capitalize()}: likely label errors, the worst first"]
        lines.append(f"{row['score']:5.2f}  {plain(row['id'])}  {plain(row['title'])[:_TITLE]}")
        lines.append(f"         given: {plain(row['given']) or 'none'}")
        lines += [f"         missing? {plain(row['missing'])}"] if row["missing"] else []
        lines += [f"         out of place? {plain(row['doubtful'])}"] if row["doubtful"] else []
    return lines
