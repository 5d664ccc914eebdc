"""Labels' words: they help labels with few documents, are folded into the weights, and harm nothing where they say
nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pipeline.common.config import TaggerSettings
from pipeline.common.errors import DataError
from pipeline.common.label_tree import indicator
from pipeline.common.taxonomy import Taxonomy, Topic
from pipeline.features.compiled.batch import Batch, encode
from pipeline.features.texts import Articles, document
from pipeline.training.examples import Examples, Run
from pipeline.training.fit_tasks import label_words
from pipeline.training.fit_topics import FittedTagger, fit_tagger
from pipeline.training.label_words import LabelWords, fit_shares
from support.projects import ROOT

FRUITS = ("apple", "banana", "cherry", "damson", "elderberry", "fig", "grape", "hazelnut", "iceplant", "jackfruit")


def market(size: int = 120) -> tuple[Batch, list[list[str]]]:
    """Reports on one crop each, every crop named in its own few reports only."""
    rng = np.random.default_rng(3)
    filler = [f"word{number}" for number in range(80)]
    docs, labels = [], []
    for number in range(size):
        fruit = FRUITS[min(int(rng.exponential(2.5)), len(FRUITS) - 1)]
        docs.append(("Prices", f"{' '.join(rng.choice(filler, 40))} {fruit} on day {number}"))
        labels.append([fruit])
    return encode(docs), labels


def fit(words: list[LabelWords]) -> FittedTagger:
    docs, labels = market()
    return fit_tagger(Examples(docs, labels), FRUITS, {}, TaggerSettings(), Run(1), label_words=words)


def right(fitted: FittedTagger) -> float:
    gold = indicator(market()[1], FRUITS, {})
    return float((fitted.oof_scores.argmax(axis=1) == gold.argmax(axis=1)).mean())


def test_names_help_labels_with_few_documents() -> None:
    assert right(fit([LabelWords(fruit) for fruit in FRUITS])) > right(fit([])) + 0.02


def test_words_that_no_document_held_count_in_a_new_text() -> None:
    words = [LabelWords(fruit, "orchard cider" if fruit == "apple" else "") for fruit in FRUITS]
    tagger = fit(words).tagger
    scores = tagger.raw_scores(
        Articles([document("Cider", "The orchard makes cider."), document("", "Nothing of the kind.")])
    )
    assert scores[0, 0] > scores[1, 0]
    assert {term for term, part in tagger.explain(document("", "orchard"), "apple")[0] if part > 0} == {"orchard"}


def test_words_that_say_nothing_change_nothing() -> None:
    silent = fit([LabelWords("unheard") for _ in FRUITS])
    assert np.array_equal(silent.oof_scores, fit([]).oof_scores)


def test_a_label_with_fewer_documents_takes_a_larger_share() -> None:
    rng = np.random.default_rng(5)
    rate = np.array([0.01, 0.3])
    gold = rng.random((4000, 2)) < rate
    matched = np.maximum(gold + rng.normal(0, 0.3, gold.shape), 0)
    scores = np.where(gold, 1.0, -1.0) * np.array([0.1, 1.0]) - 0.3 + rng.normal(0, 0.5, gold.shape)
    shares = fit_shares(scores, matched, gold)
    assert shares[0] > shares[1] > 0
    assert not fit_shares(scores, np.zeros_like(scores), gold).any()


def test_every_topic_of_the_default_vocabulary_has_words() -> None:
    taxonomy = Taxonomy.load(ROOT / "data/labels/topics.csv", None)
    words = label_words(ROOT / "data/taxonomy/topic_words.csv", taxonomy, list(taxonomy.topics))
    assert all(one.names and one.others for one in words)


def test_a_topic_is_known_by_key_name_and_scope_note() -> None:
    taxonomy = Taxonomy({"gales": Topic("gales", "", "Storms", "", "wind of force 10")})
    assert label_words(None, taxonomy, ["gales", "rain"]) == [
        LabelWords("gales Storms wind of force 10"),
        LabelWords("rain  "),
    ]


def test_a_table_without_words_is_an_error_of_one_line(tmp_path: Path) -> None:
    (tmp_path / "words.csv").write_text("key,name\na,b\n", "utf-8")
    with pytest.raises(DataError, match="column 'words' is missing"):
        label_words(tmp_path / "words.csv", Taxonomy(), ["a"])


def test_a_topic_without_an_article_is_given_for_its_words_when_asked_to() -> None:
    labels = ["sport", "economy", "weather"]
    own = [
        LabelWords("sport match goal league"),
        LabelWords("economy bank market"),
        LabelWords("weather storm flood rain"),
    ]
    texts = [
        *(("", f"The match {n} ended when a late goal decided the league on Sunday.") for n in range(12)),
        *(("", f"The bank {n} said that the market fell again on Monday after the news.") for n in range(12)),
        *(("", f"The council {n} met on Tuesday and spoke about a new bridge over there.") for n in range(12)),
    ]
    given = [["sport"]] * 12 + [["economy"]] * 12 + [[]] * 12
    story = encode([("", "A storm brought rain and a flood on Sunday."), ("", "The match ended with a goal.")])
    found = {}
    for asked in (False, True):
        settings = TaggerSettings(folds=2, zero_shot=asked, decision="any")
        examples = Examples(encode(texts), given, list(range(len(texts))))
        tagger = fit_tagger(examples, labels, {}, settings, label_words=own).tagger
        found[asked] = tagger.decide(tagger.probabilities(story))[:, 2].tolist()
        assert not tagger.publishable(tagger.probabilities(story))[:, 2].any()
    assert found == {False: [False, False], True: [True, False]}
