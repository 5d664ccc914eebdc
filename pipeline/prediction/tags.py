"""Tags: what a prediction says of an article, and how it is made of a batch's scores and decisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from pipeline.common.article import TOPICS

PUBLISH, REVIEW = "publish", "review"


@dataclass(frozen=True, slots=True)
class TopicTag:
    """A topic: its key, IPTC NewsCode (may be empty), name, parent's key (empty at the top), probability.

    `decision` is PUBLISH when the score holds the precision that the model was asked for, else REVIEW.
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
    """An article's tags, best first."""

    topics: tuple[TopicTag, ...] = ()
    regions: tuple[RegionTag, ...] = ()
    warnings: tuple[str, ...] = ()


class TagMaker:
    """One task's tags from scores (n, L), for the labels of its tagger as `taxonomy` names them."""

    def __init__(self, task: str, labels: Sequence[str], taxonomy: Mapping[str, Any]) -> None:
        self._make: Any = TopicTag if task == TOPICS else RegionTag
        about = _topic if task == TOPICS else _region
        self._known = [about(label, taxonomy) for label in labels]
        column = {label: number for number, label in enumerate(labels)}
        parents = [taxonomy.get(label, ("",))[-1] if task == TOPICS else "" for label in labels]
        self._parents = [(number, column[parent]) for number, parent in enumerate(parents) if parent in column]
        self._top = np.array([not parent for parent in parents], bool)
        self._place = np.argsort(np.argsort(np.array(labels, dtype=object))) if labels else np.zeros(0, int)

    def close(self, given: np.ndarray) -> np.ndarray:
        """Decisions (n, L) with the parents of every topic given, and theirs."""
        closed = given.copy()
        for _ in range(len(self._parents)):
            before = closed.copy()
            for child, parent in self._parents:
                closed[:, parent] |= closed[:, child]
            if np.array_equal(before, closed):
                break
        return closed

    def tags(self, scores: np.ndarray, given: np.ndarray, publish: np.ndarray) -> list[tuple[Any, ...]]:
        """Each text's tags, the most probable first; a parent is at least as probable as its child."""
        raised = scores.copy() if self._parents else scores
        for child, parent in self._parents:
            raised[:, parent] = np.maximum(raised[:, parent], np.where(given[:, child], scores[:, child], 0.0))
        rows, columns = np.nonzero(given)
        values = raised[rows, columns]
        order = np.lexsort((self._place[columns], self._top[columns], -values, rows))
        found: list[list[Any]] = [[] for _ in range(len(given))]
        sure = publish[rows, columns]
        taken = (array[order].tolist() for array in (rows, columns, values, sure))
        make, known = self._make, self._known
        for row, column, value, published in zip(*taken, strict=True):
            found[row].append(make(*known[column], value, PUBLISH if published else REVIEW))
        return list(map(tuple, found))


def _topic(key: str, taxonomy: Mapping[str, Any]) -> tuple[Any, ...]:
    iptc, name, parent = taxonomy.get(key, ("", key, ""))
    return key, iptc, name, parent


def _region(code: str, taxonomy: Mapping[str, Any]) -> tuple[Any, ...]:
    name, within = taxonomy.get(code, (code, ()))
    return code, name, tuple(within)


class Model(Protocol):
    """What an answer says of the model that gave it."""

    name: str
    sha256: str


def as_json(name: str, prediction: Prediction, model: Model) -> dict[str, Any]:
    """One article's tags as the JSON object that `predict --json` prints."""
    return {
        "id": name,
        "topics": [
            {
                "key": tag.key,
                "iptc": tag.iptc,
                "name": tag.name,
                "parent": tag.parent,
                "score": round(tag.score, 4),
                "decision": tag.decision,
            }
            for tag in prediction.topics
        ],
        "regions": [
            {
                "code": tag.code,
                "name": tag.name,
                "within": list(tag.within),
                "score": round(tag.score, 4),
                "decision": tag.decision,
            }
            for tag in prediction.regions
        ],
        "model": {"name": model.name, "sha256": model.sha256},
        "warnings": list(prediction.warnings),
    }
