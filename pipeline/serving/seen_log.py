"""The service's log for `dateline monitor`: scores, tags, lengths and unknown words, and never a text."""

from __future__ import annotations

import logging
import os
import queue
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache

import orjson

from pipeline.features.texts import Text
from pipeline.prediction.predictor import Predictor

_MOST_WAITING = 2_000  # requests; those that come when so many wait are not logged
_PATIENCE = 5.0

Seen = tuple[Predictor, list[Text], str]


class SeenLog:
    """Appends one JSON line for each article to a file, from a thread of its own; processes can share the file."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._waiting: queue.Queue[Seen | None] = queue.Queue(_MOST_WAITING)
        self._thread = threading.Thread(target=self._write, name="service log", daemon=True)
        self._thread.start()

    def put(self, predictor: Predictor, texts: Sequence[Text]) -> None:
        """Log articles soon; never waits."""
        try:
            self._waiting.put_nowait((predictor, list(texts), datetime.now(UTC).isoformat(timespec="seconds")))
        except queue.Full:
            return

    def close(self) -> None:
        """Write what waits, if that takes no more than some seconds."""
        try:
            self._waiting.put(None, timeout=_PATIENCE)
        except queue.Full:
            return
        self._thread.join(_PATIENCE)

    def _write(self) -> None:
        from pipeline.evaluation.seen import look
        from pipeline.evaluation.seen_rows import rows_of

        told = False
        while found := self._waiting.get():
            try:
                predictor, texts, when = found
                rows = rows_of(predictor, look(predictor, texts), when)
                lines = b"".join(orjson.dumps(row) + b"\n" for row in rows)
                target = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
                try:
                    os.write(target, lines)
                finally:
                    os.close(target)
            except Exception as error:  # a full disk stops the log, and not the service
                if not told:
                    logging.getLogger("uvicorn.error").warning("%s is not written: %s", self._path, error)
                told = True


@cache
def log_to(path: str) -> SeenLog:
    """The log at a path: one for each process."""
    return SeenLog(path)
