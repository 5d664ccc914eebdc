"""Texts as rows hold them: text, numbers, paragraphs in a list, or the blocks of an editor."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.rows.layout import Layout
from pipeline.rows.paths import ABSENT, value_at

KEPT = "kept"
"""Where `text_fields` puts a row's other fields."""

_TEXTS = ("text", "content", "children", "value", "data", "items", "html")  # of a block, the most usual first
_DEEPEST = 8
_FIELDS = ("id", "title", "text", "date")


class BadRowError(Exception):
    """What is wrong with a row, in words."""


def text_fields(data: Mapping[str, Any], layout: Layout, keep: bool) -> dict[str, Any]:
    """What a row that is to be tagged has as id, title, text and date, and with `keep` all but its text under KEPT."""
    found: dict[str, Any] = {}
    for field in _FIELDS:
        value = layout.value(data, field)
        if isinstance(value, str):
            found[field] = value
        elif value is not ABSENT:
            no_article = field == "text" and isinstance(value, int | float)
            found[field] = value if no_article else as_text(value)
    if not found.get("text") and (other := next(filter(None, _others(data, layout)), "")):
        found["text"] = other
    if keep:
        taken = {layout.columns[field][0] for field in ("id", "text") if field in layout.columns}
        found[KEPT] = {name: value for name, value in data.items() if name not in taken}
    return found


def text_of(data: Mapping[str, Any], layout: Layout, field: str) -> str:
    """What a row has in a field, stripped; empty without one. Raises BadRowError for what is no text."""
    value = layout.value(data, field)
    if isinstance(value, str) and value:
        return value.strip()
    value = as_text(value)
    if field == "text" and value in (ABSENT, None, ""):
        value = next(filter(None, _others(data, layout)), value)
    if value is ABSENT or value is None or isinstance(value, str):
        return "" if value is ABSENT or value is None else str(value).strip()
    raise BadRowError(f"column '{layout.columns[field][0]}' holds a {type(value).__name__}, not text")


def as_text(value: Any) -> Any:
    """Numbers as text, nothing for what is no number, paragraphs or blocks in a list as one text."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value) if not is_nan(value) else None
    if isinstance(value, list) and value and (parts := list(_paragraphs(value, 0))):
        return "\n".join(parts)
    return value


def is_nan(value: Any) -> bool:
    """Whether a value is what pandas writes for nothing."""
    return isinstance(value, float) and math.isnan(value)


def _paragraphs(value: list[Any], depth: int) -> Iterator[str]:
    """The texts in the blocks of an editor (Arc, Editor.js, Portable Text), those of one block as one paragraph."""
    for block in value if depth < _DEEPEST else ():
        if isinstance(block, str):
            yield block
        elif isinstance(block, Mapping) and (text := "".join(_inside(block, depth + 1))):
            yield text


def _inside(block: Mapping[str, Any], depth: int) -> Iterator[str]:
    found = next((block[name] for name in _TEXTS if isinstance(block.get(name), str | list | Mapping)), None)
    if isinstance(found, str):
        yield found
    elif isinstance(found, list):
        yield from _paragraphs(found, depth)
    elif isinstance(found, Mapping) and depth < _DEEPEST:
        yield from _inside(found, depth + 1)


def _others(data: Mapping[str, Any], layout: Layout) -> Iterator[Any]:
    """Texts in columns that are less usual for them than the first that the row has."""
    for column in layout.columns.get("text", ())[1:]:
        value = as_text(value_at(data, column))
        yield value if isinstance(value, str) else None
