"""Labels that imply those above them: as keys, and as the columns of a matrix."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np


def closed(keys: Iterable[str], parent: Callable[[str], str | None]) -> list[str]:
    """Labels and all that they imply: each once, in the order given, then those above; a cycle of parents ends."""
    found = dict.fromkeys(keys)
    waiting = list(found)
    while waiting:
        above = parent(waiting.pop(0))
        if above and above not in found:
            found[above] = None
            waiting.append(above)
    return list(found)


def indicator(
    labels: Sequence[Iterable[str]], vocabulary: Sequence[str], parents: Mapping[str, str] | None = None
) -> np.ndarray:
    """Which label holds for which document, boolean (n, L): those given, and with `parents` those above them.

    Labels that the vocabulary doesn't hold are left out.
    """
    column = {label: number for number, label in enumerate(vocabulary)}
    gold = np.zeros((len(labels), len(vocabulary)), dtype=bool)
    for row, given in enumerate(labels):
        every = closed(given, parents.get) if parents else given
        gold[row, [column[label] for label in every if label in column]] = True
    return gold


@dataclass(frozen=True, slots=True)
class Links:
    """The columns of labels that have others below (K,), of each of these and those below it (P,), one after the other,
    and where each begins (K,)."""

    parents: np.ndarray
    below: np.ndarray
    starts: np.ndarray

    def __bool__(self) -> bool:
        return len(self.parents) > 0


def links(labels: Sequence[str], parent: Callable[[str], str | None]) -> Links:
    """Which labels stand below which; a parent without a column ends the way up."""
    column = {label: number for number, label in enumerate(labels)}
    below: list[list[int]] = [[] for _ in labels]
    for label in labels:
        for above in closed([label], lambda key: up if (up := parent(key) or "") in column else None):
            below[column[above]].append(column[label])
    found = {number: those for number, those in enumerate(below) if len(those) > 1}
    starts = np.cumsum([0, *map(len, found.values())], dtype=np.intp)[: len(found)]
    return Links(
        np.array([*found], np.intp), np.array([one for those in found.values() for one in those], np.intp), starts
    )


def raised(values: np.ndarray, above: Links) -> np.ndarray:
    """Decisions or probabilities (n, L) in which each label's is at least that of the labels below it."""
    found = values.copy()
    if above:
        found[:, above.parents] = np.maximum.reduceat(values.take(above.below, axis=1), above.starts, axis=1)
    return found
