"""The command `suspects`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pipeline.commands._output import say
from pipeline.common.errors import DataError
from pipeline.common.text import plain
from pipeline.evaluation.suspects import Suspect, find_suspects, read_oof
from pipeline.preparation import prepared_splits
from pipeline.rows.reader import file_format
from pipeline.rows.writer import open_writer

_TITLE = 90


def run(model: Path, data: Path, most: int, output: Path | None, force: bool) -> None:
    """Print the articles whose labels look wrong, each task's worst first, and write them to `output` when given."""
    if output is not None:
        file_format(output)
        if output.exists() and not force:
            raise DataError(f"{output} exists; name another file or add --force")
    tasks = {task: find_suspects(given, most) for task, given in read_oof(model).items()}
    titles = _titles(data / "prepared" / model.resolve().name)
    rows = [_row(task, suspect, titles) for task, found in tasks.items() for suspect in found]
    if output is not None:
        with open_writer(output, list(rows[0]) if rows else None) as writer:
            for row in rows:
                writer.write(row)
    say("\n".join(_lines(rows)) if rows else "no suspect labels")


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
