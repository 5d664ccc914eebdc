"""Labels that imply those above them: as keys, and as the columns of a matrix."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

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


def links(labels: Sequence[str], parent: Callable[[str], str | None]) -> list[tuple[int, int]]:
    """The columns of each label and of its parent, the deepest labels first; labels without a column are left out."""
    column = {label: number for number, label in enumerate(labels)}
    deepest = sorted(labels, key=lambda label: -len(closed([label], parent)))
    return [(column[label], column[above]) for label in deepest if (above := parent(label) or "") in column]


def raised(values: np.ndarray, above: Sequence[tuple[int, int]]) -> np.ndarray:
    """Decisions or probabilities (n, L) in which each label's is at least that of the labels below it; see `links`."""
    found = values.copy()
    for child, parent in above:
        found[:, parent] = np.maximum(found[:, parent], found[:, child])
    return found
