"""One schema of an answer: what is said, what the service promises, and the types of Parquet."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pipeline.prediction.predictor import Predictor
from pipeline.prediction.schema import TEXT, Kind, arrow_types, columns, kind_of
from pipeline.prediction.tags import as_json
from support.articles import STORM


def fits(value: Any, kind: Kind) -> bool:
    """Whether a JSON value is of a kind."""
    if isinstance(kind, dict):
        return isinstance(value, Mapping) and list(value) == list(kind) and all(fits(value[k], kind[k]) for k in kind)
    if isinstance(kind, list):
        return isinstance(value, list) and all(fits(part, kind[0]) for part in value)
    return isinstance(value, str if kind == TEXT else float)


def test_an_answer_has_the_fields_of_the_schema(tiny: Predictor) -> None:
    found = as_json("7", tiny.predict([STORM])[0], tiny)
    assert found["topics"]
    assert found["regions"]
    assert fits(found, kind_of())


def test_the_service_promises_the_same_fields(tiny_folder: Path) -> None:
    pytest.importorskip("fastapi")
    from pipeline.serving.models import LiveModels
    from pipeline.serving.service import app_for

    parts = app_for(LiveModels(str(tiny_folder), tiny_folder), 1000).openapi()["components"]["schemas"]
    kinds = kind_of()
    assert isinstance(kinds, dict)
    assert list(parts["Answer"]["properties"]) == list(kinds)
    assert list(parts["TopicTag"]["properties"]) == list(kinds["topics"][0])
    assert list(parts["RegionTag"]["properties"]) == list(kinds["regions"][0])
    assert list(parts["ExplainedAnswer"]["properties"]) == [*kinds, "explanation"]


def test_a_table_without_any_tag_has_the_types_of_one_with_tags() -> None:
    pytest.importorskip("pyarrow")
    types = arrow_types()
    assert tuple(types) == columns() == ("id", "topics", "regions", "model", "warnings", "language", "error")
    assert str(types["warnings"].value_type) == "string"
    assert [field.name for field in types["topics"].value_type] == [
        "key",
        "iptc",
        "name",
        "parent",
        "score",
        "decision",
    ]
    assert types["regions"].value_type.field("score").type == "double"
