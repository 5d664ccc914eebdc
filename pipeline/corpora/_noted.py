"""A reader that has more to tell than its articles."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pipeline.common.article import Article, Reject


class Noted(Iterator[Article | Reject]):
    """What a corpus yields, and what it has to tell once it is exhausted.

    `notes` are counts for the manifest, `remarks` sentences for people, and `mapping` says how rows were understood, so
    that a predictor can read others like them.
    """

    def __init__(self, items: Iterator[Article | Reject], notes: dict[str, Any]) -> None:
        self.items = items
        self.notes = notes
        self.remarks: list[str] = []
        self.mapping: dict[str, Any] | None = None

    def __next__(self) -> Article | Reject:
        return next(self.items)
