"""Which stretches of an article to mark, and how strongly for which tag."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.prediction.explaining.explanation import Explanation, Span, TagExplanation

_SHARE = 0.06
_MOST_WORDS = 60
_SPREAD = 0.4  # a word that stands in many places counts less in each
_FAINTEST = 0.15


@dataclass(frozen=True, slots=True)
class Segment:
    """Characters `start` to `end` with, for each tag (its number among the explained), a weight from -100 to 100.

    `strength` (0 to 1) is that for the given topic it matters most for; `place` says that it names a given country.
    """

    start: int
    end: int
    weights: tuple[tuple[int, int], ...]
    strength: float
    place: bool


def segments(explanation: Explanation, field: str, length: int) -> list[Segment]:
    """The stretches to mark in the first `length` characters of a field, in order and apart from each other."""
    marks = [
        (number, span, weight)
        for number, tag in enumerate(explanation.tags)
        for span, weight in _marks(tag)
        if span.field == field and span.start < span.end <= length
    ]
    covering: dict[int, dict[int, int]] = {}
    cuts = sorted({cut for _, span, _ in marks for cut in (span.start, span.end)})
    place = {cut: index for index, cut in enumerate(cuts)}
    for number, span, weight in marks:
        for index in range(place[span.start], place[span.end]):
            covering.setdefault(index, {})[number] = weight
    stretches = list(pairwise(cuts))
    return [_segment(explanation, *stretches[index], covering[index]) for index in sorted(covering)]


def _segment(explanation: Explanation, start: int, end: int, weights: dict[int, int]) -> Segment:
    given = [(explanation.tags[number], weight) for number, weight in weights.items() if explanation.tags[number].given]
    strength = max((weight / 100 for tag, weight in given if tag.task == "topics" and weight > 0), default=0.0)
    place = any(tag.task == "regions" for tag, _ in given)
    return Segment(start, end, tuple(weights.items()), strength if strength >= _FAINTEST else 0.0, place)


def _marks(tag: TagExplanation) -> Iterator[tuple[Span, int]]:
    """A tag's places with their weights; words that hardly count are left out."""
    largest = max((abs(part.weight) for part in tag.contributions), default=0.0)
    for part in tag.contributions[:_MOST_WORDS]:
        if abs(part.weight) >= _SHARE * largest:
            each = 100 * part.weight / largest / max(1, len(part.places)) ** _SPREAD
            yield from ((span, round(each)) for span in part.places)
    yield from ((found.place, 100) for found in tag.evidence)
