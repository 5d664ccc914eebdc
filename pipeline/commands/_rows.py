"""How a command reads people's rows: as the model's training did, with columns named by hand above that."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pipeline.common.article import Article, Reject
from pipeline.rows.articles import ArticleReader
from pipeline.rows.joined_rows import joined
from pipeline.rows.layout import TASKS
from pipeline.rows.mapping import RowMapping, from_dict, parse_columns
from pipeline.rows.reader import iter_files


def row_mapping(description: dict[str, Any], columns: Sequence[str] = (), config: Path | None = None) -> RowMapping:
    """The mapping of a configuration, or the one that a predictor's description brings, and `--column` above it.

    Raises DataError or ConfigError.
    """
    if config is None:
        known = [one for one in description.get("rows") or () if isinstance(one, dict)]
        first, others = (known[0], known[1:]) if known else ({}, [])
        mapping = from_dict({**first, "others": [*first.get("others", ()), *others]})
    else:
        mapping = _configured(config)
    return mapping.with_columns(parse_columns(columns))


def read_articles(path: Path, reader: ArticleReader, numbered: bool = True) -> Iterator[Article | Reject]:
    """The articles of a file or folder by a reader's mapping; ids that the file lacks are row numbers, or empty."""
    rows = (one for file in iter_files(path) for one in reader.rows(file))
    yield from joined(reader.article(row, layout, str(row.number) if numbered else "", "") for row, layout in rows)
    reader.check_columns(str(path))


def labelled_rows(path: Path, reader: ArticleReader) -> tuple[list[dict[str, Any]], list[str]]:
    """The rows of a file that have labels, as `evaluation` takes them, and what is wrong with the others."""
    rows, problems = [], []
    for item in read_articles(path, reader):
        if isinstance(item, Reject):
            problems.append(f"{item.where}: {item.reason}")
        elif item.topics is None and item.regions is None:
            problems.append(f"{item.where}: topics and regions are both missing")
        else:
            rows.append({name: getattr(item, name) for name in ("id", "title", "text", "source", *TASKS)})
    return rows, problems


def _configured(config: Path) -> RowMapping:
    from pipeline.common.config_file import load_config, parse_options
    from pipeline.corpora import corpus
    from pipeline.corpora._row_articles import RowOptions

    settings = load_config(config, [])
    for one in settings.corpora:
        options = corpus(one.corpus).Options
        if issubclass(options, RowOptions):
            return replace(parse_options(options, one.options, str(config)).mapping(), strict=False)
    return RowMapping()
