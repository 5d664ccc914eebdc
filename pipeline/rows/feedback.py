"""Editors' corrections and labels as rows: what each says, and of which article."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

from pipeline.common.errors import DataError

FIELDS = ("received", "by", "id", "title", "text", "date", "topics", "regions", "model")
TASKS = ("topics", "regions")
_ALL, SAID = frozenset(FIELDS), frozenset(FIELDS) - frozenset(TASKS)


@dataclass(frozen=True, slots=True)
class Correction:
    """The tags that somebody gave an article; None for a task that was not looked at, empty for none.

    `by` is who said so, `model` the SHA-256 of the predictor whose tags were corrected, `received` when, in UTC.
    """

    text: str
    title: str = ""
    id: str = ""
    date: str = ""
    topics: tuple[str, ...] | None = None
    regions: tuple[str, ...] | None = None
    model: str = ""
    by: str = ""
    received: str = ""

    @property
    def digest(self) -> str:
        """SHA-256 of all that it says: a correction sent twice is one."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()

    @property
    def article(self) -> str:
        """What tells its article from others: the id, or the text where there is none."""
        return self.id or text_key(self.title, self.text)

    def as_row(self) -> dict[str, Any]:
        """The correction as a labelled row that `train` and `evaluate` read."""
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in asdict(self).items()
            if value is not None
        }


def text_key(title: str, text: str) -> str:
    """What tells a text from others, whatever its id."""
    return hashlib.sha256(f"{title}\n{text}".encode("utf-8", "replace")).hexdigest()


def is_said(row: Mapping[str, Any]) -> bool:
    """Whether a row is one of a person's labels or corrections, of which an article can have several."""
    return SAID <= row.keys() <= _ALL and all(isinstance(row[name], str) for name in SAID)


def says_nothing(row: Mapping[str, Any]) -> bool:
    """Whether such a row takes back what was said of its article before."""
    return all(row.get(task) is None for task in TASKS)


def article_of(row: Mapping[str, Any]) -> str:
    """What tells the article of such a row from others (see `Correction.article`)."""
    return str(row.get("id") or "") or text_key(str(row.get("title") or ""), str(row.get("text") or ""))


def digest(corrections: Iterable[Correction]) -> str:
    """SHA-256 of corrections, in order: names what a model learned from."""
    return hashlib.sha256("".join(one.digest for one in corrections).encode()).hexdigest()


def correction_of(row: dict[str, Any], where: str) -> Correction:
    """A correction from a row of JSON values. Raises DataError that says what is wrong with the row at `where`."""
    unknown = sorted(set(row) - set(FIELDS))
    wrong = [name for name in FIELDS if row.get(name) is not None and not _fits(row[name], name)]
    if unknown or wrong:
        problem = f"unknown field '{unknown[0]}'" if unknown else f"'{wrong[0]}' is not {_KINDS[wrong[0] in TASKS]}"
        raise DataError(f"{where}: {problem}")
    if not (row.get("text") or row.get("title")):
        raise DataError(f"{where}: 'text' is missing")
    if all(row.get(name) is None for name in TASKS):
        raise DataError(f"{where}: 'topics' and 'regions' are both missing")
    values: dict[str, Any] = {"text": ""}
    for name in FIELDS:
        if row.get(name) is not None:
            values[name] = tuple(row[name]) if name in TASKS else str(row[name])
    return Correction(**values)


_KINDS = {True: "a list of labels", False: "a text"}


def _fits(value: Any, name: str) -> bool:
    if name in TASKS:
        return isinstance(value, list | tuple) and all(isinstance(label, str) and label for label in value)
    return isinstance(value, str) or (name == "id" and type(value) is int)


def stamped(one: Correction) -> Correction:
    """A correction that says that it was received now."""
    return replace(one, received=datetime.now(UTC).isoformat(timespec="microseconds"))
