"""Terms: what they are, how much they count, and that a saved state gives the same numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.features.compiled.batch import encode
from pipeline.features.stems import stem
from pipeline.features.terms import TermFeatures
from pipeline.features.texts import Articles, Document, document

TEXTS = [
    ("Oil prices rise as OPEC meets", "Crude futures rose on Tuesday. Analysts in the US expect prices of 55 dollars."),
    ("Strike halts trains", "Rail unions told us that the strike over prices and wages would last until Friday."),
    ("OIL PRICES FALL ON US STOCKS", "U.S. stockpiles of oil rose, and prices fell 3rd day running in 2017 and 2018."),
]
POOL = ["oil", "prices", "strike", "US", "us", "2017", "rising", "rose", "unions"]
WORDS = st.lists(st.sampled_from(POOL), max_size=30).map(" ".join)


@pytest.fixture
def docs() -> list[Document]:
    return [document(title, text) for title, text in TEXTS]


def row(features: TermFeatures, doc: Document) -> dict[str, float]:
    _, indices, values = features.transform(Articles([doc]))
    return {features.terms[index]: float(value) for index, value in zip(indices, values, strict=True)}


@pytest.mark.parametrize(
    ("word", "expected"),
    [("prices", "pric"), ("price", "pric"), ("pricing", "pric"), ("parties", "party"), ("party", "party"),
     ("stopped", "stop"), ("class", "class"), ("was", "was"), ("2017", "#4"), ("3rd", "#x")],
)  # fmt: skip
def test_stem(word: str, expected: str) -> None:
    assert stem(word) == expected


@given(st.text("abcdeginrsty", min_size=1, max_size=14))
def test_a_stem_begins_like_its_word(word: str) -> None:
    base = stem(word)
    assert base
    assert word.startswith(base[:-1])
    assert len(base) <= len(word)


def test_acronyms_keep_their_case_unless_the_field_shouts() -> None:
    features = TermFeatures(min_documents=1).fit(encode(TEXTS))
    assert {"US", "us"} <= set(features.terms)
    shouted = row(features, document("OIL FALLS ON US STOCKS", ""))
    assert "us" in shouted
    assert "US" not in shouted


def test_title_and_lead_count_more() -> None:
    features = TermFeatures(title_weight=3, lead_words=5, min_documents=1).fit(encode(TEXTS))
    titled = row(features, document("Oil", "strike"))
    assert titled["oil"] / titled["strik"] > np.log1p(3) / np.log1p(1) * 0.7
    late = row(features, document("", "oil " + "and " * 20 + "strike"))
    assert late["strik"] < late["oil"]


def test_rare_terms_are_left_out() -> None:
    features = TermFeatures(min_documents=2).fit(encode(TEXTS))
    assert "pric" in features.terms
    assert "tuesday" not in features.terms


def test_a_document_without_known_terms_is_an_empty_row(docs: list[Document]) -> None:
    features = TermFeatures().fit(encode(TEXTS))
    indptr, indices, values = features.transform(Articles([document("", "zebra"), docs[0], document("", "")]))
    assert indptr.tolist() == [0, 0, len(indices), len(indices)]
    assert np.isclose(np.square(values.astype(float)).sum(), 1, atol=1e-6)


@given(WORDS, WORDS)
def test_rows_have_length_one_and_rising_columns(title: str, text: str) -> None:
    features = TermFeatures(min_documents=1).fit(encode(TEXTS))
    _, indices, values = features.transform(Articles([document(title, text)]))
    assert (np.diff(indices) > 0).all()
    assert not len(values) or np.isclose(np.linalg.norm(values.astype(float)), 1, atol=1e-6)
    assert (values > 0).all()


@given(WORDS)
def test_a_saved_state_gives_the_same_row(text: str) -> None:
    features = TermFeatures(min_documents=1).fit(encode(TEXTS))
    again = TermFeatures.from_state(features.state())
    for ours, theirs in zip(
        features.transform(Articles([document(text, text)])),
        again.transform(Articles([document(text, text)])),
        strict=True,
    ):
        assert ours.dtype == theirs.dtype
        assert np.array_equal(ours, theirs)


def test_state_holds_only_arrays_and_builtin_types() -> None:
    state = TermFeatures().fit(encode(TEXTS)).state()
    assert {type(value) for value in state.values()} <= {int, float, str, np.ndarray}


def test_no_terms_at_all_survives_a_round_trip() -> None:
    features = TermFeatures.from_state(TermFeatures(min_documents=5).fit(encode([("", "one")])).state())
    assert features.terms == []
    assert features.transform(Articles([document("", "one")]))[0].tolist() == [0, 0]


def test_masked_words_are_one_term_where_they_are_capitalised() -> None:
    docs = encode([("", "Libya fights"), ("", "Yemen fights"), ("", "turkey dinner")])
    features = TermFeatures(min_documents=1, masked=frozenset({"libya", "yemen", "turkey"})).fit(docs)
    assert features.terms == ["@country", "dinner", "fight", "turkey"]
    _, indices, _ = TermFeatures.from_state(features.state()).transform(Articles([document("", "Turkey fights")]))
    assert [features.terms[index] for index in indices] == ["@country", "fight"]
