"""Answers as lines of JSON: what `json_text` makes of `as_json`, with what all tags of a label share made once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.features.texts import Text
from pipeline.prediction.labels import Label
from pipeline.prediction.predictor import Predictor
from pipeline.prediction.tags import DIGITS, Prediction, RegionTag, TagMaker, TopicTag, as_json, plain
from pipeline.rows.writer import json_text, spelled

_SCORE = '"score": 0.0'
_MOST_KEPT = 10_000


class AnswerLines:
    """Tags texts with one predictor and writes the answers."""

    def __init__(self, predictor: Predictor) -> None:
        self._predictor = predictor
        self._makers = predictor.makers(_WrittenTags)
        self._rest: dict[tuple[tuple[str, ...], str], str] = {}

    def tagged(self, items: Sequence[Text]) -> list[Prediction]:
        """What `line` makes lines of: predictions whose tags are JSON already."""
        return self._predictor.tagged(items, self._makers)

    def line(self, name: str, prediction: Prediction) -> str:
        """One article's answer, with the line's end."""
        topics, regions = (", ".join(map(_written, tags)) for tags in (prediction.topics, prediction.regions))
        text = f'{{"id": {json_text(name)}, "topics": [{topics}], "regions": [{regions}], {self._after(prediction)}\n'
        return text if text[:-1].isprintable() else spelled(text[:-1]) + "\n"

    def _after(self, prediction: Prediction) -> str:
        """What follows the tags: the model, warnings and what else an answer has; few answers differ in it."""
        given = prediction.warnings, prediction.language
        known = self._rest.get(given)
        if known is None:
            bare = as_json("", Prediction(warnings=prediction.warnings, language=prediction.language), self._predictor)
            known = json_text({key: value for key, value in bare.items() if key not in ("id", "topics", "regions")})[1:]
            if len(self._rest) < _MOST_KEPT:
                self._rest[given] = known
        return known


class _WrittenTags(TagMaker):
    """Makes tags as JSON: of each label, what stands before and behind the score is written once."""

    def __init__(self, task: str, labels: Sequence[str], known: Mapping[str, Label]) -> None:
        super().__init__(task, labels, known)
        columns = range(len(labels))
        every = [
            super(_WrittenTags, self).made(columns, [0.0] * len(labels), [sure] * len(labels)) for sure in (False, True)
        ]
        self._parts = [list(map(_parts, tags)) for tags in every]

    def made(self, columns: Sequence[int], scores: Sequence[float], published: Sequence[bool]) -> list[Any]:
        """The tags of the labels in columns."""
        return list(map(self._written, columns, scores, published))

    def _written(self, column: int, score: float, published: bool) -> str:
        before, after = self._parts[published][column]
        shown = f"{score:.{DIGITS}f}".rstrip("0")  # what round() gives, in half the time
        return f"{before}{shown}0{after}" if shown[-1] == "." else f"{before}{shown}{after}"


def _parts(tag: TopicTag | RegionTag) -> tuple[str, str]:
    before, _, after = json_text(plain(tag)).rpartition(_SCORE)
    return before + '"score": ', after


def _written(tag: str | TopicTag | RegionTag) -> str:
    return tag if isinstance(tag, str) else json_text(plain(tag))
