"""The rows in one JSON document: under some key, as APIs answer, or in columns, as pandas writes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_DEEPEST, _LONG = 6, 200
_OF_ARTICLES = frozenset(("@type", "bodies", "headlines", "headline", "text", "body", "body_text", "body_xhtml"))
_ORIENTED = {"columns", "index", "data"}


def rows_in(value: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The longest list of objects in a document, its columns turned into rows, or the document itself as one row."""
    if set(value) >= {"columns", "data"} and set(value) <= _ORIENTED:
        return [dict(zip(value["columns"], cells, strict=False)) for cells in value["data"]]
    parts = list(value.values())
    if len(value) > 1 and all(isinstance(part, Mapping) for part in parts):
        return _of_mappings(value)
    lists = list(_lists(value, 0))
    return max(lists, key=len) if lists and not _is_article(value) else [dict(value)]


def _of_mappings(value: Mapping[str, Any]) -> list[dict[str, Any]]:
    """pandas: columns of cells by row, or rows by name."""
    first = next(iter(value.values()))
    if first and all(key.isdecimal() for key in first):
        return [{column: cells.get(key) for column, cells in value.items()} for key in first]
    lists = list(_lists(value, 0))
    return max(lists, key=len) if lists and len(value) < 5 else [{"id": name, **row} for name, row in value.items()]


def _lists(value: Any, depth: int) -> Iterator[list[dict[str, Any]]]:
    """The lists of objects in a document, outermost first."""
    if depth > _DEEPEST or not isinstance(value, Mapping):
        return
    for part in value.values():
        if isinstance(part, list) and part and all(isinstance(item, Mapping) for item in part):
            yield [dict(item) for item in part]
        yield from _lists(part, depth + 1)


def _is_article(value: Mapping[str, Any]) -> bool:
    """Whether the document is one article: a text stands in it beside its lists."""
    long = any(isinstance(part, str) and len(part) > _LONG for part in value.values())
    return long or not _OF_ARTICLES.isdisjoint(value)
