"""Predictors that earlier versions wrote: each format is kept in `tests/data/`, and must stay loadable."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.prediction.predictor import load_predictor

DATA = Path(__file__).parents[2] / "data"
TOPICS = [("terrorism", 0.7679), ("conflict", 0.7679)]
REGIONS = [("LY", 0.9878), ("IQ", 0.9194), ("SY", 0.8761)]


@pytest.mark.parametrize("version", sorted(path.name for path in DATA.glob("format-*")))
@pytest.mark.parametrize("fast", [False, True])
def test_a_predictor_of_an_earlier_format_gives_the_tags_it_gave(version: str, fast: bool) -> None:
    predictor = load_predictor(DATA / version)
    if fast:
        predictor.compile()
    (found,) = predictor.predict([Path("data/samples/isis-libya.txt").read_text(encoding="utf-8")])
    assert [(tag.key, round(tag.score, 4)) for tag in found.topics] == TOPICS
    assert [(tag.code, round(tag.score, 4)) for tag in found.regions] == REGIONS
    assert found.regions[2].decision == "publish"


def test_models_logged_by_earlier_versions_find_the_predictor_where_it_was() -> None:
    from pipeline.predictor import Prediction, Text

    found: list[Prediction] = load_predictor(DATA / "format-1").predict([Text("Rain in Libya.")])
    assert isinstance(found[0], Prediction)
