"""What a name means where it stands: capitals or none, a namesake's city, a person called like a place.

`Dublin, Ohio` is no city of Ireland, `Michael Jordan` no country. The words around a name decide, with weights learned
from the names of people and of places in the training articles; see `pipeline.training.fit_senses`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from pipeline.features.tokens import LOWER

GIVEN, SURNAME, COMMON = 1, 2, 4  # classes of words: names of people, and words that are mostly written small
CASED, UNTOLD, SMALL = range(3)  # what capitals say in a field: something, nothing as all have one, nothing as none has
# What stands on one side of a name: nothing, a small word, a given name, a common word with a capital, a surname,
# another name, a place, a place that people are called by too.
END, WORD, GIVEN_NAME, CAPITAL_WORD, FAMILY_NAME, OTHER_NAME, PLACE_NAME, PLACE_OR_PERSON = range(8)
SIDES = 8
AMBIGUOUS = (FAMILY_NAME, OTHER_NAME, PLACE_OR_PERSON)
LIMIT, NEUTRAL = 4.0, 1.0  # the most that one place of a name says; what it says where nothing is told
DOUBTED, DROPPED = 0.3, 0.0


@dataclass(frozen=True, slots=True)
class Senses:
    """Words (n,) with their classes and what each says of the name after or before it, all (n,), and what the SIDES
    say, (2, SIDES): above 0 for a place, below for a person. `own` is said by a given name before a family name."""

    words: tuple[str, ...]
    classes: np.ndarray
    before: np.ndarray
    after: np.ndarray
    sides: np.ndarray
    own: float
    intercept: float
    _row: dict[str, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_row", dict(zip(self.words, range(len(self.words)), strict=True)))

    def case(self, words: Sequence[str], shapes: Sequence[int]) -> int:
        """What capitals say in a field: nothing, too, where many of its common words have one, as in a headline."""
        case = field_case(shapes)
        if case != CASED or 3 * _capitals(shapes) <= len(shapes):
            return case
        after = zip(words[1:], shapes[1:], strict=True)
        common = [shape != LOWER for word, shape in after if self.kind(word) & COMMON]
        return UNTOLD if sum(common) > 1 and 5 * sum(common) >= 2 * len(common) else CASED

    def kind(self, word: str) -> int:
        """A word's class."""
        row = self._row.get(word)
        return 0 if row is None else int(self.classes.item(row))

    def word(self, word: str) -> tuple[int, float, float]:
        """A word's class, and what it says of a name after it and before it."""
        row = self._row.get(word)
        return (
            (0, 0.0, 0.0) if row is None else (int(self.classes[row]), float(self.before[row]), float(self.after[row]))
        )

    def of_words(self, words: Sequence[str]) -> list[np.ndarray]:
        """The classes of words, and what each says of a name after it and before it, all (n,); 0 for unknown ones."""
        rows = np.array([self._row.get(word, -1) for word in words], np.int64)
        known = np.flatnonzero(rows >= 0)
        found = [np.zeros(len(rows), column.dtype) for column in (self.classes, self.before, self.after)]
        for values, column in zip(found, (self.classes, self.before, self.after), strict=True):
            values[known] = column[rows[known]]
        return found

    def side(self, words: Sequence[str], shapes: Sequence[int], at: int, case: int, places: set[int]) -> int:
        """Which of the sides the token `at` is, `places` being the tokens of names of places."""
        if not 0 <= at < len(words):
            return END
        kind = self.kind(words[at])
        if shapes[at] == LOWER if case == CASED else kind & COMMON:
            return WORD
        if kind & COMMON:
            return CAPITAL_WORD
        if at in places:
            return PLACE_OR_PERSON if kind & (GIVEN | SURNAME) else PLACE_NAME
        return GIVEN_NAME if kind & GIVEN else FAMILY_NAME if kind & SURNAME else OTHER_NAME

    def score(self, words: Sequence[str], shapes: Sequence[int], at: int, case: int, places: set[int]) -> float:
        """Above 0 if the name that is the token `at` stands like a place, below if like a person; within LIMIT."""
        before, after = (self.side(words, shapes, place, case, places) for place in (at - 1, at + 1))
        score = self.intercept + float(self.sides[0, before]) + float(self.sides[1, after])
        if before in (WORD, CAPITAL_WORD):
            score += self.word(words[at - 1])[1]
        if after in (WORD, CAPITAL_WORD):
            score += self.word(words[at + 1])[2]
        if after in AMBIGUOUS and self.kind(words[at]) & GIVEN:
            score += self.own
        return max(-LIMIT, min(LIMIT, score))

    def state(self) -> dict[str, Any]:
        """Builtins and arrays from which `from_state` makes the senses again."""
        return {
            "words": "\n".join(self.words),
            "classes": self.classes,
            "before": self.before,
            "after": self.after,
            "sides": self.sides,
            "own": self.own,
            "intercept": self.intercept,
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Senses:
        """The senses that `state` was taken from."""
        words = tuple(state["words"].split("\n")) if state["words"] else ()
        names = "classes", "before", "after", "sides"
        classes, before, after, sides = (state[name] for name in names)
        return cls(words, classes, before, after, sides, float(state["own"]), float(state["intercept"]))


def field_case(shapes: Sequence[int]) -> int:
    """What capitals say in a field, by how many of its tokens have one."""
    capitals = _capitals(shapes)
    if 50 * capitals < len(shapes):
        return SMALL
    return UNTOLD if 3 * capitals > 2 * len(shapes) else CASED


def _capitals(shapes: Sequence[int]) -> int:
    return len(shapes) - shapes.count(LOWER)


def plain_senses() -> Senses:
    """Senses of no words, which take every name for a place."""
    nothing = np.zeros(0)
    return Senses((), np.zeros(0, np.uint8), nothing, nothing, np.zeros((2, SIDES)), 0.0, 1.0)
