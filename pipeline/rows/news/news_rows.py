"""Articles in feeds, in news XML, in pages and in web archives, as rows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from pipeline.common.errors import DataError

if TYPE_CHECKING:
    from pipeline.rows.json_rows import Parsed

FORMATS = (".xml", ".rss", ".atom", ".html", ".htm", ".xhtml", ".warc")
_PAGES = (".html", ".htm", ".xhtml")
_MOST = 1 << 28
_FEED = re.compile(rb"<(?:rss|feed|rdf:RDF)\b", re.IGNORECASE)
_NEWS = re.compile(rb"<(?:\w+:)?(?:newsMessage|newsItem|packageItem|knowledgeItem|nitf)\b")
_HEAD = 16_384


def read(path: Path, stream: BinaryIO, form: str) -> Iterator[Parsed]:
    """The articles, numbered from 1. Raises DataError for a file that holds none of these formats."""
    if form == ".warc":
        from pipeline.rows.news.archive_rows import read_archive

        yield from read_archive(path, stream)
        return
    content = stream.read(_MOST + 1)
    if len(content) > _MOST:
        raise DataError(f"{path} has more than {_MOST >> 20} MB: split it")
    found = list(_items(path, content, form))
    if not found:
        raise DataError(f"{path} holds no article: a feed, NewsML-G2, NITF or a page with an article is read")
    yield from ((number, item, "") for number, item in enumerate(found, 1))


def is_news_xml(content: bytes) -> bool:
    """Whether bytes begin like a feed or news XML rather than like a text or a page."""
    head = content[:_HEAD]
    return bool(_FEED.search(head) or _NEWS.search(head)) and b"<html" not in head.lower()


def _items(path: Path, content: bytes, form: str) -> Iterator[dict[str, Any]]:
    head = content[:_HEAD]
    if form not in _PAGES and _NEWS.search(head):
        from pipeline.rows.news.news_xml import items_in

        yield from items_in(path, content)
    elif form not in _PAGES and _FEED.search(head):
        from pipeline.rows.news.feeds import entries_in

        yield from entries_in(path, content)
    elif form in _PAGES or b"<html" in head.lower():
        from pipeline.rows.news.pages import articles_in

        yield from articles_in(content, str(path))
