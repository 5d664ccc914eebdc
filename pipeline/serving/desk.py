"""Who labels which article: no two people the same one, unless it is meant for two."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pipeline.common.article import REGIONS, TOPICS
from pipeline.rows.feedback import TASKS, Correction, is_said, says_nothing, stamped, text_key
from pipeline.rows.line_file import LineFile
from pipeline.rows.to_label import ToLabel, read_queue

LABELLED, SKIPPED = "labelled", "skipped"
_HELD = 1800.0  # seconds after which an article that somebody looks at may be given to another, when no other is left
_GIVEN = "given"

Said = dict[str, list[str] | None]
Labels = dict[str, tuple[str, ...] | None]


@dataclass(frozen=True, slots=True)
class Given:
    """An article given to somebody, what they did with it before (LABELLED, SKIPPED or nothing), and what they said."""

    article: ToLabel | None
    did: str
    said: Said
    progress: dict[str, int]


class Desk:
    """Hands out the articles of a queue and keeps the labels, the same from every process of the service.

    Labels go to a file of their own, one line each, as `train` reads it; who was given or skipped what goes to a hidden
    file beside it. Both are only added to, and read again before each step.
    """

    def __init__(self, queue: Path) -> None:
        found = read_queue(queue)
        self._articles = {one.key: one for one in found.articles}
        self._labels, self._notes = LineFile(found.labels_to), LineFile(_beside(found.labels_to))
        self._twice = {key for key in self._articles if int(key[:8], 16) < found.overlap * 2**32}
        self._said: dict[str, dict[str, Said]] = {}
        self._held: dict[str, dict[str, float]] = {}
        self._past: dict[str, dict[str, str]] = {}
        self._thread = threading.Lock()

    def give(self, by: str, at: str = "", back: bool = False) -> Given:
        """The article that somebody is to look at: the next one, or with `back` the one that they did before `at`."""
        with self._alone():
            past = [key for key in self._past.get(by, ()) if key in self._articles]  # and not of an earlier queue
            if back and past:
                found = past[max(0, past.index(at) - 1)] if at in past else past[-1]
            else:
                found = self._next(by)
                self._hold(found, by)
            did, said = self._past.get(by, {}).get(found, ""), self._said.get(found, {}).get(by, {})
            return Given(self._articles.get(found), did, said, self._progress(by))

    def has(self, key: str) -> bool:
        """Whether an article is among those to label."""
        return key in self._articles

    def keep(self, key: str, by: str, labels: Labels, model: str) -> dict[str, int]:
        """Keep what somebody says of an article, in place of what they said before; how far it all is.

        Raises KeyError for an article that the desk doesn't have, and StorageError when the labels can't be written.
        """
        with self._alone():
            self._labels.add(self._row(key, by, model, labels))
            self._catch_up()
            return self._progress(by)

    def skip(self, key: str, by: str) -> dict[str, int]:
        """Let somebody pass over an article, which another may get then; labels that they gave it are taken back.

        Raises what `keep` raises.
        """
        with self._alone():
            row = self._row(key, by, "", {})
            if by in self._said.get(key, {}):
                self._labels.add(row)
            else:
                self._notes.add({"article": key, "by": by, "at": time.time(), "what": SKIPPED})
            self._catch_up()
            return self._progress(by)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with self._thread, self._labels.alone():
            self._catch_up()
            yield

    def _next(self, by: str) -> str:
        """The article that somebody has, else the first that is free, else one that another left lying; or none."""
        past, lapsed = self._past.get(by, {}), time.time() - _HELD
        open_ = [key for key in self._articles if key not in past]
        mine = (key for key in open_ if by in self._held.get(key, {}) and self._room(key, by, lapsed))
        free = (key for key in open_ if self._room(key, by, 0.0))
        left = (key for key in open_ if self._room(key, by, lapsed))
        return next(mine, "") or next(free, "") or next(left, "")

    def _room(self, key: str, by: str, since: float) -> bool:
        """Whether an article wants another person, beside those who labelled it and those who have it since then."""
        people = set(self._said.get(key, {}))
        for who, when in self._held.get(key, {}).items():
            if when > since and key not in self._past.get(who, {}):
                people.add(who)
        return len(people - {by}) < (2 if key in self._twice else 1)

    def _hold(self, key: str, by: str) -> None:
        if key and time.time() - self._held.get(key, {}).get(by, 0.0) > _HELD / 2:
            self._notes.add({"article": key, "by": by, "at": time.time(), "what": _GIVEN})
            self._catch_up()

    def _row(self, key: str, by: str, model: str, labels: Labels) -> dict[str, Any]:
        article = self._articles[key]
        about = article.text, article.title, article.id, article.date
        return stamped(Correction(*about, labels.get(TOPICS), labels.get(REGIONS), model, by)).as_row()

    def _progress(self, by: str) -> dict[str, int]:
        labelled = [self._said[key] for key in self._articles if self._said.get(key)]
        own = sum(by in people for people in labelled)
        return {"articles": len(self._articles), "labelled": len(labelled), "own": own}

    def _catch_up(self) -> None:
        """Read what was added since, by this process or another."""
        for row in self._notes.new():
            key, by, when = row.get("article"), row.get("by"), row.get("at")
            if isinstance(key, str) and isinstance(by, str) and isinstance(when, int | float):
                if row.get("what") == SKIPPED:
                    self._past.setdefault(by, {})[key] = SKIPPED
                else:
                    self._held.setdefault(key, {})[by] = float(when)
        for row in filter(is_said, self._labels.new()):
            key, by = text_key(row["title"], row["text"]), row["by"]
            people = self._said.setdefault(key, {})
            self._past.setdefault(by, {})[key] = SKIPPED if says_nothing(row) else LABELLED
            people[by] = {task: _labels_in(row.get(task)) for task in TASKS}
            if says_nothing(row):
                del people[by]


def _labels_in(value: Any) -> list[str] | None:
    """What a row has as labels of a task; the file may have been edited."""
    return [label for label in value if isinstance(label, str)] if isinstance(value, list) else None


def _beside(labels: Path) -> Path:
    return labels.with_name(f".{labels.name}.given")


@cache
def desk_of(queue: str) -> Desk:
    """The desk of a queue: one for each process."""
    return Desk(Path(queue))
