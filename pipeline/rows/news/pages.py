"""Articles in HTML pages, by their schema.org JSON-LD, else by what the page shows."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.common.encodings import encoding_of
from pipeline.common.markup import unescaped, without_markup
from pipeline.common.patterns import lazily

_SCRIPT = lazily(
    r"<script\b[^<>]{0,400}type\s*=\s*[\"']?application/ld\+json[^<>]{0,400}>(.*?)</script\s*>", re.IGNORECASE | re.S
)
_TYPES = lazily(r"Article|BlogPosting|Report(age)?|LiveBlog", re.IGNORECASE)
_MOST_SCRIPTS, _ENOUGH = 50, 200


def articles_in(content: bytes, name: str) -> Iterator[dict[str, Any]]:
    """The article that a page describes in JSON-LD, its text taken from the page when it isn't there.

    A page without JSON-LD is read as `predict --file` does; one without an article gives nothing.
    """
    page = content.decode(encoding_of(content, name), errors="replace")
    described = [article_of(found) for found in _described(page)]
    whole = [row for row in described if len(row.get("text", "")) >= _ENOUGH]
    if whole:
        yield from whole
        return
    shown = _shown(content)
    first = described[0] if described else {}
    row = {**shown, **{field: value for field, value in first.items() if value and field != "text"}}
    row["text"] = shown.get("text") or first.get("text", "")
    if row["text"]:
        yield row


def article_of(found: Mapping[str, Any]) -> dict[str, Any]:
    """The row of a schema.org article."""
    keywords = _names(found.get("keywords"), split=True)
    places = _names(found.get("contentLocation")) + _names(found.get("spatialCoverage"))
    row = {
        "id": found.get("@id") or found.get("identifier") or found.get("url"),
        "title": found.get("headline") or found.get("name"),
        "text": without_markup(str(found.get("articleBody") or found.get("text") or found.get("description") or "")),
        "date": found.get("datePublished") or found.get("dateCreated"),
        "url": found.get("url") or _names(found.get("mainEntityOfPage"))[:1],
        "source": (_names(found.get("publisher")) or [""])[0],
        "topics": list(dict.fromkeys(_names(found.get("articleSection")) + keywords + _names(found.get("about")))),
        "regions": places,
    }
    row |= {
        name: value[0] for name, value in row.items() if name in ("url", "id") and isinstance(value, list) and value
    }
    return {name: unescaped(value) if isinstance(value, str) else value for name, value in row.items() if value}


def is_article(value: Any) -> bool:
    """Whether a JSON object is a schema.org article."""
    kinds = value.get("@type") if isinstance(value, Mapping) else None
    return any(_TYPES.search(str(kind)) for kind in (kinds if isinstance(kinds, list) else [kinds]) if kind)


def _described(page: str) -> Iterator[Mapping[str, Any]]:
    for number, match in enumerate(_SCRIPT.finditer(page)):
        if number >= _MOST_SCRIPTS:
            return
        try:
            value = json.loads(match[1].strip().removeprefix("<!--").removesuffix("-->"), strict=False)
        except (ValueError, RecursionError):
            continue
        yield from _articles(value)


def _articles(value: Any, depth: int = 0) -> Iterator[Mapping[str, Any]]:
    """The articles in JSON-LD: alone, in a list, in a graph, or as what a page is about."""
    if depth > 4:
        return
    if isinstance(value, list):
        for item in value:
            yield from _articles(item, depth + 1)
    elif is_article(value):
        yield value
    elif isinstance(value, Mapping):
        for name in ("@graph", "mainEntity", "itemListElement", "item"):
            yield from _articles(value.get(name), depth + 1)


def _names(value: Any, split: bool = False) -> list[str]:
    """What a text, an object with a name, or a list of these names."""
    if isinstance(value, list):
        return [name for item in value for name in _names(item)]
    if isinstance(value, Mapping):
        return _names(value.get("name") or value.get("@id") or value.get("termCode"))
    text = str(value or "").strip()
    return [part.strip() for part in text.split(",") if part.strip()] if split else [text] * bool(text)


def _shown(content: bytes) -> dict[str, Any]:
    """Title, text and date that a page shows; nothing without the package that finds them, or without an article."""
    try:
        from trafilatura import bare_extraction
    except ImportError:
        return {}
    found: Any = bare_extraction(content, with_metadata=True, include_comments=False, include_tables=False)
    if not found or not (found.text or "").strip():
        return {}
    title = (found.title or "").strip()
    text = found.text.strip().removeprefix(title).lstrip() or found.text
    row = {"title": title, "text": text, "date": found.date, "url": found.url, "source": found.sitename}
    return {name: value for name, value in row.items() if value}
