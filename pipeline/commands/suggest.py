"""The command `suggest`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import typer

from pipeline.commands._open_model import open_model
from pipeline.commands._output import SOME_FAILED, say
from pipeline.commands._rows import read_articles, row_mapping
from pipeline.common.article import Reject
from pipeline.common.errors import DataError
from pipeline.common.files import check_not_input
from pipeline.evaluation.suggest import Suggestion, suggest
from pipeline.evaluation.suspects import FILE, read_oof
from pipeline.features.texts import Text
from pipeline.rows.articles import ArticleReader
from pipeline.rows.mapping import RowMapping
from pipeline.rows.reader import file_format
from pipeline.rows.writer import open_writer

_SHEETS = (".csv", ".tsv")


@dataclass(slots=True)
class Unlabelled:
    """A row that can be tagged."""

    id: str
    text: Text
    date: str


def run(
    input_: Path,
    output: Path,
    most: int,
    model: str,
    force: bool,
    columns: Sequence[str] = (),
    config: Path | None = None,
) -> None:
    """Write the articles worth labelling, predicted tags filled in. Exits with 1 when some rows could not be used."""
    form, _ = file_format(output)
    check_not_input(output, [input_])
    if output.exists() and not force:
        raise DataError(f"{output} exists; name another file or add --force")
    predictor = open_model(model)
    rows, problems = read_unlabelled(input_, row_mapping(predictor.description, columns, config))
    for problem in problems:
        say(f"dateline: {problem}", err=True)
    found = suggest(predictor, [row.text for row in rows], most, support_of(Path(model)))
    with open_writer(output) as writer:
        for suggestion in found:
            writer.write(_row(rows[suggestion.position], suggestion, form in _SHEETS))
    say(f"{output}: {len(found):,} of {len(rows):,} articles to label, the most worthwhile first")
    if problems:
        raise typer.Exit(SOME_FAILED)


def support_of(model: Path) -> dict[str, np.ndarray] | None:
    """How many training articles each label had, where the model's folder tells."""
    folder = model if model.is_dir() else model.parent
    if not (folder / FILE).is_file():
        return None
    return {task: found.gold.sum(axis=0) for task, found in read_oof(folder).items()}


def read_unlabelled(
    path: Path, mapping: RowMapping | None = None, numbered: bool = True
) -> tuple[list[Unlabelled], list[str]]:
    """The rows of a file that can be tagged, and what is wrong with the others. Raises DataError when none can.

    Rows without an id have their number for it, unless they are not to be `numbered`.
    """
    rows, problems = [], []
    reader = ArticleReader(mapping or RowMapping(), labelled=False, unique=False)
    for item in read_articles(path, reader, numbered):
        if isinstance(item, Reject):
            problems.append(f"{item.where}: {item.reason}")
        else:
            rows.append(Unlabelled(item.id, Text(item.text, item.title), item.date))
    if not rows:
        raise DataError(f"{path}: no row with a text")
    return rows, problems


def _row(row: Unlabelled, suggestion: Suggestion, sheet: bool) -> dict[str, Any]:
    """A line to label: a spreadsheet gets labels joined by semicolons, as `corpus: files` reads them."""
    labels: dict[str, Any] = {**suggestion.predicted, "unsure": suggestion.unsure}
    shown = {name: "; ".join(given) if sheet else list(given) for name, given in labels.items()}
    return {"id": row.id, "title": row.text.title, "date": row.date, **shown, "text": row.text.text}
