"""The one record that every stage hands on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

TOPICS, REGIONS = "topics", "regions"
Split = Literal["train", "validation", "test"]


@dataclass(slots=True)
class Article:
    """One news article with its labels.

    `topics` and `regions` are keys of the corpus's vocabularies, most central first; None means that the article
    was not labelled for that task, an empty list that it was and has none. `date` is ISO 8601 (`YYYY-MM-DD`, time
    optional) or empty. `split` is set only by corpora that come with a split of their own. `corpus` is which of the
    configuration's corpora it came from; `prepare` sets it. `where` says where the article was read (`file:line`), for
    messages.
    """

    id: str
    text: str
    title: str = ""
    date: str = ""
    source: str = ""
    url: str = ""
    topics: list[str] | None = None
    regions: list[str] | None = None
    split: Split | None = None
    corpus: str = ""
    where: str = ""


@dataclass(slots=True)
class Reject:
    """A row that could not be used: where it stood, and why."""

    where: str
    reason: str
    id: str = ""
    row: dict[str, object] = field(default_factory=dict)
