"""The gazetteer and its matcher."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.common.errors import DataError
from pipeline.features.gazetteer import BODY, CITY, COUNTRY, DEMONYM, KINDS, TITLE, Gazetteer
from pipeline.features.gazetteer_tables import read_gazetteer
from pipeline.features.texts import document
from support.projects import ROOT

FOLDER = ROOT / "data/taxonomy"


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return read_gazetteer(FOLDER)


def meant(gazetteer: Gazetteer, text: str) -> list[set[str]]:
    """The codes that each name in `text` can mean."""
    found = gazetteer.find(document("", text))
    return [{gazetteer.labels[code] for code, _, _ in gazetteer.entries[mention.name]} for mention in found]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Talks in Ouagadougou", ["BF"]),
        ("the Côte d'Ivoire's army", ["CI"]),
        ("a U.S. envoy", ["US"]),
        ("gardaí and the Dáil", ["IE", "IE"]),
        ("North Korea, not South Korea", ["KP", "KR"]),
        ("the Bundestag voted", ["DE"]),
        ("US-Russia talks", ["US", "RU"]),
    ],
)
def test_names_are_found_whatever_their_accents_and_dots(gazetteer: Gazetteer, text: str, codes: list[str]) -> None:
    assert meant(gazetteer, text) == [{code} for code in codes]


def test_a_word_is_not_an_acronym(gazetteer: Gazetteer) -> None:
    assert meant(gazetteer, "they told us to pan the ice") == []
    assert meant(gazetteer, "they told US") == [{"US"}]


def test_the_longest_name_wins_and_empty_names_hide_shorter_ones(gazetteer: Gazetteer) -> None:
    assert meant(gazetteer, "South Sudan") == [{"SS"}]
    assert [codes for codes in meant(gazetteer, "the Geneva Conventions") if codes] == []


def test_an_ambiguous_name_keeps_all_its_meanings(gazetteer: Gazetteer) -> None:
    assert {"GE", "US"} <= meant(gazetteer, "Georgia")[0]
    name = gazetteer.names.index("georgia")
    assert sum(weight for _, _, weight in gazetteer.entries[name]) == pytest.approx(1, abs=0.1)


def test_mentions_say_where_they_stand(gazetteer: Gazetteer) -> None:
    doc = document("Chad votes", "In the capital N'Djamena, Chadians queued.")
    title, capital, people = gazetteer.find(doc)
    assert (title.part, title.start, title.length) == (TITLE, 0, 1)
    assert (capital.part, doc.body.words[capital.start]) == (BODY, "ndjamena")
    assert [gazetteer.entries[mention.name][0][1] for mention in (title, people)] == [COUNTRY, DEMONYM]


def test_state_makes_the_same_gazetteer(gazetteer: Gazetteer) -> None:
    again = Gazetteer.from_state(gazetteer.state())
    assert (again.labels, again.names, again.cases) == (gazetteer.labels, gazetteer.names, gazetteer.cases)
    assert again.entries == gazetteer.entries


def test_own_codes_replace_those_of_the_files() -> None:
    own = read_gazetteer(FOLDER, {"uk": "GB", "west-germany": "DE", "east-germany": "DE", "ussr": "RU UA"}, ["comecon"])
    assert own.labels == ("comecon", "east-germany", "uk", "ussr", "west-germany")
    assert meant(own, "Kiev and Moscow") == [{"ussr"}, {"ussr"}]
    assert meant(own, "Munich")[0] == {"east-germany", "west-germany"}
    assert meant(own, "Paris") == [set()]


def test_a_town_is_a_city_of_its_country(gazetteer: Gazetteer) -> None:
    name = gazetteer.names.index("ouahigouya")
    assert [(gazetteer.labels[code], KINDS[kind]) for code, kind, _ in gazetteer.entries[name]] == [("BF", KINDS[CITY])]


def test_missing_tables_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"countries\.csv: no such file"):
        read_gazetteer(tmp_path)
    (tmp_path / "countries.csv").write_text("code,name\n", "utf-8")
    with pytest.raises(DataError, match="column 'capital' is missing"):
        read_gazetteer(tmp_path)
