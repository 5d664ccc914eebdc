"""Behavioural tests of a trained model, in the manner of CheckList: what must change a tag, and what must not.

Ribeiro et al. (2020), Beyond accuracy: behavioral testing of NLP models with CheckList.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from pipeline.features.texts import Text
from pipeline.prediction.predictor import Prediction, Predictor, load_predictor

# Code: name, people, capital, another city.
COUNTRIES = {
    "LY": ("Libya", "Libyan", "Tripoli", "Benghazi"),
    "YE": ("Yemen", "Yemeni", "Sanaa", "Aden"),
    "ML": ("Mali", "Malian", "Bamako", "Timbuktu"),
    "NG": ("Nigeria", "Nigerian", "Abuja", "Maiduguri"),
    "IQ": ("Iraq", "Iraqi", "Baghdad", "Mosul"),
    "SY": ("Syria", "Syrian", "Damascus", "Aleppo"),
    "AF": ("Afghanistan", "Afghan", "Kabul", "Kandahar"),
    "SO": ("Somalia", "Somali", "Mogadishu", "Kismayo"),
    "EG": ("Egypt", "Egyptian", "Cairo", "Alexandria"),
    "KE": ("Kenya", "Kenyan", "Nairobi", "Mombasa"),
    "PK": ("Pakistan", "Pakistani", "Islamabad", "Karachi"),
    "TH": ("Thailand", "Thai", "Bangkok", "Chiang Mai"),
    "PH": ("the Philippines", "Philippine", "Manila", "Davao"),
    "CO": ("Colombia", "Colombian", "Bogota", "Medellin"),
    "PE": ("Peru", "Peruvian", "Lima", "Arequipa"),
    "CL": ("Chile", "Chilean", "Santiago", "Valparaiso"),
    "PL": ("Poland", "Polish", "Warsaw", "Krakow"),
    "HU": ("Hungary", "Hungarian", "Budapest", "Debrecen"),
    "SE": ("Sweden", "Swedish", "Stockholm", "Gothenburg"),
    "PT": ("Portugal", "Portuguese", "Lisbon", "Porto"),
    "NZ": ("New Zealand", "New Zealand", "Wellington", "Christchurch"),
    "VN": ("Vietnam", "Vietnamese", "Hanoi", "Da Nang"),
    "UA": ("Ukraine", "Ukrainian", "Kiev", "Kharkiv"),
    "KZ": ("Kazakhstan", "Kazakh", "Astana", "Almaty"),
}
STORIES = (
    (
        "Gunmen attack army base in {name}",
        "At least nine soldiers were killed when gunmen stormed an army base near {city}, officials in {capital} said. "
        "The {people} army has been fighting the insurgents for years. Nobody claimed the attack, but the defence "
        "ministry of {name} blamed an armed group that has carried out bombings in {city} before.",
    ),
    (
        "{people} parliament passes budget",
        "Lawmakers in {capital} voted on Tuesday for a budget that raises taxes on fuel and cigarettes. The {people} "
        "finance minister said that the economy of {name} would grow by three percent this year, while trade unions "
        "called for a strike in {city} and other towns.",
    ),
    (
        "Floods leave thousands homeless in {name}",
        "Days of heavy rain have flooded {city} and killed at least twelve people, the disaster agency of {name} said. "
        "Rescuers took families from the roofs of their houses. The {people} Red Cross sent tents and blankets from "
        "{capital}, and more storms are forecast for the week.",
    ),
)
FOOTER = (
    " Follow us on Twitter and Facebook. Sign up for our newsletter. All rights reserved. This material may not be "
    "published, broadcast, rewritten or redistributed."
)
SPELLINGS = {
    "labour": "labor",
    "centre": "center",
    "defence": "defense",
    "programme": "program",
    "organisation": "organization",
    "colour": "color",
    "percent": "per cent",
    "neighbours": "neighbors",
    "recognise": "recognize",
    "analysed": "analyzed",
}
NOT_NEWS = (
    "Preheat the oven to 180 degrees. Mix the flour with the butter and the sugar, add two eggs and stir until smooth.",
    "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut labore et dolore.",
    "Die Bundesregierung hat am Mittwoch ein Gesetz beschlossen, das die Steuern auf Benzin und Diesel senken soll.",
    "Le gouvernement a annonce mercredi une baisse des impots pour les familles, que les syndicats jugent trop faible.",
    "asdf qwer zxcv uiop hjkl vbnm tyui ghjk asdf qwer zxcv uiop hjkl vbnm tyui ghjk asdf qwer zxcv uiop hjkl vbnm",
    "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39 40",
    "def main():\n    for i in range(10):\n        print(i)\n    return None\n\nif __name__ == '__main__':\n    main()",
    "Dear Anna, thank you for the lovely evening. The children still talk about your garden. See you soon, with love.",
)

Outcome = tuple[str, bool, str]


def story(number: int, code: str) -> Text:
    """One of the stories, told of a country."""
    title, text = STORIES[number]
    words = dict(zip(("name", "people", "capital", "city"), COUNTRIES[code], strict=True))
    return Text(text.format(**words), title.format(**words))


def topics(found: Prediction) -> set[str]:
    """The topics given."""
    return {tag.key for tag in found.topics}


def swaps(predictor: Predictor) -> Iterator[Outcome]:
    """Another country in the same story: the region moves, the topics stay."""
    codes = list(COUNTRIES)
    for number in range(len(STORIES)):
        found = dict(zip(codes, predictor.predict([story(number, code) for code in codes]), strict=True))
        for step in (1, 5):
            for position, code in enumerate(codes):
                other = codes[(position + step) % len(codes)]
                before, after = ({tag.code for tag in found[which].regions} for which in (code, other))
                moved = code in before and other in after and code not in after and other not in before
                yield "country swapped: regions move", moved, f"{number} {code}>{other}: {before} {after}"
                same = topics(found[code]) == topics(found[other])
                yield "country swapped: topics stay", same, f"{number} {code}>{other}"


def unchanged(predictor: Predictor, texts: list[Text]) -> Iterator[Outcome]:
    """A footer, the headline's case and the spelling change no tag that could be published."""
    edits = {
        "footer added: publishable tags stay": lambda item: Text(item.text + FOOTER, item.title),
        "headline in capitals: publishable tags stay": lambda item: Text(item.text, item.title.upper()),
        "headline in lower case: publishable tags stay": lambda item: Text(item.text, item.title.lower()),
        "British and American spelling: publishable tags stay": respelt,
    }
    before = published(predictor, texts)
    for name, edit in edits.items():
        after = published(predictor, [edit(item) for item in texts])
        for item, one, other in zip(texts, before, after, strict=True):
            yield name, one[0] <= other[1] and other[0] <= one[1], item.title


def respelt(item: Text) -> Text:
    """The text in the other spelling, word by word, both ways."""
    text = item.text
    for british, american in SPELLINGS.items():
        first, second = (british, american) if british in text else (american, british)
        text = text.replace(first, second)
    return Text(text, item.title)


def published(predictor: Predictor, texts: list[Text]) -> list[tuple[set[str], set[str]]]:
    """Of each text, the tags sure enough to publish, and all tags."""
    found = predictor.predict(texts)
    sure: list[set[str]] = []
    everything: list[set[str]] = []
    for one in found:
        tags = [(tag.key, tag.decision) for tag in one.topics] + [(tag.code, tag.decision) for tag in one.regions]
        sure.append({name for name, decision in tags if decision == "publish"})
        everything.append({name for name, _ in tags})
    return list(zip(sure, everything, strict=True))


def foreign(predictor: Predictor) -> Iterator[Outcome]:
    """What is no English news gets at most two tags, or a warning."""
    for text, found in zip(NOT_NEWS, predictor.predict([Text(text) for text in NOT_NEWS]), strict=True):
        tags = len(found.topics) + len(found.regions)
        yield "not English news: few tags or a warning", tags <= 2 or bool(found.warnings), f"{tags} {text[:40]}"


def main() -> None:
    """Print the pass rate of each behaviour."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="models/news")
    parser.add_argument("--texts", type=Path, default=Path("data/prepared/news"), help="prepared corpus to edit")
    parser.add_argument("--failures", action="store_true", help="list them")
    options = parser.parse_args()
    from pipeline.preparation import prepared_splits

    predictor = load_predictor(options.model)
    rows = islice(prepared_splits.read_split(options.texts, "validation"), 200)
    texts = [Text(row["text"], row["title"]) for row in rows]
    outcomes = [*swaps(predictor), *unchanged(predictor, texts), *foreign(predictor)]
    print("| behaviour | cases | passed |\n|---|---|---|")
    for name in dict.fromkeys(outcome[0] for outcome in outcomes):
        passed = [ok for which, ok, _ in outcomes if which == name]
        print(f"| {name} | {len(passed)} | {100 * sum(passed) / len(passed):.1f} % |")
    if options.failures:
        print(*(f"{name}: {what}" for name, ok, what in outcomes if not ok), sep="\n")


if __name__ == "__main__":
    main()
