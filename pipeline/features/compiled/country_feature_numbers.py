"""Pair features by number: what the compiled functions write, and the names that the same features have in a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np

from pipeline.features import country_feature_names as names
from pipeline.features.compiled.lexicon import Lexicon
from pipeline.features.gazetteer import KINDS, Gazetteer

FAMILY = 56  # bits below the family's number
(
    CANDIDATES, STRONG, LENGTH, LABEL, NO_TEXT, BEST_OTHER, TEXT, TEXT_ABOVE, TEXT_BELOW, TEXT_RANK, TEXT_GAP,
    TEXT_LEVEL, TEXT_OF, TEXT_SHARE, TEXT_UNMENTIONED, KIND_COUNT, KIND_HAS, ZONE_COUNT, ZONE_SHARE, ZONE_HAS,
    ZONE_LEVEL, SCORE, SHARE, SHARE_SQUARED, SHARE_ROOT, RATIO, GAP, EARLY, LATE, FIRST, FIRST_LEVEL, RANK, RANK_OF,
    ORDER, LOWER_CASE, NAMES, KINDS_COUNT, KINDS_SET, BEFORE, AFTER, CAPITAL_BEFORE, CAPITAL_AFTER, NAME, UNMENTIONED,
    SURE_LEVEL, UNSURE,
) = range(1, 47)  # fmt: skip
PLAIN = 0  # the rest of a feature that is one of a kind
WORDED = BEFORE, AFTER, NAME
WORD_BIT = 52  # set in these, which makes their numbers larger than any other's
WHAT_BITS, WHERE_BITS = 33, 36  # of BEFORE and AFTER, above the word's number + 1, which is 0 beyond the text's ends
CODE_BITS, TITLE_BIT, LOWER_BIT = 32, 48, 49  # of NAME, above the name's number

_PLAIN = {
    CANDIDATES: "candidates", LENGTH: "length", NO_TEXT: "no text model", BEST_OTHER: "best other text", TEXT: "text",
    TEXT_ABOVE: "text above 0", TEXT_BELOW: "text below 0", TEXT_GAP: "text gap", TEXT_SHARE: "text by share",
    TEXT_UNMENTIONED: "text unmentioned", SCORE: "score", SHARE: "share", SHARE_SQUARED: "share squared",
    SHARE_ROOT: "share root", RATIO: "ratio", GAP: "gap", EARLY: "early", LATE: "late only", FIRST: "first",
    LOWER_CASE: "lower case", UNMENTIONED: "unmentioned", UNSURE: names.UNSURE,
}  # fmt: skip
_LEVELS = {
    STRONG: ("strong", 7), TEXT_RANK: ("text rank", 5), FIRST_LEVEL: ("first", 8), RANK: ("rank", 6),
    ORDER: ("order", 5), NAMES: ("names", 5), KINDS_COUNT: ("kinds", 5), SURE_LEVEL: ("sure", 5),
}  # fmt: skip


@cache
def _finite() -> dict[str, int]:
    """The features that hold no word, name or label."""
    found = {name: key(family) for family, name in _PLAIN.items()}
    for family, (name, size) in _LEVELS.items():
        found |= {names.level(name, level): key(family, level) for level in range(size)}
    found |= {names.level("text", level - 6): key(TEXT_LEVEL, level) for level in range(13)}
    for zone in range(4):
        found |= {names.of_kind("count", kind, zone): key(KIND_COUNT, 4 * kind + zone) for kind in range(len(KINDS))}
        found |= {names.of_kind("has", kind, zone): key(KIND_HAS, 4 * kind + zone) for kind in range(len(KINDS))}
        zoned = {"count": ZONE_COUNT, "share": ZONE_SHARE, "has": ZONE_HAS}
        found |= {names.in_zone(name, zone): key(family, zone) for name, family in zoned.items()}
        found |= {
            names.level(names.in_zone("count", zone), level): key(ZONE_LEVEL, 8 * zone + level) for level in range(5)
        }
    found |= {names.rank_of(rank, most): key(RANK_OF, 8 * rank + most) for rank in range(4) for most in range(6)}
    for kinds in range(1 << len(KINDS)):
        found[names.kinds([kind for kind in range(len(KINDS)) if kinds >> kind & 1])] = key(KINDS_SET, kinds)
    for use in range(len(names.USES)):
        found[names.capital("before", use)] = key(CAPITAL_BEFORE, use)
        found[names.capital("after", use)] = key(CAPITAL_AFTER, use)
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
        number = rest & (1 << WHAT_BITS) - 1
        word = lexicon.words[number - 1] if number else names.END
        return names.beside(word, rest >> WHAT_BITS & 3, bool(rest >> WHERE_BITS & 1), family == BEFORE)
    if family == NAME:
        name, label = gazetteer.names[rest & (1 << CODE_BITS) - 1], gazetteer.labels[rest >> CODE_BITS & 0xFFFF]
        return names.named(name, label, bool(rest >> TITLE_BIT & 1), bool(rest >> LOWER_BIT & 1))
    return names.label(gazetteer.labels[rest]) if family == LABEL else names.text_of(gazetteer.labels[rest])


def keys_of(features: Sequence[str], lexicon: Lexicon, gazetteer: Gazetteer) -> np.ndarray:
    """The numbers (int64) of features by name; -1 for one that is unknown. Their words are added to the lexicon."""
    finite = dict(_finite())
    for code, label in enumerate(gazetteer.labels):
        finite |= {names.label(label): key(LABEL, code), names.text_of(label): key(TEXT_OF, code)}
    codes = {label: code for code, label in enumerate(gazetteer.labels)}
    places = {name: number for number, name in enumerate(gazetteer.names)}
    beside = {feature: told for feature in features if (told := names.read_beside(feature))}
    words = sorted({told.word for told in beside.values()} - {names.END})
    numbers = dict(zip(words, lexicon.numbers(words).tolist(), strict=True)) | {names.END: -1}
    found = []
    for feature in features:
        if feature in beside:
            found.append(_beside_key(beside[feature], numbers[beside[feature].word]))
        else:
            found.append(finite[feature] if feature in finite else _named_key(feature, codes, places))
    return np.array(found, np.int64)


def _beside_key(told: names.Beside, word: int) -> int:
    rest = word + 1 | told.use << WHAT_BITS | int(told.title) << WHERE_BITS | 1 << WORD_BIT
    return key(BEFORE if told.before else AFTER, rest)


def _named_key(feature: str, codes: Mapping[str, int], places: Mapping[str, int]) -> int:
    told = names.read_named(feature, codes)
    if told is None or told.name not in places or told.label not in codes:
        return -1
    rest = places[told.name] | codes[told.label] << CODE_BITS
    return key(NAME, rest | int(told.title) << TITLE_BIT | int(told.lower) << LOWER_BIT | 1 << WORD_BIT)
