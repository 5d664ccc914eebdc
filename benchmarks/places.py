"""Countries in hard prose: large cities that stand alone in a local story, and names that mean something else."""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.features.texts import Text
from pipeline.prediction.predictor import Predictor, load_predictor
from pipeline.prediction.tags import PUBLISH

LARGE = 1_000_000
TABLE = Path(__file__).parent / "data" / "tricky_names.tsv"
CITIES = Path("data/taxonomy/cities.csv")
LOCAL = (
    (
        "Bridge in {city} to stay shut until spring",
        "The old bridge in {city} will stay shut until spring, the city council said on Monday, because engineers have "
        "found rust in four of its cables. About 9,000 drivers a day used it to reach the markets and the hospital. "
        "Buses will take another road, which adds 20 minutes to the journey. Shopkeepers in {city} asked for lower "
        "rents. The mayor of {city} said that repairs would begin next week and that he was sorry.",
    ),
    (
        "",
        "Teachers in {city} will get laptops before the next school year, officials said on Thursday. The first 400 "
        "have been handed out at two schools in the north of {city}, where classes have up to 50 children. Parents "
        "welcomed the plan but said that roofs leak and that there is no power on many afternoons. A teacher who has "
        "worked in {city} for 30 years said that she would rather have chalk.",
    ),
    (
        "Fire destroys furniture warehouse",
        "{city} - A fire that could be seen for miles destroyed a furniture warehouse early on Wednesday. Nobody "
        "was hurt. Firefighters needed six hours to put out the flames, and people in the south of {city} were told to "
        "keep their windows closed. Police are looking for two men who were seen near the fence. The owner said that "
        "he had sold sofas in {city} since he left school and would open again.",
    ),
)


@dataclass(frozen=True, slots=True)
class Case:
    """A text, the kind of difficulty, the countries that a reader expects, and those that would be right as well."""

    kind: str
    text: Text
    expected: frozenset[str]
    also: frozenset[str] = frozenset()


def large_cities(path: Path = CITIES) -> Iterator[Case]:
    """A local story about each city of over a million people whose name is no other country's city of half its size."""
    cities: dict[str, dict[str, int]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            of_name = cities.setdefault(row["name"], {})
            of_name[row["code"]] = max(int(row["population"]), of_name.get(row["code"], 0))
    large = sorted(name for name, found in cities.items() if max(found.values()) > LARGE)
    for number, name in enumerate(large):
        sizes = sorted(cities[name].values(), reverse=True)
        if len(sizes) > 1 and sizes[1] * 2 > sizes[0]:
            continue
        code = max(cities[name], key=lambda code: cities[name][code])
        title, text = LOCAL[number % len(LOCAL)]
        yield Case("large city", Text(text.format(city=name), title.format(city=name)), frozenset([code]))


def tricky_names(path: Path = TABLE) -> Iterator[Case]:
    """Names of persons, common nouns, namesakes in other states, idioms, history, lower case, one sentence.

    The part called `held` was never looked at while features were made.
    """
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            expected, also = (frozenset(row[name].split()) for name in ("regions", "also"))
            yield Case(f"{row['part']}: {row['kind']}", Text(row["text"]), expected, also)


def judge(predictor: Predictor, cases: Iterable[Case]) -> Iterator[tuple[Case, dict[str, float], bool, list[bool]]]:
    """Each case with the countries given, whether they are right, and whether each that would be published is."""
    for case in cases:
        found = predictor.predict([case.text])[0].regions
        given = {tag.code: tag.score for tag in found}
        right = case.expected <= set(given) <= case.expected | case.also
        published = [tag.code in case.expected | case.also for tag in found if tag.decision == PUBLISH]
        yield case, given, right, published


def main() -> None:
    """Print how many of each kind are right, and how many of the countries to publish are."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="models/news")
    parser.add_argument("--failures", action="store_true", help="list them, but for the part held back")
    options = parser.parse_args()
    outcomes = list(judge(load_predictor(options.model), [*large_cities(), *tricky_names()]))
    print("| kind | articles | right | countries to publish | of these right |\n|---|---:|---:|---:|---:|")
    for kind in dict.fromkeys(case.kind for case, *_ in outcomes):
        of_kind = [outcome for outcome in outcomes if outcome[0].kind == kind]
        published = [ok for *_, all_ok in of_kind for ok in all_ok]
        right = sum(outcome[2] for outcome in of_kind)
        print(f"| {kind} | {len(of_kind)} | {right} | {len(published)} | {sum(published)} |")
    if options.failures:
        for case, given, right, _ in outcomes:
            if not right and not case.kind.startswith("held"):
                print(f"{case.kind}: {case.text.text[:60]}: {given}, not {sorted(case.expected)}")


if __name__ == "__main__":
    main()
