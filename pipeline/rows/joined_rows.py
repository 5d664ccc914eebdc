"""Articles that stand in several rows, one per label, as databases join them: put together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pipeline.common.article import Article, Reject
from pipeline.rows.layout import TASKS


def joined(items: Iterable[Article | Reject]) -> Iterator[Article | Reject]:
    """The articles, those in rows that follow each other and differ in nothing but their labels made one."""
    held: Article | None = None
    for item in items:
        if isinstance(item, Article) and held is not None and same_article(item, held):
            for task in TASKS:
                setattr(held, task, _together(getattr(held, task), getattr(item, task)))
            continue
        if held is not None:
            yield held
        held = item if isinstance(item, Article) else None
        if held is None:
            yield item
    if held is not None:
        yield held


def same_article(one: Article, other: Article) -> bool:
    """Whether two rows are one article with other labels; one that says the same again is a mistake."""
    alike = (one.id, one.title, one.text) == (other.id, other.title, other.text)
    return alike and (one.topics, one.regions) != (other.topics, other.regions)


def _together(one: list[str] | None, other: list[str] | None) -> list[str] | None:
    return one if other is None else list(dict.fromkeys([*(one or ()), *other]))
