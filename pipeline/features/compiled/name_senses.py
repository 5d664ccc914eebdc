"""What a name means where it stands, in batches of articles, compiled: the same as `pipeline.features.name_senses`."""

from __future__ import annotations

from typing import Any

from pipeline.features.compiled.compiler import part
from pipeline.features.name_senses import (
    CAPITAL_WORD,
    CASED,
    COMMON,
    END,
    FAMILY_NAME,
    GIVEN,
    GIVEN_NAME,
    LIMIT,
    OTHER_NAME,
    PLACE_NAME,
    PLACE_OR_PERSON,
    SMALL,
    SURNAME,
    UNTOLD,
    WORD,
)
from pipeline.features.tokens import LOWER

_WORDS = 1 << WORD | 1 << CAPITAL_WORD
_AMBIGUOUS = 1 << FAMILY_NAME | 1 << OTHER_NAME | 1 << PLACE_OR_PERSON


@part
def field_case(shapes: Any, begin: int, end: int) -> int:
    """What capitals say in a field."""
    capitals = _capitals(shapes, begin, end)
    if 50 * capitals < end - begin:
        return SMALL
    return UNTOLD if 3 * capitals > 2 * (end - begin) else CASED


@part
def _capitals(shapes: Any, begin: int, end: int) -> int:
    found = 0
    for at in range(begin, end):
        found += shapes[at] != LOWER
    return found


@part
def told_case(words: Any, shapes: Any, begin: int, end: int, classes: Any) -> int:
    """What capitals say in a field: nothing, too, where many of its common words have one."""
    case = field_case(shapes, begin, end)
    if case != CASED or 3 * _capitals(shapes, begin, end) <= end - begin:
        return case
    capital = common = 0
    for at in range(begin + 1, end):
        if words[at] < len(classes) and classes[words[at]] & COMMON:
            common += 1
            capital += shapes[at] != LOWER
    return UNTOLD if capital > 1 and 5 * capital >= 2 * common else CASED


@part
def side(words: Any, shapes: Any, begin: int, end: int, at: int, case: int, places: Any, classes: Any) -> int:
    """Which of the sides the token `at` of a document's field is; `places` tells which tokens belong to names."""
    if at < begin or at >= end:
        return END
    kind = classes[words[at]] if words[at] < len(classes) else 0
    small = shapes[at] == LOWER if case == CASED else kind & COMMON != 0
    if small:
        return WORD
    if kind & COMMON:
        return CAPITAL_WORD
    if places[at]:
        return PLACE_OR_PERSON if kind & (GIVEN | SURNAME) else PLACE_NAME
    if kind & GIVEN:
        return GIVEN_NAME
    return FAMILY_NAME if kind & SURNAME else OTHER_NAME


@part
def score_of(
    words: Any, shapes: Any, begin: int, end: int, at: int, case: int, places: Any,
    classes: Any, said_before: Any, said_after: Any, sides: Any, own: float, intercept: float,
) -> float:  # fmt: skip
    """Above 0 if the name that is the token `at` stands like a place, below if like a person."""
    before = side(words, shapes, begin, end, at - 1, case, places, classes)
    after = side(words, shapes, begin, end, at + 1, case, places, classes)
    score = intercept + sides[0, before] + sides[1, after]
    if 1 << before & _WORDS and words[at - 1] < len(classes):
        score += said_before[words[at - 1]]
    if 1 << after & _WORDS and words[at + 1] < len(classes):
        score += said_after[words[at + 1]]
    if 1 << after & _AMBIGUOUS and words[at] < len(classes) and classes[words[at]] & GIVEN:
        score += own
    return -LIMIT if score < -LIMIT else LIMIT if score > LIMIT else score
