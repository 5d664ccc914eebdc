"""Editors' corrections as training articles: what was said last of each article."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from pipeline.common.article import Article, Reject
from pipeline.common.errors import DataError
from pipeline.corpora._downloads import Source
from pipeline.corpora._noted import Noted
from pipeline.rows.feedback import Correction, digest
from pipeline.rows.feedback_store import FEEDBACK, Feedback

SOURCE = "feedback"


class Options(BaseModel):
    """Options of the corpus of corrections."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: Path = Field(FEEDBACK, description="the SQLite file of corrections that the service writes")
    without: tuple[str, ...] = Field((), description="articles left out, by id or SHA-256 of title and text")


def fetch(options: Options, raw: Path) -> list[Source]:
    """The file; its hash is that of what it says. Raises DataError when nothing has been corrected."""
    found = _chosen(options)
    if not found:
        raise DataError(f"{options.path} holds no corrections to learn from; the service's page and /feedback add them")
    return [Source(options.path, digest(found))]


def read(options: Options, raw: Path) -> Iterator[Article | Reject]:
    """The corrected articles, with their labels as the editors gave them."""
    found = _chosen(options)
    return Noted(map(_article, found), {"corrections": len(found), "corrections_sha256": digest(found)})


def _chosen(options: Options) -> list[Correction]:
    left_out = frozenset(options.without)
    return [one for one in Feedback(options.path).latest() if one.article not in left_out]


def _article(one: Correction) -> Article:
    topics, regions = (None if given is None else list(given) for given in (one.topics, one.regions))
    where = f"correction of {one.received} by {one.by or 'somebody'}"
    return Article(
        one.article, one.text, one.title, one.date, source=SOURCE, topics=topics, regions=regions, where=where
    )
