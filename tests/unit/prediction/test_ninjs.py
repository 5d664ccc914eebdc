"""Answers as ninjs, checked against the schema that the IPTC publishes."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema

from pipeline.prediction.ninjs import as_ninjs
from pipeline.prediction.tags import Prediction, RegionTag, TopicTag, as_json

SCHEMA = json.loads(Path("tests/data/ninjs-schema_3.1.json").read_text(encoding="utf-8"))


class _Model:
    name, sha256 = "news", "0123456789abcdef" * 4


def test_an_answer_is_valid_ninjs() -> None:
    topics = (TopicTag("rain", "medtop:20001129", "flood", "weather", 0.9), TopicTag("own", "", "own", "", 0.45))
    found = as_json("row 7", Prediction(topics, (RegionTag("IT", "Italy", ("Europe",), 0.8),)), _Model())
    item = as_ninjs(found, "Storm closes port", "2025-03-03T09:00:00Z")
    jsonschema.validate(item, SCHEMA)
    assert item["uri"] == "urn:dateline:row%207"
    assert [(one["name"], one["confidence"], one["relevance"]) for one in item["subjects"]] == [
        ("flood", 90, 100), ("own", 45, 50), ("Italy", 80, 100)]  # fmt: skip
    assert item["subjects"][0]["uri"] == "http://cv.iptc.org/newscodes/mediatopic/20001129"
    assert item["subjects"][0]["creator"] == "dateline:news@0123456789ab"
    assert item["places"] == [{"name": "Italy", "uri": "http://cvx.iptc.org/iso3166-1a2/IT", "literal": "IT"}]


def test_an_answer_without_tags_is_valid_too() -> None:
    jsonschema.validate(as_ninjs(as_json("https://example.org/1", Prediction(), _Model()), date="soon"), SCHEMA)
