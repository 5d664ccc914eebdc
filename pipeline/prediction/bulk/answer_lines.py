"""Answers as lines of JSON: what `json_text` makes of `as_json`, with what all tags of a label share made once."""

from __future__ import annotations

from pipeline.prediction.tags import DIGITS, Model, Prediction, RegionTag, TopicTag, as_json, plain
from pipeline.rows.writer import json_text, spelled

_SCORE = '"score": 0.0'
_MOST_KEPT = 10_000


class AnswerLines:
    """Writes the answers of one model."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._tags: dict[tuple[type, str, str], tuple[str, str]] = {}
        self._rest: dict[tuple[tuple[str, ...], str], str] = {}

    def line(self, name: str, prediction: Prediction) -> str:
        """One article's answer, with the line's end."""
        topics = ", ".join([self._tag(tag, tag.key) for tag in prediction.topics])
        regions = ", ".join([self._tag(tag, tag.code) for tag in prediction.regions])
        text = f'{{"id": {json_text(name)}, "topics": [{topics}], "regions": [{regions}], {self._after(prediction)}\n'
        return text if text[:-1].isprintable() else spelled(text[:-1]) + "\n"

    def _tag(self, tag: TopicTag | RegionTag, label: str) -> str:
        known = self._tags.get((type(tag), label, tag.decision))
        if known is None:
            before, _, after = json_text({**plain(tag), "score": 0.0}).rpartition(_SCORE)
            known = self._tags[type(tag), label, tag.decision] = before + '"score": ', after
        return f"{known[0]}{round(tag.score, DIGITS)!r}{known[1]}"

    def _after(self, prediction: Prediction) -> str:
        """What follows the tags: the model, warnings and what else an answer has; few answers differ in it."""
        given = prediction.warnings, prediction.language
        known = self._rest.get(given)
        if known is None:
            bare = as_json("", Prediction(warnings=prediction.warnings, language=prediction.language), self._model)
            known = json_text({key: value for key, value in bare.items() if key not in ("id", "topics", "regions")})[1:]
            if len(self._rest) < _MOST_KEPT:
                self._rest[given] = known
        return known
