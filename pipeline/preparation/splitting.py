"""Train, validation and test: by iterative stratification, by time, or the corpus's own; groups never straddle."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence

import numpy as np

from pipeline.common.article import Article, Split
from pipeline.common.config import PrepareSettings
from pipeline.common.errors import DataError

SPLITS: tuple[Split, ...] = ("train", "validation", "test")


def assign(
    articles: Sequence[Article],
    groups: Sequence[int],
    settings: PrepareSettings,
    seed: int,
    train_only: Collection[str] = (),
) -> list[Split]:
    """The split of each article; articles of one group (near-duplicates) get the same one.

    Those of the corpora `train_only` are training articles, and so is each group that holds one of them; the shares of
    the other splits are of the rest. Raises DataError when a split is left empty, or when dates or the corpus's own
    split are missing.
    """
    names = _assigned(articles, groups, settings, seed, _judged(articles, groups, train_only))
    empty = next((split for split in SPLITS if split not in names), None)
    if empty:
        raise DataError(f"no article is left for the {empty} split: {len(articles)} articles are too few for it")
    return names


def _judged(articles: Sequence[Article], groups: Sequence[int], train_only: Collection[str]) -> list[int]:
    """Positions of the articles that may be judged on."""
    apart = {group for article, group in zip(articles, groups, strict=True) if article.corpus in train_only}
    return [position for position, group in enumerate(groups) if group not in apart]


def _assigned(
    articles: Sequence[Article], groups: Sequence[int], settings: PrepareSettings, seed: int, judged: list[int]
) -> list[Split]:
    if settings.split == "own":
        return _own(articles, groups, settings, seed, judged)
    if settings.split == "time":
        rest, test = _latest(articles, groups, settings.test_share, judged)
        rest, validation = _latest(articles, groups, settings.validation / (1 - settings.test_share), rest)
    else:
        rest, test = _stratified(articles, groups, settings.test_share, seed, judged)
        share = settings.validation / (1 - settings.test_share)
        rest, validation = _stratified(articles, groups, share, seed, rest)
    return _named(len(articles), validation, test)


def _named(count: int, validation: list[int], test: list[int]) -> list[Split]:
    names: list[Split] = ["train"] * count
    for position in validation:
        names[position] = "validation"
    for position in test:
        names[position] = "test"
    return names


def _own(
    articles: Sequence[Article], groups: Sequence[int], settings: PrepareSettings, seed: int, judged: list[int]
) -> list[Split]:
    without = sum(articles[position].split is None for position in judged)
    if without:
        raise DataError(f"prepare.split is 'own', but {without} of {len(judged)} articles come without a split")
    names: list[Split] = ["train"] * len(articles)
    for position in judged:
        names[position] = articles[position].split or "train"
    missing = next((split for split in ("train", "test") if split not in names), None)
    if missing:
        raise DataError(f"prepare.split is 'own', but no article is in the split {missing}")
    if "validation" not in names:
        train = [position for position in judged if names[position] == "train"]
        for position in _stratified(articles, groups, settings.validation, seed, train)[1]:
            names[position] = "validation"
    return names


def _latest(
    articles: Sequence[Article], groups: Sequence[int], share: float, among: list[int]
) -> tuple[list[int], list[int]]:
    """Positions before and after the date from which the latest `share` stands; groups go by their earliest date.

    Articles without a date count as the earliest, so that nothing undated is tested on.
    """
    if not any(articles[position].date for position in among):
        raise DataError("prepare.split is 'time', but no article has a date; use stratified")
    dates: dict[int, str] = {}
    for position in among:
        date = articles[position].date
        dates[groups[position]] = min(date, dates.get(groups[position], date))
    ordered = sorted(among, key=lambda position: (dates[groups[position]], groups[position], position))
    cut = _group_border(ordered, groups, round(len(ordered) * (1 - share)))
    return sorted(ordered[:cut]), sorted(ordered[cut:])


def _group_border(ordered: list[int], groups: Sequence[int], cut: int) -> int:
    while 0 < cut < len(ordered) and groups[ordered[cut]] == groups[ordered[cut - 1]]:
        cut += 1
    return cut


def _stratified(
    articles: Sequence[Article], groups: Sequence[int], share: float, seed: int, among: list[int]
) -> tuple[list[int], list[int]]:
    """Positions of the larger and the smaller part, rates of labels and sources alike."""
    names = sorted({groups[position] for position in among})
    row = {name: number for number, name in enumerate(names)}
    if len(names) < 3:
        raise DataError(f"{len(names)} different articles are too few to split; at least 10 are needed")
    strata = _strata(articles, among, [row[groups[position]] for position in among], len(names))
    chosen = set(smaller_part(strata, share, seed))
    if len(chosen) < share * len(strata) / 2:  # each label has so few articles that its rate leaves it none
        chosen = set(smaller_part([[] for _ in strata], share, seed))
    smaller = [position for position in among if row[groups[position]] in chosen]
    return [position for position in among if row[groups[position]] not in chosen], smaller


def _strata(articles: Sequence[Article], among: list[int], rows: list[int], count: int) -> list[Sequence[int]]:
    """The labels and sources of each group, as numbers."""
    numbers: dict[tuple[str, str], int] = {}
    known: dict[tuple[tuple[str, ...], tuple[str, ...], str], tuple[int, ...]] = {}
    found: list[Sequence[int]] = [()] * count
    for position, row in zip(among, rows, strict=True):
        article = articles[position]
        given = tuple(article.topics or ()), tuple(article.regions or ()), article.source
        strata = known.get(given)
        if strata is None:
            named = (
                [("topic", key) for key in given[0]] + [("region", code) for code in given[1]] + [("source", given[2])]
            )
            strata = known[given] = tuple(dict.fromkeys(numbers.setdefault(one, len(numbers)) for one in named))
        found[row] = tuple(dict.fromkeys((*found[row], *strata))) if found[row] else strata
    return found


def smaller_part(labels: Sequence[Sequence[int]], share: float, seed: int) -> list[int]:
    """Positions, in order, of about `share` of the documents, each label at its rate.

    `labels` are the numbers of each document's labels, each at most once, counted from 0.
    """
    count, smaller = len(labels), math.ceil(share * len(labels))
    dice = np.random.RandomState(seed)
    order = np.arange(count)
    dice.shuffle(order)
    shuffled = order.tolist()
    draw = _Draw([labels[position] for position in shuffled], np.array([count - smaller, smaller]) / count, dice)
    return sorted(shuffled[row] for row, part in enumerate(draw.parts()) if part == 1)


class _Draw:
    """Documents on their way into the parts: the rarest label's first, each into the part that lacks most of it."""

    def __init__(self, labels: Sequence[Sequence[int]], shares: np.ndarray, dice: np.random.RandomState) -> None:
        self._labels, self._dice = labels, dice
        self._holders: list[list[int]] = [
            [] for _ in range(max((max(row, default=-1) for row in labels), default=-1) + 1)
        ]
        for row, given in enumerate(labels):
            for label in given:
                self._holders[label].append(row)
        totals = list(map(len, self._holders))
        self._left = totals
        self._lacking: list[float] = (shares * len(labels)).tolist()
        self._lacking_labels: list[list[float]] = np.outer(shares, totals).tolist()
        self._part = [-1] * len(labels)

    def parts(self) -> list[int]:
        """The part, 0 or 1, of each document."""
        while any(self._left):
            label = self._rarest()
            for row in self._holders[label]:
                if self._part[row] < 0:
                    self._put(row, self._most_lacking([part[label] for part in self._lacking_labels]))
        for row, part in enumerate(self._part):
            if part < 0:
                self._put(row, self._most_lacking(self._lacking))
        return self._part

    def _rarest(self) -> int:
        least = min(filter(None, self._left))
        alike = [label for label, left in enumerate(self._left) if left == least]
        return int(alike[self._dice.choice(len(alike)) if len(alike) > 1 else 0])

    def _most_lacking(self, wanted: Sequence[float]) -> int:
        """The part that lacks more of a label; on a tie the one that lacks more documents, or else either."""
        for zero, one in (wanted, self._lacking):
            if zero != one:
                return int(one > zero)
        return int(self._dice.choice(2))

    def _put(self, row: int, part: int) -> None:
        self._part[row] = part
        self._lacking[part] -= 1
        for label in self._labels[row]:
            self._lacking_labels[part][label] -= 1
            self._left[label] -= 1
