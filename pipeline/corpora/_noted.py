"""A reader that has more to tell than its rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pipeline.common.article import Article, Reject


class Noted(Iterator[Article | Reject]):
    """What a corpus yields, the `notes` for the manifest, complete once it is exhausted, and how many items can be
    `expected`, if that is known."""

    def __init__(self, items: Iterator[Article | Reject], notes: dict[str, Any], expected: int | None = None) -> None:
        self.notes = notes
        self.expected = expected
        self._items = items

    def __next__(self) -> Article | Reject:
        return next(self._items)
