"""One hash of the content of many articles, whatever file they stand in."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

import orjson

from pipeline.common.article import Article

_JSON = json.JSONEncoder(ensure_ascii=True, sort_keys=True)


def content_hash(articles: Iterable[Article]) -> str:
    """SHA-256 over every field of every article, in order, as one object of JSON each."""
    digest = hashlib.sha256()
    for one in articles:
        before = {"date": one.date, "group": 0, "id": one.id, "regions": one.regions, "source": one.source}
        behind = {"title": one.title, "topics": one.topics, "url": one.url}
        digest.update(f'{_JSON.encode(before)[:-1]}, "text": '.encode())
        digest.update(_as_json(one.text))
        digest.update(f", {_JSON.encode(behind)[1:]}".encode())
    return digest.hexdigest()


def _as_json(text: str) -> bytes:
    """A text as Python's encoder writes it in ASCII, by a faster one where that does the same."""
    return orjson.dumps(text) if text.isascii() and "\x7f" not in text else _JSON.encode(text).encode()
