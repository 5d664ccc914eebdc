"""What countries, their people and cities are called in other languages: a packed table, read by language."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from pipeline.features.gazetteer import CAPITAL, CITY, COUNTRY, DEMONYM, ORG, STATE

_KINDS = (COUNTRY, DEMONYM, CAPITAL, CITY, STATE, ORG)  # in the order of data/taxonomy/build_languages.py
_LATIN = "latin"


@dataclass(frozen=True, slots=True)
class PlaceName:
    """A name, the ISO code of the country that it stands for, and its kind as the gazetteer numbers kinds."""

    name: str
    code: str
    kind: int


@cache
def languages() -> frozenset[str]:
    """The languages (ISO 639 codes) that the table has."""
    with _table() as table:
        return frozenset(name.removesuffix(".tsv") for name in table.namelist()) - {_LATIN}


@cache
def place_names(language: str) -> tuple[PlaceName, ...]:
    """The names in a language; none for one that the table doesn't have."""
    return _read(language) if language in languages() else ()


@cache
def country_names(language: str) -> dict[str, str]:
    """What each country is called in a language, by ISO code."""
    found: dict[str, str] = {}
    for name in place_names(language):
        if name.kind == COUNTRY:
            found.setdefault(name.code, name.name)  # the official one stands first
    return found


@cache
def city_names() -> tuple[PlaceName, ...]:
    """Other names of large cities in the languages that are written in Latin letters."""
    return _read(_LATIN)


def _read(member: str) -> tuple[PlaceName, ...]:
    with _table() as table:
        lines = table.read(f"{member}.tsv").decode().splitlines()
    found = []
    for line in lines:
        code, kind, names = line.split("\t")
        found += [PlaceName(name, code, _KINDS[int(kind)]) for name in names.split(";")]
    return tuple(found)


def _table() -> zipfile.ZipFile:
    return zipfile.ZipFile(str(files(__package__) / "places.zip"))
