"""One hash of the content of many articles, whatever file they stand in."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from json.encoder import encode_basestring_ascii as quoted

import orjson

from pipeline.common.article import Article


def content_hash(articles: Iterable[Article]) -> str:
    """SHA-256 over every field of every article, in order, as one object each as Python's encoder writes it in ASCII,
    the fields sorted."""
    digest = hashlib.sha256()
    for one in articles:
        before = f'{{"date": {quoted(one.date)}, "group": 0, "id": {quoted(one.id)}, "regions": {_listed(one.regions)}'
        digest.update(f'{before}, "source": {quoted(one.source)}, "text": '.encode())
        digest.update(_text(one.text))
        behind = f', "title": {quoted(one.title)}, "topics": {_listed(one.topics)}, "url": {quoted(one.url)}}}'
        digest.update(behind.encode())
    return digest.hexdigest()


def _listed(labels: list[str] | None) -> str:
    return "null" if labels is None else f"[{', '.join(map(quoted, labels))}]"


def _text(text: str) -> bytes:
    """A text by a faster encoder, where that does the same."""
    return orjson.dumps(text) if text.isascii() and "\x7f" not in text else quoted(text).encode()
