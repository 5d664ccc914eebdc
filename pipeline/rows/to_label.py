"""Articles that wait to be labelled, in the order in which they are shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import orjson

from pipeline.common.errors import DataError
from pipeline.rows.feedback import text_key


@dataclass(frozen=True)
class ToLabel:
    """An article to label. `key` tells its text from others, whatever file it came from."""

    id: str
    title: str
    text: str
    date: str = ""

    @cached_property
    def key(self) -> str:
        """SHA-256 of title and text."""
        return text_key(self.title, self.text)


@dataclass(frozen=True, slots=True)
class Queue:
    """Articles to label, where their labels go, and the share of them that two people are to label."""

    articles: tuple[ToLabel, ...]
    labels_to: Path
    overlap: float = 0.0


def with_own_ids(articles: Iterable[ToLabel], taken: Mapping[str, str]) -> tuple[ToLabel, ...]:
    """The articles, each text once; one without an id, or with one that another text has, is named by its key.

    `taken` are ids that were given before, with the keys of their texts.
    """
    found: dict[str, ToLabel] = {}
    keys = dict(taken)
    for one in articles:
        if one.key not in found:
            own = one if one.id and keys.get(one.id, one.key) == one.key else replace(one, id=one.key[:16])
            found[one.key] = own
            keys[own.id] = own.key
    return tuple(found.values())


def write_queue(path: Path, queue: Queue) -> None:
    """Keep a queue for the processes of the service."""
    values: dict[str, Any] = {"labels_to": str(queue.labels_to), "overlap": queue.overlap}
    path.write_bytes(orjson.dumps(values | {"articles": [asdict(one) for one in queue.articles]}))


def read_queue(path: Path) -> Queue:
    """The inverse. Raises DataError when the file isn't there, or is none."""
    try:
        found = orjson.loads(path.read_bytes())
        articles = tuple(ToLabel(**one) for one in found["articles"])
        return Queue(articles, Path(found["labels_to"]), float(found["overlap"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(f"{path} holds no articles to label ({type(error).__name__}): serve --label makes it") from None
