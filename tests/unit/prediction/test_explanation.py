"""Reasons: they sum to the score, stand where they say, and name what is asked for."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.common.errors import DataError
from pipeline.common.text import clean
from pipeline.features.texts import Articles, Text, tokens
from pipeline.features.tokens import tokenize
from pipeline.prediction.explaining.explanation import MOST_LETTERS, Explanation
from pipeline.prediction.explaining.offsets import spans
from pipeline.prediction.predictor import Predictor
from support.articles import STORM

AWKWARD = Text(
    "Caf\u00e9\u200b  owners\r\nin  Tripo\u00adli: \u201cThe\u00a0flood\u2019s over\u201d\x07,"
    " Libya\u2019s   dam\u0301 holds",
    "RAIN\u2026  \u00e6on",
)


@pytest.mark.parametrize("item", [STORM, AWKWARD, Text("Fire."), Text("?!"), Text("x " * 20_000)])
def test_contributions_and_intercept_sum_to_the_score(tiny: Predictor, item: Text) -> None:
    found = tiny.explain(item, near=9)
    tagger: Any = tiny.taggers["topics"]
    raw = tagger.raw_scores(Articles([tokens(item)]))[0]
    for tag in found.tags:
        total = tag.intercept + math.fsum(part.weight for part in tag.contributions)
        assert total == pytest.approx(tag.score, abs=1e-9)
        if tag.task == "topics":
            assert tag.score == pytest.approx(raw[tagger.labels.index(tag.label)], abs=1e-6)


def test_a_countrys_score_is_its_probability_before_calibration(tiny: Predictor) -> None:
    tagger: Any = tiny.taggers["regions"]
    for tag in tiny.explain(STORM, near=3).tags:
        if tag.task == "regions" and tag.contributions:
            stated = 1 / (1 + np.exp(-(tag.score * tagger.curve[0] + tagger.curve[1])))
            assert stated == pytest.approx(tag.probability, abs=1e-9)


def test_the_tags_explained_are_the_tags_given(tiny: Predictor) -> None:
    found = tiny.explain(STORM)
    given = [tag.key for tag in found.prediction.topics] + [tag.code for tag in found.prediction.regions]
    assert [tag.label for tag in found.tags] == given
    assert all(tag.given for tag in found.tags)
    assert found.prediction == tiny.predict([STORM])[0]


def test_places_hold_the_words(tiny: Predictor) -> None:
    found = tiny.explain(STORM, ["storm"])
    storm = next(tag for tag in found.tags if tag.label == "storm")
    words = {STORM.text[place.start : place.end] for part in storm.contributions for place in part.places}
    assert {"rain", "flood", "dam", "storm"} <= words
    assert storm.contributions[0].words.lower() in {"rain", "flood", "dam", "storm"}


def test_a_country_shows_its_names(tiny: Predictor) -> None:
    libya = next(tag for tag in tiny.explain(STORM).tags if tag.label == "LY")
    assert [(known.words, known.kind) for known in libya.evidence] == [("Tripoli", "capital"), ("Libya", "country")]
    assert [STORM.text[known.place.start : known.place.end] for known in libya.evidence] == ["Tripoli", "Libya"]


def test_places_survive_cleaning(tiny: Predictor) -> None:
    found = tiny.explain(AWKWARD, ["LY"])
    libya = next(tag for tag in found.tags if tag.label == "LY")
    assert [known.words for known in libya.evidence] == ["Tripo\u00adli", "Libya\u2019s"]


@settings(max_examples=300)
@given(st.text(alphabet=st.characters() | st.sampled_from("ae\u0301\u200b\u00ad\r\n \ufb01\u00df\u1e9b\u0323'")))
def test_every_words_place_holds_that_word(text: str) -> None:
    cleaned = clean(text)
    found = tokenize(cleaned)
    for word, (start, end) in zip(found.words, spans(text, cleaned, found), strict=True):
        assert tokenize(clean(text[start:end])).words == [word] or word in "".join(
            tokenize(clean(text[start:end])).words
        )


@pytest.mark.parametrize("name", ["football", "FOOTBALL", "medtop:3"])
def test_why_not_takes_keys_codes_and_names(tiny: Predictor, name: str) -> None:
    tag = tiny.explain(STORM, [name]).tags[-1]
    assert (tag.label, tag.given) == ("football", False)
    assert tag.verdict.startswith("not given: probability")


def test_why_not_a_country_that_is_not_named(tiny: Predictor) -> None:
    tag = tiny.explain(STORM, ["japan"]).tags[-1]
    assert (tag.label, tag.evidence) == ("JP", ())
    assert "not given" in tag.verdict


def test_an_unknown_label_names_the_closest(tiny: Predictor) -> None:
    with pytest.raises(DataError, match="no label 'footbal'; did you mean football"):
        tiny.explain(STORM, ["footbal"])


def test_near_misses_follow_the_tags(tiny: Predictor) -> None:
    found: Explanation = tiny.explain(STORM, near=1)
    assert [tag.given for tag in found.tags] == sorted((tag.given for tag in found.tags), reverse=True)


def test_of_a_very_long_text_the_beginning_is_explained(tiny: Predictor) -> None:
    story = "The minister of Canada said on Monday that the match was won. "
    found = tiny.explain(Text(story * (MOST_LETTERS // len(story) + 2), "News"))
    assert len(found.text) == MOST_LETTERS
    assert any("first 500,000 letters" in warning for warning in found.prediction.warnings)
    assert not any("letters" in warning for warning in tiny.explain(Text(story, "News")).prediction.warnings)
