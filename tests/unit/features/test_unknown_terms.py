"""Words that a model doesn't know: counted alike one by one and in batches."""

from __future__ import annotations

from pipeline.features.compiled.batch import encode
from pipeline.features.terms import TermFeatures
from pipeline.features.texts import Articles, document
from pipeline.features.unknown_terms import UnknownTerms

ARTICLES = [
    ("Storms over France", "The storm flooded ports of France. Nobody was hurt, said the U.N. of the storms."),
    ("PORTS OF FRANCE", "A QUIET DAY"),
    ("", "Ports and storms: quite unheard-of words, 12 of them, in France."),
    ("", ""),
]


def test_both_ways_count_the_same() -> None:
    batch, docs = encode(ARTICLES), Articles(document(*article) for article in ARTICLES)
    features = TermFeatures(min_documents=2, masked=frozenset(["france"])).fit(batch)
    found = batch.read_by(UnknownTerms(features))
    assert found.tolist() == docs.read_by(UnknownTerms(features)).tolist()
    assert 0 < found[2] < batch.lengths[2]
    assert found[3] == 0
