"""Which words are names of countries and their people."""

from __future__ import annotations

from pathlib import Path

from pipeline.features.country_words import country_words


def test_a_word_of_a_longer_name_counts_if_it_stands_for_that_country_alone() -> None:
    found = country_words(Path("data/taxonomy/countries.csv"))
    assert {"libya", "libyan", "tripoli", "zealand", "zealanders", "lanka", "lankan", "leone", "kong"} <= found
    assert not {"new", "euro", "central", "african", "cook", "republic", "south", "states", "saint"} & found
