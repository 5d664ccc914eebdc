"""Names in their places: those of many articles at once are those of each."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import numpy as np

from pipeline.features.compiled.batch import encode
from pipeline.features.compiled.name_contexts import _FEW, Contexts, find_contexts
from pipeline.features.compiled.name_finder import Names
from pipeline.features.gazetteer_tables import read_gazetteer

STORY = "Rain fell in Paris, and people of Libya saw it from Tripoli. Nobody in Chad or Niger went to Texas or Ohio."


def test_more_names_than_there_is_room_for_at_first_are_found() -> None:
    gazetteer = read_gazetteer(Path("data/taxonomy"))
    docs = encode([(f"News of day {day}", STORY * (1 + day % 5)) for day in range(120)])
    names = Names(gazetteer, docs.lexicon)
    gold = np.ones((len(docs), 1 + max(code for entries in gazetteer.entries for code, _, _ in entries)), bool)
    whole = find_contexts(docs, names, gold)
    parts = [find_contexts(docs[day : day + 1], names, gold[day : day + 1]) for day in range(len(docs))]
    assert len(whole.place) > 2 * _FEW
    for column in fields(Contexts):
        apart = np.concatenate([getattr(part, column.name) for part in parts])
        assert np.array_equal(getattr(whole, column.name), apart)
