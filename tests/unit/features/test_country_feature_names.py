"""Names of country features: what is written is read again, and each says in plain words what it is."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.features import country_feature_names as names
from pipeline.prediction.predictor import Predictor
from support.articles import STORM

WORD = st.text("abcdeé'-1", min_size=1, max_size=8)


@given(WORD, st.sampled_from(range(3)), st.booleans(), st.booleans())
def test_a_word_beside_a_name_is_read_as_it_was_written(word: str, use: int, title: bool, before: bool) -> None:
    assert names.read_beside(names.beside(word, use, title, before)) == names.Beside(word, use, title, before)


@given(st.lists(WORD, min_size=1, max_size=3).map(" ".join), st.booleans(), st.booleans())
def test_a_name_is_read_as_it_was_written(name: str, title: bool, lower: bool) -> None:
    assert names.read_named(names.named(name, "LY", title, lower)) == names.NamedPlace(name, "LY", title, lower)


@pytest.mark.parametrize("other", ["", "label=LY", "word", "name of no place", "count 0", "text of LY"])
def test_other_features_are_no_names(other: str) -> None:
    assert names.read_named(other) is None
    assert names.read_beside(other) is None


def test_every_feature_that_a_tagger_learns_has_a_meaning(tiny: Predictor) -> None:
    tagger: Any = tiny.taggers["regions"]
    assert len(tagger.weights) > 50
    assert not [name for name in tagger.weights if names.meaning(name) == "other clues"]


def test_a_name_counts_as_a_name_among_the_reasons(tiny: Predictor) -> None:
    libya = next(tag for tag in tiny.explain(STORM).tags if tag.label == "LY")
    clues = {part.words: part.weight for part in libya.contributions}
    assert "the names, and the words beside them" in clues
    assert "other clues" not in clues
