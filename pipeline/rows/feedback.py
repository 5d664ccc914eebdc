"""Editors' corrections, kept in one SQLite file: only added to, safe with several writers and kills."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipeline.common.errors import DataError, StorageError
from pipeline.common.files import writing

FEEDBACK = Path("data/feedback.sqlite")
_BUSY = 30.0  # seconds that a writer waits for the others
_FIELDS = ("received", "by", "id", "title", "text", "date", "topics", "regions", "model")
TASKS = ("topics", "regions")
_ALL, SAID = frozenset(_FIELDS), frozenset(_FIELDS) - frozenset(TASKS)
_MADE = """
CREATE TABLE IF NOT EXISTS corrections (
  number INTEGER PRIMARY KEY AUTOINCREMENT, received TEXT NOT NULL, by TEXT NOT NULL, id TEXT NOT NULL,
  title TEXT NOT NULL, text TEXT NOT NULL, date TEXT NOT NULL, topics TEXT, regions TEXT, model TEXT NOT NULL,
  digest TEXT NOT NULL UNIQUE);
CREATE TRIGGER IF NOT EXISTS kept BEFORE UPDATE ON corrections BEGIN SELECT RAISE(ABORT, 'only added to'); END;
CREATE TRIGGER IF NOT EXISTS stays BEFORE DELETE ON corrections BEGIN SELECT RAISE(ABORT, 'only added to'); END;
"""


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


class Feedback:
    """The corrections in a file, which the first one makes."""

    def __init__(self, path: Path = FEEDBACK) -> None:
        self.path = path

    def add(self, corrections: Iterable[Correction]) -> int:
        """Keep corrections for good, all or none; those that are kept already are passed over. How many were new.

        Raises StorageError when they can't be written.
        """
        given = [one if one.received else stamped(one) for one in corrections]
        rows = [(*(_cell(one, name) for name in _FIELDS), one.digest) for one in given]
        with writing(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
        marks = ", ".join("?" * (len(_FIELDS) + 1))
        insert = f"INSERT OR IGNORE INTO corrections ({', '.join(_FIELDS)}, digest) VALUES ({marks})"  # noqa: S608
        try:
            with closing(self._open()) as store, store:
                store.executescript(f"BEGIN IMMEDIATE; {_MADE}")
                before = store.total_changes
                store.executemany(insert, rows)
                return store.total_changes - before
        except sqlite3.Error as error:
            raise StorageError(f"{self.path} can't be written ({error}); nothing was kept") from None

    def all(self) -> Iterator[Correction]:
        """Every correction, in the order they came. Raises DataError for a file that is none of ours."""
        if not self.path.is_file():
            return
        query = f"SELECT {', '.join(_FIELDS)} FROM corrections ORDER BY number"  # noqa: S608
        with closing(self._open()) as store:
            try:
                yield from map(_correction, store.execute(query))
            except (sqlite3.DatabaseError, ValueError, TypeError) as error:
                raise DataError(f"{self.path} holds no corrections ({error}); name another file") from None

    def latest(self) -> list[Correction]:
        """What was said last of each article, in the order the articles first came."""
        found: dict[str, Correction] = {}
        for one in self.all():
            found[one.article] = one
        return list(found.values())

    def _open(self) -> sqlite3.Connection:
        try:
            store = sqlite3.connect(self.path, timeout=_BUSY, isolation_level=None)
            _log_ahead(store)
            store.execute("PRAGMA synchronous=FULL")
        except sqlite3.DatabaseError as error:
            kind = StorageError if isinstance(error, sqlite3.OperationalError) else DataError
            raise kind(f"{self.path} can't be used for corrections ({error}); name another file") from None
        return store


def _log_ahead(store: sqlite3.Connection) -> None:
    """Let readers and a writer work at once; SQLite itself waits for nobody when two make a file at the same time."""
    end = time.monotonic() + _BUSY
    while True:
        try:
            store.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                raise
        time.sleep(0.01)


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
    unknown = sorted(set(row) - set(_FIELDS))
    wrong = [name for name in _FIELDS if row.get(name) is not None and not _fits(row[name], name)]
    if unknown or wrong:
        problem = f"unknown field '{unknown[0]}'" if unknown else f"'{wrong[0]}' is not {_KINDS[wrong[0] in TASKS]}"
        raise DataError(f"{where}: {problem}")
    if not (row.get("text") or row.get("title")):
        raise DataError(f"{where}: 'text' is missing")
    if all(row.get(name) is None for name in TASKS):
        raise DataError(f"{where}: 'topics' and 'regions' are both missing")
    values: dict[str, Any] = {"text": ""}
    for name in _FIELDS:
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


def _cell(one: Correction, name: str) -> str | None:
    value = getattr(one, name)
    return json.dumps(value, ensure_ascii=False) if name in TASKS and value is not None else value


def _correction(cells: tuple[Any, ...]) -> Correction:
    values = dict(zip(_FIELDS, cells, strict=True))
    for name in TASKS:
        values[name] = None if values[name] is None else tuple(json.loads(values[name]))
    return Correction(**values)
