"""People's own labelled articles: JSONL, CSV, TSV and Parquet files, or a folder of them."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import Field

from pipeline.common.article import Article, Reject
from pipeline.common.errors import DataError
from pipeline.common.project import project_file
from pipeline.corpora._downloads import Source, checked
from pipeline.corpora._noted import Noted
from pipeline.corpora._row_articles import RowArticles, RowOptions
from pipeline.rows.reader import Row, file_format, iter_files, read_rows
from pipeline.rows.row_count import expected_rows

_SAMPLE = 1000
_TABLES = (".csv", ".tsv", ".parquet")  # their first rows show every column there is


class Options(RowOptions):
    """Options of people's own files."""

    path: Path = Field(description="a file, or a folder whose row files are all read")
    max_bad: float = Field(0.1, ge=0, le=1, description="share of bad rows above which reading stops with a summary")


def fetch(options: Options, raw: Path) -> list[Source]:
    """The files, where they lie. Raises DataError when there is none."""
    return [checked(file) for file in iter_files(project_file(options.path.expanduser()))]


def read(options: Options, raw: Path) -> Noted:
    """The articles; a row that is none is a Reject with its line and what is wrong.

    While reading raises DataError when more than `max_bad` of the rows are bad, or a column named is in no row.
    """
    notes: dict[str, Any] = {}
    return Noted(_items(options, notes), notes, expected_rows(iter_files(project_file(options.path.expanduser()))))


def _items(options: Options, notes: dict[str, Any]) -> Iterator[Article | Reject]:
    base = project_file(options.path.expanduser())
    files = iter_files(base)
    sample = (row.data for row in itertools.islice(_rows(files), _SAMPLE) if row.data)
    articles = RowArticles(options, base.name.split(".")[0], sample)
    if len(files) == 1 and file_format(files[0])[0] in _TABLES:
        articles.check_columns(str(base))
    reasons: Counter[str] = Counter()
    total, first = 0, ""
    for total, row in enumerate(_rows(files), 1):  # noqa: B007
        name = _name(row, base)
        item = Reject(row.where, row.error) if row.data is None else articles.item(row.data, row.where, name)
        if isinstance(item, Reject):
            reasons[item.reason] += 1
            first = first or item.where
        yield item
    articles.check_columns(str(base))
    _check_share(options, reasons, total, first)
    if articles.dates_lost:
        notes["dates_not_understood"] = articles.dates_lost


def _rows(files: list[Path]) -> Iterator[Row]:
    return itertools.chain.from_iterable(read_rows(file) for file in files)


def _name(row: Row, base: Path) -> str:
    """The id of a row that has none: its file, inside a folder, and its number."""
    file = Path(row.file)
    return f"{file.name if file == base else file.relative_to(base).as_posix()}-{row.number}"


def _check_share(options: Options, reasons: Counter[str], total: int, first: str) -> None:
    bad = reasons.total()
    if bad > options.max_bad * total:
        worst = "; ".join(f"{count} x {reason}" for reason, count in reasons.most_common(3))
        share = f"{bad} of {total} rows are bad, more than max_bad {options.max_bad:g}"
        raise DataError(f"{options.path}: {share}: {worst}; first at {first}")
