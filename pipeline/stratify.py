"""Iterative stratification of documents with many labels into two parts, in time that grows with the labels given.

Sechidis, Tsoumakas and Vlahavas (2011), On the stratification of multi-label data. The parts are those that
MultilabelStratifiedShuffleSplit of the package iterative-stratification draws from the same seed, which counts all
labels anew for each label and so takes minutes where this takes seconds.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np


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
        totals = [len(rows) for rows in self._holders]
        self._left = np.array(totals, np.int64)
        self._lacking: list[float] = (shares * len(labels)).tolist()
        self._lacking_labels: list[list[float]] = np.outer(shares, totals).tolist()
        self._part = [-1] * len(labels)

    def parts(self) -> list[int]:
        """The part, 0 or 1, of each document."""
        while self._left.any():
            label = self._rarest()
            for row in self._holders[label]:
                if self._part[row] < 0:
                    self._put(row, self._most_lacking([part[label] for part in self._lacking_labels]))
        for row, part in enumerate(self._part):
            if part < 0:
                self._put(row, self._most_lacking(self._lacking))
        return self._part

    def _rarest(self) -> int:
        least = self._left[self._left > 0].min()
        alike = np.flatnonzero(self._left == least)
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
