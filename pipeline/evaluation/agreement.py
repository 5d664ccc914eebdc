"""How far people agree who labelled the same articles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TypeVar

Value = TypeVar("Value", bound=Hashable)
Labels = frozenset[str]


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of `articles` labelled by two people or more: F1 of one person's labels against another's, and alpha.

    For a single label `given` is how many articles somebody gave it, `both` how many everybody did. `alpha` is None
    where there is nothing to disagree on.
    """

    articles: int
    given: int
    both: int
    f1: float
    alpha: float | None


def agreement(opinions: Sequence[Mapping[str, Labels]]) -> Agreement:
    """The agreement on whole articles; `opinions` has the labels by person for each of them.

    F1 is 2|A and B| / (|A| + |B|) summed over all pairs of people of an article: the same whoever is taken for right
    (Hripcsak and Rothschild 2005). Alpha is Krippendorff's (2011), by the distance MASI of sets (Passonneau 2006).
    """
    units = [list(people.values()) for people in opinions if len(people) > 1]
    return Agreement(len(units), *_counts(units), _f1(units), alpha(units, masi))


def agreement_by_label(opinions: Sequence[Mapping[str, Labels]]) -> dict[str, Agreement]:
    """The same for each label, given or not, the most frequent first; alpha is that for nominal data."""
    units = [list(people.values()) for people in opinions if len(people) > 1]
    counts = Counter(label for unit in units for labels in unit for label in labels)
    found = {}
    for label, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        own = [[labels & {label} for labels in unit] for unit in units]
        found[label] = Agreement(len(own), *_counts(own), _f1(own), alpha(own, lambda a, b: float(a != b)))
    return found


def alpha(units: Sequence[Sequence[Value]], distance: Callable[[Value, Value], float]) -> float | None:
    """Krippendorff's alpha: 1 less the disagreement seen over the one expected by chance.

    `units` hold what was said of each article, in any number; those said once don't count. None when no two values
    differ (Krippendorff 2011, Computing Krippendorff's Alpha-Reliability).
    """
    paired = [unit for unit in units if len(unit) > 1]
    counts = Counter(value for unit in paired for value in unit)
    total = counts.total()
    seen = sum(
        2 * sum(distance(one, other) for one, other in combinations(unit, 2)) / (len(unit) - 1) for unit in paired
    )
    chance = 2 * sum(m * n * distance(one, other) for (one, m), (other, n) in combinations(counts.items(), 2))
    return 1 - (total - 1) * seen / chance if chance else None


def masi(one: Labels, other: Labels) -> float:
    """The distance between two sets of labels: 1 less their Jaccard index times how far one holds the other."""
    if one == other:
        return 0.0
    shared = len(one & other)
    if not shared:
        return 1.0
    monotone = 2 / 3 if one <= other or other <= one else 1 / 3
    return 1 - shared / len(one | other) * monotone


def _counts(units: Sequence[Sequence[Labels]]) -> tuple[int, int]:
    """How many articles have a label from somebody, and from everybody the same one."""
    return sum(any(unit) for unit in units), sum(bool(frozenset.intersection(*unit)) for unit in units)


def _f1(units: Sequence[Sequence[Labels]]) -> float:
    pairs = [pair for unit in units for pair in combinations(unit, 2)]
    shared, all_ = sum(len(a & b) for a, b in pairs), sum(len(a) + len(b) for a, b in pairs)
    return 2 * shared / all_ if all_ else 1.0
