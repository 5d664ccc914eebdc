"""Training: a small corpus is learned, awkward ones are handled, and the result depends on nothing but the seed."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pipeline.common.config import TaggerSettings
from pipeline.common.errors import DataError
from pipeline.common.label_tree import indicator
from pipeline.features.compiled.batch import Batch, encode
from pipeline.features.texts import Articles, document
from pipeline.training.examples import Examples, Run
from pipeline.training.fit_topics import FittedTagger, fit_tagger
from pipeline.training.folds import assign_folds

VOCABULARY = ("sport", "soccer", "economy", "markets", "weather")
PARENTS = {"soccer": "sport", "markets": "economy"}
PARTS = {
    "soccer": ["striker", "goal", "penalty", "midfielder", "cup", "league", "match", "keeper"],
    "markets": ["shares", "stocks", "index", "traders", "bonds", "yields", "investors", "rally"],
    "weather": ["storm", "rain", "snow", "forecast", "winds", "flood", "temperatures", "gale"],
}


def corpus(size: int = 60) -> tuple[Batch, list[list[str]]]:
    """Short reports of one or two themes each."""
    rng = np.random.default_rng(7)
    docs, labels = [], []
    for number in range(size):
        themes = rng.choice(list(PARTS), 1 + (number % 5 == 0), replace=False).tolist()
        words = [word for theme in themes for word in rng.choice(PARTS[theme], 5)]
        docs.append((f"Report on {words[0]}", f"The {' and '.join(words)} were seen on day {number}."))
        labels.append(themes)
    return encode(docs), labels


def fit(docs: Batch, labels: list[list[str]], jobs: int = 1, groups: list[int] | None = None) -> FittedTagger:
    return fit_tagger(Examples(docs, labels, groups), VOCABULARY, PARENTS, TaggerSettings(), Run(1, jobs))


@pytest.fixture(scope="module")
def fitted() -> FittedTagger:
    return fit(*corpus())


def test_learns_a_small_corpus(fitted: FittedTagger) -> None:
    _, labels = corpus()
    gold = indicator(labels, VOCABULARY, PARENTS)
    assert (fitted.tagger.decide(fitted.oof_probabilities) == gold).mean() > 0.95
    assert fitted.tagger.decision == "at_least_one"


def test_new_texts_get_the_right_tags(fitted: FittedTagger) -> None:
    probabilities = fitted.tagger.probabilities(
        Articles([document("Late goal", "The striker scored a penalty in the cup.")])
    )
    given = fitted.tagger.decide(probabilities)[0]
    assert {label for label, yes in zip(VOCABULARY, given, strict=True) if yes} == {"sport", "soccer"}


def test_one_and_two_jobs_give_the_same_model(fitted: FittedTagger) -> None:
    again = fit(*corpus(), jobs=2)
    for name, value in fitted.tagger.state().items():
        if isinstance(value, np.ndarray):
            assert np.array_equal(value, again.tagger.state()[name]), name
    assert np.array_equal(fitted.oof_scores, again.oof_scores)


def test_out_of_fold_scores_are_of_machines_that_never_saw_the_document() -> None:
    docs, labels = corpus()
    for number in range(0, 60, 2):
        labels[number] = ["weather"] if number % 4 else ["markets"]  # random with respect to the text
    probabilities = fit(docs, labels).oof_probabilities
    gold = indicator(labels, VOCABULARY, PARENTS)
    assert ((probabilities[::2] > 0.5) == gold[::2]).mean() < 0.95


def test_an_absent_label_is_never_given_and_one_on_all_always() -> None:
    docs, labels = corpus()
    fitted = fit(docs, [[*given, "economy"] for given in labels])
    other = [number for number, given in enumerate(labels) if "weather" not in given]
    unseen = fit(docs[other], [labels[number] for number in other])
    everywhere = fitted.tagger.decide(fitted.tagger.probabilities(docs))
    assert everywhere[:, VOCABULARY.index("economy")].all()
    assert not unseen.tagger.decide(unseen.tagger.probabilities(docs))[:, VOCABULARY.index("weather")].any()


@pytest.mark.parametrize("positives", [1, 2])
def test_a_label_with_hardly_any_positive_can_be_trained(positives: int) -> None:
    docs, labels = corpus()
    few = [
        [label for label in given if label != "weather" or number < positives] for number, given in enumerate(labels)
    ]
    few[0] = ["weather"]
    fitted = fit(docs, few)
    assert np.isfinite(fitted.oof_probabilities).all()
    assert fitted.tagger.decision == "any"


@pytest.mark.parametrize(
    ("docs", "labels", "message"),
    [
        ([], [], "0 labelled articles"),
        ([("One", "article")], [["sport"]], "1 labelled articles"),
        ([("", "a b"), ("", "c d")], [[], []], "no article has a label"),
        ([("", "a b"), ("", "c d")], [["sport"], ["sport"]], "the same labels"),
    ],
)
def test_nothing_to_train_on(docs: list[tuple[str, str]], labels: list[list[str]], message: str) -> None:
    with pytest.raises(DataError, match=message):
        fit(encode(docs), labels)


def test_one_group_cannot_be_split() -> None:
    docs, labels = corpus(6)
    with pytest.raises(DataError, match="near-duplicates"):
        fit(docs, labels, groups=[1] * 6)


def test_exactly_one_label_is_read_off_the_training_labels() -> None:
    docs, labels = corpus()
    fitted = fit_tagger(Examples(docs, [given[:1] for given in labels]), list(PARTS), {}, TaggerSettings())
    assert fitted.tagger.decision == "exactly_one"
    assert (fitted.tagger.decide(fitted.oof_probabilities).sum(axis=1) == 1).all()


def test_indicator_adds_parents_and_skips_unknown_labels() -> None:
    gold = indicator([["soccer", "unheard of"], ["weather"], []], VOCABULARY, PARENTS)
    assert gold.astype(int).tolist() == [[1, 1, 0, 0, 0], [0, 0, 0, 0, 1], [0, 0, 0, 0, 0]]


def test_a_cycle_of_parents_ends() -> None:
    assert indicator([["a"]], ["a", "b"], {"a": "b", "b": "a"}).all()
    assert not indicator([["x"]], ["a"], {"x": "y", "y": "x"}).any()


@settings(max_examples=50)
@given(arrays(bool, (40, 4)), st.lists(st.integers(0, 15), min_size=40, max_size=40), st.integers(2, 6))
def test_folds_keep_groups_whole(gold: np.ndarray, groups: list[int], folds: int) -> None:
    fold = assign_folds(gold, groups, folds, seed=0)
    for group in set(groups):
        assert len({fold[row] for row in range(40) if groups[row] == group}) == 1
    assert fold.max() + 1 == min(folds, len(set(groups)))
    assert np.array_equal(fold, assign_folds(gold, groups, folds, seed=0))


def test_folds_spread_a_rare_label() -> None:
    gold = np.zeros((50, 2), dtype=bool)
    gold[[3, 4, 5, 6, 7], 0] = True
    fold = assign_folds(gold, None, 5, seed=0)
    assert sorted(fold[3:8].tolist()) == [0, 1, 2, 3, 4]
    assert np.bincount(fold).tolist() == [10] * 5


def test_folds_take_a_groups_rarest_label_however_many_documents_it_has() -> None:
    gold = np.zeros((600, 2), dtype=bool)
    gold[:, 0], gold[:300, 1] = True, True
    fold = assign_folds(gold, [0] * 300 + [1] * 100 + list(range(2, 202)), 2, seed=0)
    assert len(set(fold[:300])) == 1
    assert np.bincount(fold).tolist() == [300, 300]


def test_folds_of_many_documents_take_little_memory() -> None:
    gold = np.random.default_rng(0).random((50_000, 80)) < 0.02
    tracemalloc.start()
    try:
        assign_folds(gold, None, 5, seed=0)
        assert tracemalloc.get_traced_memory()[1] < 8 * gold.size
    finally:
        tracemalloc.stop()


def test_unknown_settings_are_refused() -> None:
    with pytest.raises(ValueError, match="penalti"):
        TaggerSettings.model_validate({"penalti": 1})


def test_probabilities_are_those_of_the_articles_that_are_calibrated_on() -> None:
    docs, labels = corpus(200)
    kind = np.arange(200) % 2 == 0
    dice = np.random.default_rng(3)
    for number in np.flatnonzero(~kind):  # of this kind, every other report of the weather is no longer labelled so
        if dice.random() < 0.5:
            labels[number] = [label for label in labels[number] if label != "weather"]
    weather = VOCABULARY.index("weather")
    gold = indicator(labels, VOCABULARY, PARENTS)
    for judged in (kind, ~kind):
        examples = Examples(docs, labels, calibrated=judged)
        found = fit_tagger(examples, VOCABULARY, PARENTS, TaggerSettings(), Run(1))
        stated = found.oof_probabilities[judged, weather].mean()
        assert stated == pytest.approx(gold[judged, weather].mean(), abs=0.06)


def test_a_label_of_other_articles_only_can_still_be_given() -> None:
    docs, labels = corpus(200)
    calibrated = np.array(["weather" not in given for given in labels])
    found = fit_tagger(Examples(docs, labels, calibrated=calibrated), VOCABULARY, PARENTS, TaggerSettings(), Run(1))
    assert found.tagger.thresholds[VOCABULARY.index("weather")] < 1
    assert found.tagger.publish[VOCABULARY.index("weather")] > 1


def test_all_articles_calibrated_on_and_weights_of_one_change_nothing(fitted: FittedTagger) -> None:
    docs, labels = corpus()
    ones = np.ones(len(labels))
    again = fit_tagger(Examples(docs, labels, None, ones > 0, ones), VOCABULARY, PARENTS, TaggerSettings(), Run(1))
    for name, value in fitted.tagger.state().items():
        if isinstance(value, np.ndarray):
            assert np.array_equal(value, again.tagger.state()[name]), name


def test_errors_on_articles_of_small_weight_cost_little() -> None:
    docs, labels = corpus(90)
    wrong = np.arange(90) % 3 != 0
    given = [["markets"] if off else of_one for off, of_one in zip(wrong, labels, strict=True)]
    gold = indicator(labels, VOCABULARY, PARENTS)
    right = []
    for weight in (1.0, 0.01):
        examples = Examples(docs, given, calibrated=~wrong, weights=np.where(wrong, weight, 1.0))
        found = fit_tagger(examples, VOCABULARY, PARENTS, TaggerSettings(label_words=False), Run(1))
        right.append(((found.oof_scores > 0) == gold).mean())
    assert right[1] > right[0] + 0.1
