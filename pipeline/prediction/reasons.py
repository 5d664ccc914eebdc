"""What a tagger says of the raw score of one label."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.features.gazetteer import Mention


@dataclass(frozen=True, slots=True)
class Named:
    """A name in an article that can stand for a country: as the gazetteer has it, of which kind, and where it is."""

    name: str
    kind: str
    mention: Mention


@dataclass(frozen=True, slots=True)
class Reasons:
    """What a label's raw score is made of: `intercept` and the weights of `terms` and `clues`, the largest first.

    `terms` are those of the article, `clues` say in words what speaks for a country. `names` are those that can stand
    for the label, in order; None where a tagger looks for none.
    """

    intercept: float
    terms: tuple[tuple[str, float], ...] = ()
    clues: tuple[tuple[str, float], ...] = ()
    names: tuple[Named, ...] | None = None

    @property
    def score(self) -> float:
        """The raw score."""
        return self.intercept + sum(weight for _, weight in self.terms + self.clues)
