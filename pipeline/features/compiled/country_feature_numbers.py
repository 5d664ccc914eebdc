"""Pair features by number: what the compiled functions write, and the names that the same features have in a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np

from pipeline.features.compiled.lexicon import FIRST_WORDS, Lexicon
from pipeline.features.gazetteer import KINDS, Gazetteer

FAMILY = 56  # bits below the family's number
(
    CANDIDATES, STRONG, LENGTH, LABEL, NO_TEXT, BEST_OTHER, TEXT, TEXT_ABOVE, TEXT_BELOW, TEXT_RANK, TEXT_GAP,
    TEXT_LEVEL, TEXT_OF, TEXT_SHARE, TEXT_UNMENTIONED, KIND_COUNT, KIND_HAS, ZONE_COUNT, ZONE_SHARE, ZONE_HAS,
    ZONE_LEVEL, SCORE, SHARE, SHARE_SQUARED, SHARE_ROOT, RATIO, GAP, EARLY, LATE, FIRST, FIRST_LEVEL, RANK, RANK_OF,
    ORDER, LOWER_CASE, NAMES, KINDS_COUNT, KINDS_SET, BEFORE, AFTER, CAPITAL_BEFORE, CAPITAL_AFTER, NAME, UNMENTIONED,
) = range(1, 45)  # fmt: skip
WORDED = BEFORE, AFTER, NAME
WORD_BIT = 52  # set in these, which makes their numbers larger than any other's
WHAT_BITS, WHERE_BITS = 33, 36  # of BEFORE and AFTER, above the word's number + 1, which is 0 beyond the text's ends
CODE_BITS, TITLE_BIT, LOWER_BIT = 32, 48, 49  # of NAME, above the name's number

_PLAIN = {
    CANDIDATES: "candidates", LENGTH: "length", NO_TEXT: "no text model", BEST_OTHER: "best other text", TEXT: "text",
    TEXT_ABOVE: "text above 0", TEXT_BELOW: "text below 0", TEXT_GAP: "text gap", TEXT_SHARE: "text by share",
    TEXT_UNMENTIONED: "text unmentioned", SCORE: "score", SHARE: "share", SHARE_SQUARED: "share squared",
    SHARE_ROOT: "share root", RATIO: "ratio", GAP: "gap", EARLY: "early", LATE: "late only", FIRST: "first",
    LOWER_CASE: "lower case", UNMENTIONED: "unmentioned",
}  # fmt: skip
_LEVELS = {
    STRONG: ("strong", 7), TEXT_RANK: ("text rank", 5), FIRST_LEVEL: ("first", 8), RANK: ("rank", 6),
    ORDER: ("order", 5), NAMES: ("names", 5), KINDS_COUNT: ("kinds", 5),
}  # fmt: skip
_WHERE = ("body", "title")


@cache
def _finite() -> dict[str, int]:
    """The features that hold no word, name or label."""
    found = {name: key(family) for family, name in _PLAIN.items()}
    for family, (name, size) in _LEVELS.items():
        found |= {f"{name}={level}": key(family, level) for level in range(size)}
    found |= {f"text={level - 6}": key(TEXT_LEVEL, level) for level in range(13)}
    for zone in range(4):
        found |= {f"count {kind} {zone}": key(KIND_COUNT, 4 * kind + zone) for kind in range(len(KINDS))}
        found |= {f"has {kind} {zone}": key(KIND_HAS, 4 * kind + zone) for kind in range(len(KINDS))}
        zoned = {"count": ZONE_COUNT, "share": ZONE_SHARE, "has": ZONE_HAS}
        found |= {f"{name} {zone}": key(family, zone) for name, family in zoned.items()}
        found |= {f"count {zone}={level}": key(ZONE_LEVEL, 8 * zone + level) for level in range(5)}
    found |= {f"rank={rank} of {most}": key(RANK_OF, 8 * rank + most) for rank in range(4) for most in range(6)}
    for kinds in range(1 << len(KINDS)):
        named = " ".join(str(kind) for kind in range(len(KINDS)) if kinds >> kind & 1)
        found[f"kinds {named}"] = key(KINDS_SET, kinds)
    for what, named in enumerate(FIRST_WORDS):
        found[f"Capital before {named}"] = key(CAPITAL_BEFORE, what)
        found[f"Capital after {named}"] = key(CAPITAL_AFTER, what)
    return found


@cache
def _finite_names() -> dict[int, str]:
    return {number: name for name, number in _finite().items()}


def key(family: int, rest: int = 0) -> int:
    """A feature's number."""
    return family << FAMILY | rest


def name_of(number: int, lexicon: Lexicon, gazetteer: Gazetteer) -> str:
    """What a feature is called in a model."""
    finite = _finite_names().get(number)
    if finite is not None:
        return finite
    family, rest = number >> FAMILY, number & (1 << FAMILY) - 1
    if family in {BEFORE, AFTER}:
        word = lexicon.words[(rest & (1 << WHAT_BITS) - 1) - 1] if rest & (1 << WHAT_BITS) - 1 else "."
        what, where = FIRST_WORDS[rest >> WHAT_BITS & 3], _WHERE[rest >> WHERE_BITS & 1]
        return f"word {where}: {word} {what}" if family == BEFORE else f"word {where}: {what} {word}"
    if family == NAME:
        name, label = gazetteer.names[rest & (1 << CODE_BITS) - 1], gazetteer.labels[rest >> CODE_BITS & 0xFFFF]
        return f"name {_WHERE[rest >> TITLE_BIT & 1]}: {name}={label}{' lower' if rest >> LOWER_BIT & 1 else ''}"
    return f"label={gazetteer.labels[rest]}" if family == LABEL else f"text of {gazetteer.labels[rest]}"


def keys_of(names: Sequence[str], lexicon: Lexicon, gazetteer: Gazetteer) -> np.ndarray:
    """The numbers (int64) of features by name; -1 for one that is unknown. Their words are added to the lexicon."""
    finite, codes = _finite(), {label: code for code, label in enumerate(gazetteer.labels)}
    places = {name: number for number, name in enumerate(gazetteer.names)}
    words = sorted({word for name in names if name.startswith("word ") for word in name.split(" ")[2:]} - {"."})
    numbers = dict(zip(words, lexicon.numbers(words).tolist(), strict=True)) | {".": -1}
    found = [finite[name] if name in finite else _worded(name, codes, places, numbers) for name in names]
    return np.array(found, np.int64)


def _worded(name: str, codes: Mapping[str, int], places: Mapping[str, int], words: Mapping[str, int]) -> int:
    family, _, rest = name.partition(" ")
    if name.startswith("label=") and name[6:] in codes:
        return key(LABEL, codes[name[6:]])
    if name.startswith("text of ") and name[8:] in codes:
        return key(TEXT_OF, codes[name[8:]])
    where, _, said = rest.partition(": ")
    title = int(where == "title")
    if family == "word":
        first, _, second = said.partition(" ")
        if second in FIRST_WORDS:
            first, second, family_number = second, first, BEFORE
        else:
            family_number = AFTER
        what = FIRST_WORDS.index(first) << WHAT_BITS
        return key(family_number, words[second] + 1 | what | title << WHERE_BITS | 1 << WORD_BIT)
    if family == "name":
        place, _, label = said.partition("=")
        lower = label not in codes and label.endswith(" lower")
        code = codes.get(label.removesuffix(" lower") if lower else label)
        if place in places and code is not None:
            told = title << TITLE_BIT | int(lower) << LOWER_BIT | 1 << WORD_BIT
            return key(NAME, places[place] | code << CODE_BITS | told)
    return -1
