"""Worldwire: news articles of 2001 to 2026 that a language model wrote for this project; data/articles/README.md."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from pipeline.common.article import Article, Reject
from pipeline.common.project import project_file
from pipeline.corpora._downloads import Source, checked
from pipeline.rows.reader import read_rows

SOURCE = "worldwire"
NOTICE = (
    "The articles of Worldwire were written by a language model, not by journalists: they are no source of facts and "
    "no sample of real news. Figures on them stay apart from those on real articles; nothing is judged on them alone."
)
_TEXTS, _LISTS = ("id", "title", "text", "date"), ("topics", "regions")


class Options(BaseModel):
    """Options of the Worldwire corpus."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: Path = Field(Path("data/articles/worldwire.jsonl"), description="the articles, one JSON object a line")


def fetch(options: Options, raw: Path) -> list[Source]:
    """The file, which comes with the project."""
    return [checked(options.path)]


def read(options: Options, raw: Path) -> Iterator[Article | Reject]:
    """The articles with the labels of their second reading."""
    for row in read_rows(project_file(options.path)):
        if row.data is None:
            yield Reject(row.where, row.error)
            continue
        missing = [name for name in (*_TEXTS, *_LISTS) if not isinstance(row.data.get(name), _kind(name))]
        if missing:
            yield Reject(row.where, f"'{missing[0]}' is missing or no {_kind(missing[0]).__name__}")
            continue
        fields = {name: row.data[name] for name in (*_TEXTS, *_LISTS)}
        yield Article(**fields, source=SOURCE, where=row.where)


def _kind(name: str) -> type:
    return list if name in _LISTS else str
