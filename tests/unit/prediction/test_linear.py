"""The running tagger: scores, explanations that add up, and saved states."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.features.compiled.batch import encode
from pipeline.features.terms import TermFeatures
from pipeline.features.texts import Articles, document
from pipeline.prediction.topic_tagger import LinearTagger

WORDS = ["storm", "rain", "goal", "striker", "shares", "stocks", "unheard"]
PAIRS = [("Storm", "rain and a storm"), ("Goal", "the striker"), ("Shares", "stocks and shares")]
DOCS = Articles(document(*pair) for pair in PAIRS)


def tagger(decision: str = "any") -> LinearTagger:
    features = TermFeatures(min_documents=1).fit(encode(PAIRS))
    weights = np.random.default_rng(2).normal(size=(len(features.terms), 3)).astype(np.float16).astype(np.float32)
    curves = np.array([[2.0, -0.5], [3.0, 0.0], [1.0, -1.0]])
    limits = np.full(3, 0.5), np.array([0.9, 0.95, 2.0])
    return LinearTagger(("weather", "sport", "markets"), features, weights, np.array([-0.5, 0.1, 0.2]), curves, *limits,
                        decision)  # fmt: skip


@given(st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join))
def test_contributions_and_intercept_sum_to_the_score(text: str) -> None:
    model, doc = tagger(), document("", text)
    scores = model.raw_scores(Articles([doc]))[0]
    for label, score in zip(model.labels, scores, strict=True):
        parts, intercept = model.explain(doc, label)
        assert sum(part for _, part in parts) + intercept == pytest.approx(score, abs=1e-9)
        assert [abs(part) for _, part in parts] == sorted((abs(part) for _, part in parts), reverse=True)


def test_explanations_name_terms() -> None:
    parts, _ = tagger().explain(DOCS[1], "sport")
    assert {term for term, _ in parts} == {"goal", "the", "striker"}


def test_an_unknown_label_cannot_be_explained() -> None:
    with pytest.raises(KeyError):
        tagger().explain(DOCS[0], "astrology")


def test_a_score_does_not_depend_on_the_batch() -> None:
    model = tagger()
    together = model.raw_scores(DOCS)
    assert np.array_equal(together, np.vstack([model.raw_scores(Articles([doc])) for doc in DOCS]))


def test_a_text_without_known_words_scores_the_intercepts() -> None:
    model = tagger()
    assert np.array_equal(model.raw_scores(Articles([document("", "zebra"), document("", "")])), [model.intercepts] * 2)
    assert model.raw_scores(Articles([])).shape == (0, 3)


def test_a_saved_state_gives_the_same_probabilities() -> None:
    model = tagger("at_least_one")
    again = LinearTagger.from_state(model.state())
    assert np.array_equal(model.probabilities(DOCS), again.probabilities(DOCS))
    assert again.decision == "at_least_one"
    assert again.labels == model.labels


def test_decisions_follow_thresholds_and_rule() -> None:
    probabilities = np.array([[0.6, 0.4, 0.1], [0.2, 0.3, 0.1]])
    assert tagger("any").decide(probabilities).astype(int).tolist() == [[1, 0, 0], [0, 0, 0]]
    assert tagger("at_least_one").decide(probabilities).astype(int).tolist() == [[1, 0, 0], [0, 1, 0]]
    assert tagger("exactly_one").decide(probabilities).astype(int).tolist() == [[1, 0, 0], [0, 1, 0]]


def test_publishable_needs_its_own_threshold() -> None:
    assert tagger().publishable(np.array([[0.9, 0.9, 1.0]])).astype(int).tolist() == [[1, 0, 0]]


def test_running_a_tagger_imports_nothing_heavy() -> None:
    heavy = "{'sklearn', 'scipy', 'pandas', 'joblib'}"
    code = f"import sys, pipeline.prediction.topic_tagger; print(sorted({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
