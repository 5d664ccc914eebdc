"""What was seen of articles as rows of JSON without texts, as the service's log has them, and read again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from pipeline.common.errors import DataError
from pipeline.evaluation.seen import Seen
from pipeline.prediction.predictor import Predictor
from pipeline.rows.reader import Row

_LEAST = 0.01
_DIGITS = 4


def rows_of(predictor: Predictor, seen: Seen, when: str) -> Iterator[dict[str, Any]]:
    """One row for each article: its probabilities of 0.01 and more, its tags, length, unknown words and language."""
    for row in range(len(seen.words)):
        told: dict[str, Any] = {
            "time": when,
            "model": predictor.sha256,
            "words": int(seen.words[row]),
            "unknown": round(float(seen.unknown[row]), _DIGITS),
            "warned": bool(seen.warned[row]),
            "language": seen.languages[row],
        }
        given, published = {}, {}
        for task, tagger in predictor.taggers.items():
            scores = seen.probabilities[task][row]
            often = np.flatnonzero(scores >= _LEAST)
            told[task] = {tagger.labels[at]: round(float(scores[at]), _DIGITS) for at in often}
            given[task] = [tagger.labels[at] for at in np.flatnonzero(seen.given[task][row])]
            published[task] = [tagger.labels[at] for at in np.flatnonzero(seen.published[task][row])]
        yield told | {"given": given, "published": published}


@dataclass(slots=True)
class Logged:
    """What rows tell: what was seen, how many were other models' or before the time asked for, what is wrong with
    others."""

    seen: Seen
    other_models: int = 0
    earlier: int = 0
    problems: list[str] = field(default_factory=list)


def read_seen(predictor: Predictor, rows: Iterable[Row], since: str = "") -> Logged:
    """What rows of this very predictor tell, from the time `since` (ISO 8601) on.

    Raises DataError when no row is one of its.
    """
    columns = {
        task: {label: at for at, label in enumerate(tagger.labels)} for task, tagger in predictor.taggers.items()
    }
    kept: list[_Article] = []
    found = Logged(_stacked([], columns))
    for row in rows:
        try:
            data = _checked(row)
            if data["model"] != predictor.sha256:
                found.other_models += 1
            elif data["time"] < since:
                found.earlier += 1
            else:
                kept.append(_article(data, columns))
        except (KeyError, TypeError, ValueError, AttributeError):
            found.problems.append(f"{row.where}: {row.error or 'no row of the log of serve --log'}")
    if not kept:
        others = f"; {found.other_models:,} are of other models" if found.other_models else ""
        early = f"; {found.earlier:,} are earlier than {since}" if found.earlier else ""
        raise DataError(f"no row of model {predictor.sha256[:12]}{others}{early}")
    found.seen = _stacked(kept, columns)
    return found


Columns = Mapping[str, Mapping[str, int]]


@dataclass(slots=True)
class _Article:
    words: int
    unknown: float
    warned: bool
    language: str
    scores: dict[str, np.ndarray]
    given: dict[str, np.ndarray]
    published: dict[str, np.ndarray]


def _checked(row: Row) -> dict[str, Any]:
    """A row's values. Raises TypeError when it has none, or its model or time is no text."""
    if row.data is None or not isinstance(row.data["model"], str) or not isinstance(row.data["time"], str):
        raise TypeError
    return row.data


def _article(data: Mapping[str, Any], columns: Columns) -> _Article:
    """A row as arrays, labels that the model doesn't know left out. Raises KeyError, TypeError or ValueError."""
    scores, given, published = {}, {}, {}
    for task, places in columns.items():
        scores[task] = np.zeros(len(places), np.float32)
        for label, score in data[task].items():
            if label in places:
                scores[task][places[label]] = np.clip(float(score), 0, 1)
        given[task] = _marked(data["given"][task], places)
        published[task] = _marked(data["published"][task], places)
    words, unknown = max(0, int(data["words"])), min(1.0, max(0.0, float(data["unknown"])))
    return _Article(words, unknown, bool(data["warned"]), str(data.get("language", "")), scores, given, published)


def _marked(labels: Iterable[str], places: Mapping[str, int]) -> np.ndarray:
    found = np.zeros(len(places), bool)
    found[[places[label] for label in labels if label in places]] = True
    return found


def _stacked(articles: list[_Article], columns: Columns) -> Seen:
    def stack(name: str) -> dict[str, np.ndarray]:
        return {
            task: np.array([getattr(one, name)[task] for one in articles]).reshape(len(articles), len(places))
            for task, places in columns.items()
        }

    words = np.array([one.words for one in articles], np.int64)
    unknown, warned = np.array([one.unknown for one in articles]), np.array([one.warned for one in articles], bool)
    scores = stack("scores")
    languages = tuple(one.language for one in articles)
    return Seen(words, unknown, warned, languages, scores, scores, stack("given"), stack("published"))
