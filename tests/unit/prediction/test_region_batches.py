"""Pairs of documents and countries: those of several batches together are those of one."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from pipeline.features.compiled.batch import encode
from pipeline.features.gazetteer_tables import read_gazetteer
from pipeline.prediction.region_batches import BatchRanker, joined

TEXTS = [
    ("Libya", "Libya and Chad met in Paris."),
    ("", "No country at all."),
    ("Chad", "France wrote to Chad; Libya did not answer."),
    ("Weather", "Rain in Ghana."),
]


def test_pairs_of_parts_are_those_of_the_whole() -> None:
    gazetteer = read_gazetteer(Path("data/taxonomy"))
    docs = encode(TEXTS)
    scored = list(range(0, len(gazetteer.labels), 9))
    scores = np.random.default_rng(1).normal(-1.4, 0.5, (len(TEXTS), len(scored)))
    ranker = BatchRanker(docs.lexicon, gazetteer, scored, {})
    whole = ranker.pairs(docs, scores)
    rows = [np.array([0, 1]), np.array([2]), np.array([3])]
    parts = joined([ranker.pairs(docs[some], scores[some]) for some in rows], list(map(len, rows)))
    assert len(whole.rows) > 5
    for name in ("rows", "columns", "ends", "keys", "values"):
        assert np.array_equal(getattr(whole, name), getattr(parts, name)), name
