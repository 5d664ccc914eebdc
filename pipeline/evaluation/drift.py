"""How far articles differ from those that a model was measured on, with intervals; no labels are needed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from pipeline.evaluation.reliability import wilson
from pipeline.evaluation.seen import Profile
from pipeline.features.language.names import language_name

_LEVEL = 0.05
_UNSTABLE = 0.2  # population stability index from which a distribution is said to have moved (Siddiqi 2006)
_LEAST = 30
_OFTEN = 0.01


@dataclass(frozen=True, slots=True)
class Shift:
    """A share or mean before and now; `low` and `high` enclose the difference (95 %).

    `moved` when the interval of all shifts together, Bonferroni's, leaves out 0. `task` and `label` are empty for what
    concerns the articles as such.
    """

    name: str
    before: float
    now: float
    low: float
    high: float
    moved: bool
    task: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Drift:
    """Shifts of the articles and of each label, the largest first; `stability` are stability indices by name."""

    articles: tuple[Shift, ...]
    labels: tuple[Shift, ...]
    stability: dict[str, float]

    @property
    def moved(self) -> list[str]:
        """The names of all that has moved."""
        unstable = [name for name, value in self.stability.items() if value >= _UNSTABLE]
        return [shift.name for shift in (*self.articles, *self.labels) if shift.moved] + unstable


def drift(before: Profile, now: Profile) -> Drift:
    """What has changed between two profiles of one model."""
    shares = [("articles with a warning", "", "", before.warned, now.warned), *_languages(before, now)]
    for task, found in now.tasks.items():
        earlier = before.tasks.get(task)
        if earlier is not None:
            known = sorted({*earlier.labels, *found.labels})
            shares += [
                (label, task, label, earlier.labels.get(label, 0), found.labels.get(label, 0)) for label in known
            ]
    z = NormalDist().inv_cdf(1 - _LEVEL / 2 / (len(shares) + 2))
    counted = [
        _share(name, task, label, one, before.documents, other, now.documents, z)
        for name, task, label, one, other in shares
        if one or other
    ]
    means = [
        _mean("share of unknown words", before.unknown, before.documents, now.unknown, now.documents, z),
        _mean("length (logarithm of words)", before.words, before.documents, now.words, now.documents, z),
    ]
    labels = sorted((shift for shift in counted if shift.task), key=lambda shift: -abs(shift.now - shift.before))
    return Drift((*means, *(shift for shift in counted if not shift.task)), tuple(labels), _stability(before, now))


def _languages(before: Profile, now: Profile) -> list[tuple[str, str, str, int, int]]:
    """The articles in each language that one in a hundred is in; nothing where an earlier version counted none."""
    if not before.languages or not now.languages:
        return []
    named = sorted({*before.languages, *now.languages})
    counts = [(language, before.languages.get(language, 0), now.languages.get(language, 0)) for language in named]
    return [
        (f"articles in {language_name(language)}" if language else "articles in no known language", "", "", one, other)
        for language, one, other in counts
        if one >= _OFTEN * before.documents or other >= _OFTEN * now.documents
    ]


def stability_index(before: list[int], now: list[int]) -> float:
    """The population stability index of two histograms over the same bins: 0 for equal ones (Siddiqi 2006)."""
    one, other = ((np.array(counts) + 0.5) / (sum(counts) + 0.5 * len(counts)) for counts in (before, now))
    return float(((other - one) * np.log(other / one)).sum())


def _stability(before: Profile, now: Profile) -> dict[str, float]:
    if min(before.documents, now.documents) < _LEAST:
        return {}
    found = {"lengths": stability_index(before.lengths, now.lengths)}
    for task, profile in now.tasks.items():
        if task in before.tasks:
            found[f"scores of {task}"] = stability_index(before.tasks[task].highest, profile.highest)
    return found


def _share(name: str, task: str, label: str, one: int, of: int, other: int, of_now: int, z: float) -> Shift:
    before, now = one / max(1, of), other / max(1, of_now)
    low, high = _newcombe(before, of, now, of_now, 1.96)
    least, most = _newcombe(before, of, now, of_now, z)
    return Shift(name, before, now, low, high, least > 0 or most < 0, task, label)


def _newcombe(before: float, of: int, now: float, of_now: int, z: float) -> tuple[float, float]:
    """The interval of a difference of two independent shares (Newcombe 1998, method 10)."""
    shares, counts = np.array([before, now]), np.array([max(1, of), max(1, of_now)])
    low, high = wilson(shares, counts, z)
    difference = now - before
    return (
        float(difference - math.hypot(now - low[1], high[0] - before)),
        float(difference + math.hypot(high[1] - now, before - low[0])),
    )


def _mean(name: str, before: tuple[float, float], of: int, now: tuple[float, float], of_now: int, z: float) -> Shift:
    error = math.sqrt(before[1] ** 2 / max(1, of) + now[1] ** 2 / max(1, of_now))
    difference = now[0] - before[0]
    moved = abs(difference) > z * error and error > 0
    return Shift(name, before[0], now[0], difference - 1.96 * error, difference + 1.96 * error, moved)
