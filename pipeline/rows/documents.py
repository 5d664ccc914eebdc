"""The rows in one JSON document: under some key, as APIs answer, or in columns, as pandas writes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_DEEPEST, _LONG = 6, 200
_OF_ARTICLES = frozenset(("@type", "bodies", "headlines", "headline", "text", "body", "body_text", "body_xhtml"))
_ORIENTED = {"columns", "index", "data"}


def rows_in(value: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The list of objects with the most text in a document, its columns as rows, or the document itself as one row."""
    if set(value) >= {"columns", "data"} and set(value) <= _ORIENTED:
        return [dict(zip(value["columns"], cells, strict=False)) for cells in value["data"]]
    if isinstance(value.get("data"), list) and isinstance(value.get("included"), list):
        return [_with_included(row, _by_reference(value["included"])) for row in value["data"] if isinstance(row, dict)]
    parts = list(value.values())
    if len(value) > 1 and all(isinstance(part, Mapping) for part in parts):
        return _of_mappings(value)
    lists = list(_lists(value, 0))
    return max(lists, key=_letters) if lists and not _is_article(value) else [dict(value)]


def _of_mappings(value: Mapping[str, Any]) -> list[dict[str, Any]]:
    """pandas: columns of cells by row, or rows by name."""
    first = next(iter(value.values()))
    if first and all(key.isdecimal() for key in first):
        return [{column: cells.get(key) for column, cells in value.items()} for key in first]
    lists = list(_lists(value, 0))
    return (
        max(lists, key=_letters) if lists and len(value) < 5 else [{"id": name, **row} for name, row in value.items()]
    )


def _lists(value: Any, depth: int) -> Iterator[list[dict[str, Any]]]:
    """The lists of objects in a document, outermost first."""
    if depth > _DEEPEST or not isinstance(value, Mapping):
        return
    for name, part in value.items():
        if isinstance(part, list) and part and all(isinstance(item, Mapping) for item in part):
            yield _with_tags(value) if name == "posts" and "posts_tags" in value else [dict(item) for item in part]
        yield from _lists(part[0] if isinstance(part, list) and len(part) == 1 else part, depth + 1)


def _letters(rows: Sequence[Any]) -> int:
    """How much text stands in rows, and in the objects within them."""
    return sum(map(_letters_of, rows))


def _letters_of(value: Any, depth: int = 0) -> int:
    if isinstance(value, str):
        return len(value)
    if not isinstance(value, Mapping) or depth > _DEEPEST:
        return 1
    return sum(_letters_of(part, depth + 1) for part in value.values())


def _with_tags(value: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The posts of Ghost's export, with the names of the tags that stand in another table."""
    names = {tag.get("id"): tag.get("name") for tag in value.get("tags", ())}
    tags: dict[Any, list[Any]] = {}
    for link in value["posts_tags"]:
        tags.setdefault(link.get("post_id"), []).append(names.get(link.get("tag_id")))
    return [{**post, "tags": tags.get(post.get("id"), [])} for post in value["posts"]]


def _by_reference(included: Sequence[Any]) -> dict[tuple[Any, Any], dict[str, Any]]:
    """What a document of JSON:API includes, by type and id."""
    return {
        (one.get("type"), one.get("id")): one["attributes"]
        for one in included
        if isinstance(one, Mapping) and isinstance(one.get("attributes"), dict)
    }


def _with_included(row: dict[str, Any], known: Mapping[tuple[Any, Any], dict[str, Any]]) -> dict[str, Any]:
    """A row with what its relationships refer to in their place."""
    related = row.get("relationships")
    if not isinstance(related, dict):
        return row
    found = {name: _referred(one.get("data"), known) for name, one in related.items() if isinstance(one, dict)}
    return {**row, "relationships": found}


def _referred(data: Any, known: Mapping[tuple[Any, Any], dict[str, Any]]) -> Any:
    if isinstance(data, list):
        return [_referred(one, known) for one in data]
    return known.get((data.get("type"), data.get("id")), data) if isinstance(data, dict) else data


def _is_article(value: Mapping[str, Any]) -> bool:
    """Whether the document is one article: a text stands in it beside its lists."""
    long = any(isinstance(part, str) and len(part) > _LONG for part in value.values())
    return long or not _OF_ARTICLES.isdisjoint(value)
