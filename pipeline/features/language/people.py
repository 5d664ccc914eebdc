"""The words of a language that name countries, their people and capitals: topics should not hang on them."""

from __future__ import annotations

from pipeline.features.gazetteer import CAPITAL, COUNTRY, DEMONYM
from pipeline.features.language.places import place_names
from pipeline.features.language.reading import words_of


def people_words(language: str) -> frozenset[str]:
    """Those of its names that are one word, in lower case; none for a language without names."""
    names = [words_of(name.name) for name in place_names(language) if name.kind in {COUNTRY, DEMONYM, CAPITAL}]
    return frozenset(name[0] for name in names if len(name) == 1)
