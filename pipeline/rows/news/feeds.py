"""Entries of RSS and Atom feeds."""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipeline.common.errors import DataError
from pipeline.common.project import missing

_NO_ARTICLES = ("attachment", "nav_menu_item", "revision", "wp_navigation", "wp_global_styles", "custom_css")


def entries_in(path: Path, content: bytes) -> Iterator[dict[str, Any]]:
    """The entries of a feed: full text where it has one, else the summary. Raises DataError for a broken feed."""
    try:
        import feedparser
    except ImportError:
        raise DataError(missing(f"{path}, a feed,", "formats")) from None
    feed = feedparser.parse(content)
    if feed.bozo and not feed.entries:
        raise DataError(f"{path} is no feed that can be read ({feed.bozo_exception}): fetch it again")
    source = feed.feed.get("title", "")
    yield from (_row(entry, source) for entry in feed.entries if entry.get("wp_post_type") not in _NO_ARTICLES)


def _row(entry: Any, source: str) -> dict[str, Any]:
    full = max((part.get("value", "") for part in entry.get("content", ())), key=len, default="")
    tags = entry.get("tags", ())
    categories = [tag for tag in tags if tag.get("scheme") == "category"]  # WordPress, which has tags beside them
    row = {
        "id": entry.get("id") or entry.get("link"),
        "title": entry.get("title", ""),
        "text": full or entry.get("summary", ""),
        "date": _date(entry),
        "url": entry.get("link", ""),
        "source": source,
        "topics": _names(categories or tags),
        "tags": _names([tag for tag in tags if tag not in categories]) if categories else [],
    }
    return {name: value for name, value in row.items() if value or name == "text"}


def _names(tags: Iterable[Any]) -> list[str]:
    return list(dict.fromkeys(tag.get("label") or tag.get("term") or "" for tag in tags))


def _date(entry: Any) -> str:
    moment = entry.get("published_parsed") or entry.get("updated_parsed")
    written = entry.get("published") or entry.get("updated") or ""
    return f"{datetime.fromtimestamp(calendar.timegm(moment), UTC):%Y-%m-%dT%H:%M:%SZ}" if moment else written
