"""What names mean where they stand, by rules that need no training, and by weights that are given here."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pipeline.features.compiled.lexicon import Lexicon
from pipeline.features.compiled.name_finder import Names
from pipeline.features.gazetteer import Gazetteer
from pipeline.features.gazetteer_tables import read_gazetteer
from pipeline.features.meanings import SURE, meanings
from pipeline.features.name_senses import COMMON, FAMILY_NAME, GIVEN, GIVEN_NAME, SURNAME, Senses, plain_senses
from pipeline.features.texts import document


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    sides = np.zeros((2, 8))
    sides[0, GIVEN_NAME] = sides[1, FAMILY_NAME] = -4
    classes = {"michael": GIVEN, "chad": GIVEN, "smith": SURNAME}
    nothing = np.zeros(len(classes))
    kinds = np.array(list(classes.values()), np.uint8)
    senses = Senses(tuple(classes), kinds, nothing, nothing, sides, 0.0, 1.0)
    return read_gazetteer(Path("data/taxonomy")).with_senses(senses)


def meant(gazetteer: Gazetteer, text: str, title: str = "") -> set[str]:
    doc = document(title, text)
    return {gazetteer.labels[use.code] for use in meanings(gazetteer, doc, gazetteer.find(doc))}


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("The council of Dublin, Ohio, will meet again on Monday, and Dublin has much to talk about.", {"US"}),
        ("A school in Birmingham, Alabama, was closed by the storm.", {"US"}),
        ("Buses in London, Ontario, will run on Sunday.", {"CA"}),
        ("The trial was held in Athens, Georgia, after a delay; Georgia has such trials now and then.", {"US"}),
        ("The mayor of Tripoli, Lebanon, was there with the others.", {"LB"}),
        ("The strike in Newcastle, NSW, went on for the third day.", {"AU"}),
        ("The flag was flown in Manchester, N.H., for two weeks.", {"US"}),
    ],
)
def test_a_place_beside_a_larger_one_lies_in_it(gazetteer: Gazetteer, text: str, codes: set[str]) -> None:
    assert meant(gazetteer, text) == codes


def test_a_list_of_places_binds_no_country(gazetteer: Gazetteer) -> None:
    assert meant(gazetteer, "Farmers came from Mexico, California and Texas to the meeting.") >= {"MX", "US"}


def test_a_person_is_no_country_also_when_named_again(gazetteer: Gazetteer) -> None:
    assert meant(gazetteer, "The club gave Michael Chad a prize. For years Chad had run the school.") == set()
    assert meant(gazetteer, "It was given to Chad Smith by the others, and they were glad.") == set()
    assert meant(gazetteer, "The war in Chad went on, the people of the towns said.") == {"TD"}


def test_small_words_are_no_names_where_others_have_capitals(gazetteer: Gazetteer) -> None:
    assert meant(gazetteer, "Roast the turkey, put it on fine china, polish the spoons. Serve it on Sunday.") == set()
    assert meant(gazetteer, "the army of turkey said on monday that three soldiers died") == {"TR"}
    assert meant(gazetteer, "The guests ate turkey on Monday, and they had it cold.", "Turkey for Sunday") == set()


def test_compounds_of_the_dictionary_name_no_country(gazetteer: Gazetteer) -> None:
    assert meant(gazetteer, "The Turkish baths had a German shepherd, guinea pigs and a Panama hat in them.") == set()


def firmness(gazetteer: Gazetteer, text: str, title: str = "") -> dict[str, float]:
    doc = document(title, text)
    found: dict[str, float] = {}
    for use in meanings(gazetteer, doc, gazetteer.find(doc)):
        code = gazetteer.labels[use.code]
        found[code] = found.get(code, 0.0) + use.firmness
    return found


def test_phrases_of_wiktionary_name_no_country(gazetteer: Gazetteer) -> None:
    assert meant(gazetteer, "A Mexican wave went round, orders were passed on by Chinese whispers.") == set()


def test_a_name_that_may_be_a_persons_makes_no_country_sure(gazetteer: Gazetteer) -> None:
    assert firmness(gazetteer, "The army said that three soldiers died in Turkey on Monday.")["TR"] == SURE
    assert firmness(gazetteer, "The film of Ireland Baldwin was shown again on Monday.")["IE"] == 0
    assert firmness(gazetteer, "The police of the Irish town said nothing on Monday.")["IE"] == 1
    assert 0 < firmness(gazetteer, "The army of Chad said nothing on Monday.")["TD"] < SURE
    assert firmness(gazetteer, "A bus burned in Osaka on Monday. Police in Osaka said nothing.")["JP"] >= SURE
    assert firmness(gazetteer, "Firefighters in Birmingham, Alabama, and Birmingham police met.")["US"] >= SURE


def test_a_headline_in_title_case_makes_no_country_sure(gazetteer: Gazetteer) -> None:
    classes = {"votes": COMMON, "again": COMMON, "on": COMMON, "a": COMMON, "bill": COMMON}
    assert gazetteer.senses is not None
    words = (*gazetteer.senses.words, *classes)
    kinds = np.array([*gazetteer.senses.classes, *classes.values()], np.uint8)
    nothing = np.zeros(len(words))
    senses = replace(gazetteer.senses, words=words, classes=kinds, before=nothing, after=nothing)
    told = gazetteer.with_senses(senses)
    assert firmness(told, "", "Turkey votes again on a bill")["TR"] == SURE
    assert firmness(told, "", "Turkey Votes Again on a Bill")["TR"] < SURE


def test_words_have_their_senses_also_when_the_lexicon_learns_them_later(gazetteer: Gazetteer) -> None:
    assert gazetteer.senses is not None
    nothing = np.zeros(2)
    senses = replace(gazetteer.senses, words=("smith", "zebedeeus"), classes=np.array([SURNAME, GIVEN], np.uint8))
    lexicon = Lexicon()
    names = Names(gazetteer.with_senses(replace(senses, before=nothing, after=nothing + 2)), lexicon)
    assert "zebedeeus" not in lexicon.words
    numbers = lexicon.numbers(["zebedeeus", "unheardof", "smith"])
    assert names.senses[0][numbers].tolist() == [GIVEN, 0, SURNAME]
    assert names.senses[2][numbers].tolist() == [2.0, 0.0, 2.0]
    assert all(len(column) == len(lexicon) for column in names.senses[:3])


def test_without_senses_every_name_is_a_place(gazetteer: Gazetteer) -> None:
    assert meant(replace(gazetteer, senses=None), "The council of Dublin, Ohio, met Chad Smith.") >= {"IE", "US", "TD"}
    assert meant(gazetteer.with_senses(plain_senses()), "The council met Chad Smith again.") == {"TD"}


def test_senses_are_made_again_from_their_state(gazetteer: Gazetteer) -> None:
    again = Gazetteer.from_state(gazetteer.state())
    text = "The club gave Michael Chad a prize in Dublin, Ohio."
    assert meant(again, text) == meant(gazetteer, text) == {"US"}
