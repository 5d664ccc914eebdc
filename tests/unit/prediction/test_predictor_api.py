"""The predictor as a Python library: typed, shared by threads, pickled, shown in notebooks."""

from __future__ import annotations

import json
import pickle
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import pipeline
from pipeline.common.errors import DataError
from pipeline.features.texts import Text
from pipeline.prediction.predictor import Prediction, Predictor, RegionTag, TopicTag
from support.articles import STORM, unlabelled

TEXTS = [row["text"] for row in unlabelled(60)]


def test_load_and_predict(tiny_folder: Path) -> None:
    predictor = pipeline.load_predictor(tiny_folder)
    found = predictor.predict([STORM.text])
    assert isinstance(found[0], Prediction)
    assert all(isinstance(tag, TopicTag) for tag in found[0].topics)
    assert found[0].regions[0] == RegionTag("LY", "Libya", ("Somewhere",), found[0].regions[0].score)
    assert [tag.score for tag in found[0].topics] == sorted((tag.score for tag in found[0].topics), reverse=True)


def test_a_text_may_have_a_title_of_its_own(tiny: Predictor) -> None:
    assert tiny.predict([Text("A long body of rain and flood.", "Storm")]) == tiny.predict(
        ["Storm\nA long body of rain and flood."]
    )


def test_a_result_does_not_depend_on_its_neighbours(tiny: Predictor) -> None:
    assert tiny.predict(TEXTS) == [tiny.predict([text])[0] for text in TEXTS]


def test_threads_share_a_predictor(tiny: Predictor) -> None:
    expected = tiny.predict(TEXTS)
    with ThreadPoolExecutor(8) as pool:
        for found in pool.map(lambda _: tiny.predict(TEXTS), range(16)):
            assert found == expected


def test_predictors_and_results_are_pickled(tiny: Predictor) -> None:
    copy = pickle.loads(pickle.dumps(tiny))
    assert copy.predict(TEXTS) == tiny.predict(TEXTS)
    found = tiny.explain(STORM, near=1)
    assert pickle.loads(pickle.dumps(found)) == found


def test_an_empty_text_fails_alone(tiny: Predictor) -> None:
    fine, empty, wrong = tiny.predict([STORM, " ", {"text": 7}])
    assert fine == tiny.predict(STORM)[0]
    assert (empty.topics, empty.regions) == (wrong.topics, wrong.regions) == ((), ())
    assert "empty" in empty.warnings[0]
    assert "dict" in wrong.warnings[0]


@pytest.mark.parametrize("given", [" ", [" "], [None], [b"a storm"], [{"title": ""}]])
def test_nothing_to_tag_is_refused(tiny: Predictor, given: Any) -> None:
    with pytest.raises(DataError):
        tiny.predict(given)


def test_no_texts_no_results(tiny: Predictor) -> None:
    assert tiny.predict([]) == []


def test_a_book_is_tagged_in_linear_time(tiny: Predictor) -> None:
    book = ("The storm in Libya broke the dam, it said, and people ran. " * 40_000)[: 2 << 20]
    seconds = []
    for part in (book[: len(book) // 4], book):
        start = time.process_time()
        tiny.predict([part])
        seconds.append(time.process_time() - start)
    assert seconds[1] < 8 * seconds[0] + 0.5


def test_a_predictor_is_one_short_line_and_takes_one_text_or_dicts(tiny: Predictor) -> None:
    assert len(repr(tiny)) < 100
    assert str(tiny).startswith("<Predictor ")
    text = "Heavy rain hit Tripoli on Monday, and the flood in Libya broke a dam."
    [alone] = tiny.predict(text)
    assert (
        [alone] == tiny.predict([text]) == tiny.predict({"text": text}) == tiny.predict([{"text": text, "title": None}])
    )
    assert json.loads(json.dumps(alone.as_dict()))["topics"][0]["key"] == alone.topics[0].key
    with pytest.raises(DataError, match="dict"):
        tiny.predict([{"text": 7}])
