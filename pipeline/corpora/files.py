"""People's own labelled articles: row files of any format, or a folder of them, each with columns of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from pydantic import Field

from pipeline.common.article import Article, Reject
from pipeline.common.errors import DataError
from pipeline.common.project import project_file
from pipeline.corpora._downloads import Source, checked
from pipeline.corpora._noted import Noted
from pipeline.corpora._row_articles import RowOptions
from pipeline.rows.articles import ArticleReader
from pipeline.rows.joined_rows import joined
from pipeline.rows.reader import iter_files, read_format

_TABLES = (".csv", ".tsv", ".parquet", ".xlsx")  # their first rows show every column there is


class Options(RowOptions):
    """Options of people's own files."""

    path: Path = Field(description="a file, or a folder whose row files are all read")
    max_bad: float = Field(0.1, ge=0, le=1, description="share of bad rows above which reading stops with a summary")


def fetch(options: Options, raw: Path) -> list[Source]:
    """The files, where they lie. Raises DataError when there is none."""
    return [checked(file) for file in iter_files(_base(options))]


def read(options: Options, raw: Path) -> Noted:
    """The articles; a row that is none is a Reject with its line and what is wrong.

    While reading raises DataError when more than `max_bad` of the rows are bad, or a column named is in no row.
    """
    reader = ArticleReader(options.mapping())
    noted = Noted(iter(()), {})
    noted.items = joined(_items(options, reader, noted))
    return noted


def _items(options: Options, reader: ArticleReader, noted: Noted) -> Iterator[Article | Reject]:
    base = _base(options)
    files = iter_files(base)
    early = len(files) == 1 and read_format(files[0])[0] in _TABLES
    reasons: Counter[str] = Counter()
    total, first = 0, ""
    for file in files:
        name = _name(file, base)
        for row, layout in reader.rows(file):
            if early:
                reader.check_columns(str(base))
                early = False
            total += 1
            item = reader.article(row, layout, f"{name}-{row.number}", base.name.split(".")[0])
            if isinstance(item, Reject):
                reasons[item.reason] += 1
                first = first or item.where
            yield item
    reader.check_columns(str(base))
    _check_share(options, reasons, total, first)
    tell(reader, noted)


def tell(reader: ArticleReader, noted: Noted) -> None:
    """What a reader has found out, for the manifest and the predictor."""
    noted.notes |= {name: count for name, count in reader.notes.items() if count}
    noted.mapping = reader.resolved()
    noted.remarks = [*reader.remarks, *reader.labels.look_alike_remarks()]


def _base(options: Options) -> Path:
    return project_file(options.path.expanduser())


def _name(file: Path, base: Path) -> str:
    """What the ids of rows that have none begin with: their file, inside a folder."""
    return file.name if file == base else file.relative_to(base).as_posix()


def _check_share(options: Options, reasons: Counter[str], total: int, first: str) -> None:
    bad = reasons.total()
    if bad > options.max_bad * total:
        worst = "; ".join(f"{count} x {reason}" for reason, count in reasons.most_common(3))
        share = f"{bad} of {total} rows are bad, more than max_bad {options.max_bad:g}"
        raise DataError(f"{options.path}: {share}: {worst}; first at {first}")
