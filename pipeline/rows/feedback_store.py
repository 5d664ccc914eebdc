"""The SQLite file that keeps editors' corrections: only added to, safe with several writers and kills."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from pipeline.common.errors import DataError, StorageError
from pipeline.common.files import writing
from pipeline.rows.feedback import FIELDS, TASKS, Correction, stamped

FEEDBACK = Path("data/feedback.sqlite")
_BUSY = 30.0  # seconds that a writer waits for the others
_MADE = """
CREATE TABLE IF NOT EXISTS corrections (
  number INTEGER PRIMARY KEY AUTOINCREMENT, received TEXT NOT NULL, by TEXT NOT NULL, id TEXT NOT NULL,
  title TEXT NOT NULL, text TEXT NOT NULL, date TEXT NOT NULL, topics TEXT, regions TEXT, model TEXT NOT NULL,
  digest TEXT NOT NULL UNIQUE);
CREATE TRIGGER IF NOT EXISTS kept BEFORE UPDATE ON corrections BEGIN SELECT RAISE(ABORT, 'only added to'); END;
CREATE TRIGGER IF NOT EXISTS stays BEFORE DELETE ON corrections BEGIN SELECT RAISE(ABORT, 'only added to'); END;
"""


class Feedback:
    """The corrections in a file, which the first one makes."""

    def __init__(self, path: Path = FEEDBACK) -> None:
        self.path = path

    def add(self, corrections: Iterable[Correction]) -> int:
        """Keep corrections for good, all or none; those that are kept already are passed over. How many were new.

        Raises StorageError when they can't be written.
        """
        given = [one if one.received else stamped(one) for one in corrections]
        rows = [(*(_cell(one, name) for name in FIELDS), one.digest) for one in given]
        with writing(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
        marks = ", ".join("?" * (len(FIELDS) + 1))
        insert = f"INSERT OR IGNORE INTO corrections ({', '.join(FIELDS)}, digest) VALUES ({marks})"  # noqa: S608
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
        query = f"SELECT {', '.join(FIELDS)} FROM corrections ORDER BY number"  # noqa: S608
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


def _cell(one: Correction, name: str) -> str | None:
    value = getattr(one, name)
    return json.dumps(value, ensure_ascii=False) if name in TASKS and value is not None else value


def _correction(cells: tuple[Any, ...]) -> Correction:
    values = dict(zip(FIELDS, cells, strict=True))
    for name in TASKS:
        values[name] = None if values[name] is None else tuple(json.loads(values[name]))
    return Correction(**values)
