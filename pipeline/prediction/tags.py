"""Tags: what a prediction says of an article, and how it is made of a batch's scores and decisions.

`Answer` is the one schema of what people and programs are told: JSON, the service's models, MLflow's signature and the
columns of Parquet are all made of its fields.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cache
from itertools import pairwise
from typing import Any, Protocol, cast

import numpy as np

from pipeline.common.article import TOPICS
from pipeline.common.label_tree import links, raised
from pipeline.common.records import records
from pipeline.features.forms import remarks
from pipeline.features.texts import Text
from pipeline.prediction.labels import Label

PUBLISH, REVIEW = "publish", "review"
DIGITS = 4  # of a score in an answer


@dataclass(frozen=True, slots=True)
class TopicTag:
    """A topic: its key, IPTC NewsCode (may be empty), name, parent's key (empty at the top), probability.

    `decision` is `publish` when the score holds the precision that the model was asked for, else `review`.
    """

    key: str
    iptc: str
    name: str
    parent: str
    score: float
    decision: str = REVIEW


@dataclass(frozen=True, slots=True)
class RegionTag:
    """A country: its code, name, the groups it lies in, innermost first, probability, and decision (see TopicTag)."""

    code: str
    name: str
    within: tuple[str, ...]
    score: float
    decision: str = REVIEW


@dataclass(frozen=True, slots=True)
class Prediction:
    """An article's tags, best first, and the language it is in: an ISO 639 code, empty when it can't be told."""

    topics: tuple[TopicTag, ...] = ()
    regions: tuple[RegionTag, ...] = ()
    warnings: tuple[str, ...] = ()
    language: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The prediction as values that json.dumps takes."""
        found: dict[str, Any] = plain(self)
        return found


def remarked(prediction: Prediction, item: Text) -> Prediction:
    """The prediction with what a reader should know of its text, if it is no plain article."""
    seen = remarks(item.text, item.html)
    return replace(prediction, warnings=(*prediction.warnings, *seen)) if seen else prediction


_FEW = 4  # texts that are looked at sooner than compiled functions are called


def all_remarked(predictions: Sequence[Prediction], items: Sequence[Text], compiled: bool) -> list[Prediction]:
    """`remarked` for many texts; where compiled functions are loaded they find the few that it can speak of."""
    if not compiled or len(items) <= _FEW:
        return list(map(remarked, predictions, items))
    from pipeline.features.compiled.signs import remarkable

    found = list(predictions)
    for row, odd in enumerate(remarkable([item.text for item in items]).tolist()):
        if odd or items[row].html:
            found[row] = remarked(found[row], items[row])
    return found


def untrained(task: str) -> str:
    """What an answer says of a task that its model doesn't know, so that no tags are not read as none."""
    return f"{task}: this model was not trained for them"


@dataclass(frozen=True, slots=True)
class ModelName:
    """Which predictor answered."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said of one article: its tags, best first, which model gave them, what makes them doubtful, and the ISO
    639 code of the article's language, empty when it can't be told."""

    id: str
    topics: tuple[TopicTag, ...]
    regions: tuple[RegionTag, ...]
    model: ModelName
    warnings: tuple[str, ...]
    language: str


class Model(Protocol):
    """What an answer says of the model that gave it."""

    name: str
    sha256: str


def as_json(name: str, prediction: Prediction, model: Model) -> dict[str, Any]:
    """One article's answer as the JSON object that `predict --json` prints."""
    given = (
        prediction.topics,
        prediction.regions,
        ModelName(model.name, model.sha256),
        prediction.warnings,
        prediction.language,
    )
    found: dict[str, Any] = plain(Answer(name, *given))
    return found


def plain(value: Any) -> Any:
    """A record as JSON values, its numbers with four digits."""
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return round(value, DIGITS)
    if isinstance(value, tuple):
        return [plain(part) for part in value]
    return {name: plain(getattr(value, name)) for name in _names(value.__class__)}


@cache
def _names(record: Hashable) -> tuple[str, ...]:
    return tuple(field.name for field in fields(cast("Any", record)))


class TagMaker:
    """One task's tags from scores (n, L), for its tagger's labels and what is `known` of them.

    What a tag is, `made` says: a record here.
    """

    def __init__(self, task: str, labels: Sequence[str], known: Mapping[str, Label]) -> None:
        named = [(label, known.get(label, Label(label))) for label in labels]
        self._kind: Any = TopicTag if task == TOPICS else RegionTag
        fields = [
            (key, label.iptc, label.name, label.parent) if task == TOPICS else (key, label.name, label.within)
            for key, label in named
        ]
        self._known: list[tuple[Any, ...]] = list(zip(*fields, strict=True))  # by field
        above = {key: label.parent for key, label in named}
        self._links = links(labels, above.get)
        self._top = np.array([not label.parent for _, label in named], bool)
        self._place = np.argsort(np.argsort(np.array(labels, dtype=object))) if labels else np.zeros(0, int)

    def close(self, given: np.ndarray) -> np.ndarray:
        """Decisions (n, L) with the parents of every topic given, and theirs."""
        return raised(given, self._links)

    def tags(self, scores: np.ndarray, given: np.ndarray, publish: np.ndarray) -> list[tuple[Any, ...]]:
        """Each text's tags, the most probable first; a parent is at least as probable as its child."""
        scores = raised(np.where(given, scores, 0.0), self._links) if self._links else scores
        rows, columns = np.nonzero(given)
        values = scores[rows, columns]
        order = np.lexsort((self._place[columns], self._top[columns], -values, rows))
        taken = (array[order].tolist() for array in (columns, values, publish[rows, columns]))
        made, ends = self.made(*taken), np.cumsum(np.count_nonzero(given, axis=1)).tolist()
        return [tuple(made[begin:end]) for begin, end in pairwise([0, *ends])]

    def made(self, columns: Sequence[int], scores: Sequence[float], published: Sequence[bool]) -> list[Any]:
        """The tags of the labels in columns."""
        if not columns:
            return []
        known = (map(values.__getitem__, columns) for values in self._known)
        decisions = map((REVIEW, PUBLISH).__getitem__, published)
        return records(self._kind, len(columns), *known, scores, decisions)
