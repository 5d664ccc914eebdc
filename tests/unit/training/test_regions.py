"""The region tagger, trained on a small corpus of our own words."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pytest

from pipeline.common.config import RegionSettings
from pipeline.common.errors import DataError
from pipeline.common.label_tree import indicator
from pipeline.features.compiled.batch import encode
from pipeline.features.gazetteer_tables import read_gazetteer
from pipeline.features.texts import Articles, Document, document
from pipeline.prediction.region_tagger import RegionTagger, bounded
from pipeline.training.examples import Examples, Run
from pipeline.training.fit_regions import FittedRegions, fit_regions
from pipeline.training.fit_senses import DROPPABLE, silent_names
from support.projects import ROOT

SETTINGS = RegionSettings(gazetteer=ROOT / "data/taxonomy", folds=3, text_min_articles=4)
PLACES = {
    "FR": ("France", "French", "Paris", "Lyon"),
    "JP": ("Japan", "Japanese", "Tokyo", "Osaka"),
    "EG": ("Egypt", "Egyptian", "Cairo", "Aswan"),
    "PE": ("Peru", "Peruvian", "Lima", "Arequipa"),
    "KE": ("Kenya", "Kenyan", "Nairobi", "Mombasa"),
    "SE": ("Sweden", "Swedish", "Stockholm", "Uppsala"),
}
STORIES = (
    (
        "{0} counts its votes",
        "{1} officials in {2} counted votes late into the night, and in {3} they had to start again.",
    ),
    (
        "Floods cut off {3}",
        "Rivers in {0} left their banks. The {1} army flew food from {2} to the villages around {3}.",
    ),
    ("{1} bank raises its rate", "The central bank in {2} raised its rate. Traders in {4} took no notice of the news."),
    (
        "Ministers of {0} and {5} sign a pact",
        "{1} ministers met their colleagues from {5} in {2} to sign a trade pact.",
    ),
)


def corpus() -> tuple[list[tuple[str, str]], list[list[str]]]:
    """Each story told of each country, another one being mentioned or met in some."""
    codes, docs, labels = list(PLACES), [], []
    for number, code in enumerate(codes):
        other = codes[(number + 1) % len(codes)]
        for title, text in STORIES:
            words = (*PLACES[code], PLACES[other][2], PLACES[other][0])
            docs.append((title.format(*words), text.format(*words)))
            labels.append([code, other] if "{5}" in title else [code])
    docs.append(("A song for rainy days", "The singer, who once lived in Paris, sings of the rain."))
    return docs, [*labels, []]


@pytest.fixture(scope="module")
def fitted() -> FittedRegions:
    return fit()


def fit(jobs: int = 1) -> FittedRegions:
    docs, labels = corpus()
    return fit_regions(Examples(encode(docs), labels), SETTINGS, Run(3, jobs))


def best(tagger: RegionTagger, doc: Document) -> str:
    return tagger.labels[int(tagger.probabilities(Articles([doc]))[0].argmax())]


def test_out_of_fold_tags_are_mostly_right(fitted: FittedRegions) -> None:
    docs, labels = corpus()
    given = fitted.tagger.decide(fitted.oof_probabilities)
    found = [{fitted.tagger.labels[column] for column in np.flatnonzero(row)} for row in given]
    right = sum(len(tags & set(gold)) for tags, gold in zip(found, labels, strict=True))
    assert 2 * right / (sum(map(len, found)) + sum(map(len, labels))) > 0.8
    assert fitted.oof_probabilities.shape == (len(docs), len(fitted.tagger.labels))


def test_a_country_never_seen_in_training_is_given(fitted: FittedRegions) -> None:
    doc = document("Mali counts its votes", "Malian officials in Bamako counted votes late into the night.")
    assert best(fitted.tagger, doc) == "ML"
    assert fitted.tagger.decide(fitted.tagger.probabilities(Articles([doc])))[0, fitted.tagger.labels.index("ML")]


def test_swapping_the_country_moves_the_tag(fitted: FittedRegions) -> None:
    for title, text in STORIES[:2]:
        for code, words in PLACES.items():
            assert best(fitted.tagger, document(title.format(*words), text.format(*words))) == code


def test_no_name_means_no_country(fitted: FittedRegions) -> None:
    doc = document("Rain", "It rained and rained.")
    assert not fitted.tagger.decide(fitted.tagger.probabilities(Articles([doc]))).any()
    assert not fitted.tagger.decide(fitted.tagger.probabilities(Articles([document("", "")]))).any()


def test_explain_sums_to_the_probability(fitted: FittedRegions) -> None:
    tagger, (docs, _) = fitted.tagger, corpus()
    parts, intercept = tagger.explain(document(*docs[0]), "FR")
    raw = sum(part for _, part in parts) + intercept
    stated = 1 / (1 + np.exp(-(raw * tagger.curve[0] + tagger.curve[1])))
    assert stated == pytest.approx(tagger.probabilities(Articles([document(*docs[0])]))[0, tagger.labels.index("FR")])
    with pytest.raises(KeyError):
        tagger.explain(document(*docs[0]), "XX")


def test_evidence_names_the_words(fitted: FittedRegions) -> None:
    doc = document("", "The Peruvian minister left Lima for Tokyo.")
    spans = [(mention.start, mention.length) for mention in fitted.tagger.evidence(doc, "PE")]
    assert spans == [(1, 1), (4, 1)]


def test_state_is_plain_and_makes_the_same_tagger(fitted: FittedRegions) -> None:
    docs = encode(corpus()[0])
    state = pickle.loads(pickle.dumps(fitted.tagger.state()))
    again = RegionTagger.from_state(state)
    assert np.array_equal(again.probabilities(docs), fitted.tagger.probabilities(docs))
    assert np.array_equal(again.thresholds, fitted.tagger.thresholds)


def test_the_same_seed_gives_the_same_tagger_whatever_the_jobs(fitted: FittedRegions) -> None:
    again = fit(jobs=2)
    assert again.tagger.weights == fitted.tagger.weights
    assert np.array_equal(again.oof_probabilities, fitted.oof_probabilities)


def test_own_codes_and_a_code_without_a_country() -> None:
    docs, labels = corpus()
    own = {"france": "FR", "japan": "JP", "egypt": "EG", "peru": "PE", "kenya": "KE", "sweden": "SE", "mali": "ML"}
    known = {iso: code for code, iso in own.items()}
    given = [[known[code] for code in of_one] for of_one in labels]
    given[-1] = ["music"]
    tagger = fit_regions(Examples(encode(docs), given), SETTINGS, codes=own).tagger
    assert set(tagger.labels) == {*own, "music"}
    assert best(tagger, document(*docs[0])) == "france"
    closed = fit_regions(Examples(encode(docs), given), SETTINGS.model_copy(update={"unseen": False}), codes=own).tagger
    assert "mali" not in closed.labels


@pytest.mark.parametrize(
    ("texts", "labels", "complaint"),
    [
        ([], [], "no article has a region"),
        (["Paris", "Rome"], [[], []], "no article has a region"),
        (["rain", "snow"], [["FR"], ["FR"]], "no country named"),
        (["France", "France"], [["FR"], ["FR"]], "every country named"),
    ],
)
def test_nothing_to_learn_from_is_one_clear_line(texts: list[str], labels: list[list[str]], complaint: str) -> None:
    with pytest.raises(DataError, match=complaint):
        fit_regions(Examples(encode([("", text) for text in texts]), labels), SETTINGS)


def test_a_country_that_one_doubtful_name_stands_for_is_never_sure_enough_to_publish(fitted: FittedRegions) -> None:
    tagger = replace(fitted.tagger, publish=np.maximum(0.6, np.nextafter(fitted.tagger.thresholds, 1)))
    column = tagger.labels.index("KE")
    doubtful = document("", "The army of Kenya Baldwin Kenya counted the votes again, and Baldwin sang.")
    clear = document(
        "Kenya counts its votes", "Kenyan officials in Nairobi counted votes late into the night in Kenya."
    )
    for docs in (Articles([doubtful, clear]), encode([("", "The film of Kenyan songs was shown."), ("", "Rain.")])):
        probabilities = tagger.probabilities(docs)
        assert (probabilities[0] < tagger.publish).all()
    assert tagger.publishable(tagger.probabilities(Articles([clear])))[0, column]
    assert np.array_equal(
        bounded(np.array([0.9, 0.9]), [0, 0], np.array([True, False]), np.array([0.4]), np.array([0.7])),
        [np.nextafter(0.7, 0), 0.9],
    )


def test_names_that_stand_beside_any_country_say_nothing() -> None:
    gazetteer = read_gazetteer(ROOT / "data/taxonomy")
    stories = [
        ("", f"In March the officials in {city} met, and Lyon was not named.") for city in ("Lyon", "Tokyo", "Lima")
    ]
    codes = ["FR", "JP", "PE"]
    docs = encode([*stories * 5, *[("", "The votes in Osaka were counted.")] * 12])
    labels = [[code] for code in codes * 5] + [["JP"]] * 12
    silent = silent_names(docs, indicator(labels, gazetteer.labels, {}), gazetteer)
    assert gazetteer.number("march") in silent
    assert gazetteer.number("osaka") not in silent
    dropped = gazetteer.without(silent, DROPPABLE)
    assert not dropped.entries[dropped.number("march")]
    assert dropped.entries[dropped.number("osaka")] == gazetteer.entries[gazetteer.number("osaka")]
