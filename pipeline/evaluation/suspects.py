"""Likely label errors: where the labels given disagree with models that never saw the article."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.common.errors import DataError
from pipeline.common.state_files import read_arrays, write_arrays

FILE = "oof.npz"
_SMOOTHING = 0.8
_MISSING, _ABSENT = 0.8, 0.9
_SPENT = 1e-3  # what the labels after the worst ones could still add to a score


@dataclass(frozen=True, slots=True)
class OutOfFoldLabels:
    """A task's training articles by id, with labels given (n, L, boolean) and out-of-fold probabilities (n, L)."""

    ids: tuple[str, ...]
    labels: tuple[str, ...]
    gold: np.ndarray
    probabilities: np.ndarray


@dataclass(frozen=True, slots=True)
class Suspect:
    """An article whose labels look wrong: those missing, those that look out of place, and how wrong it looks (0-1)."""

    id: str
    given: tuple[str, ...]
    missing: tuple[str, ...]
    doubtful: tuple[str, ...]
    score: float


def save_oof(path: Path, tasks: Mapping[str, OutOfFoldLabels]) -> None:
    """Write out-of-fold probabilities, as float16, with ids, labels and gold; the same input gives the same bytes."""
    arrays: dict[str, Any] = {}
    for task, found in tasks.items():
        arrays |= {
            f"{task}_ids": np.array(found.ids, dtype=np.str_),
            f"{task}_labels": np.array(found.labels, dtype=np.str_),
            f"{task}_gold": np.packbits(found.gold, axis=1),
            f"{task}_probabilities": found.probabilities.astype(np.float16),
        }
    write_arrays(path, arrays)


def read_oof(folder: Path) -> dict[str, OutOfFoldLabels]:
    """Each task's out-of-fold labels of a trained model's folder. Raises DataError when there are none."""
    path = folder / FILE
    if not path.is_file():
        raise DataError(f"no {path}: train the model again; training writes it")
    try:
        arrays = read_arrays(path)
        names = [name.removesuffix("_ids") for name in arrays if name.endswith("_ids")]
        return {task: _task(arrays, task) for task in names}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(f"{path} can't be read ({type(error).__name__}); train the model again") from error


def find_suspects(given: OutOfFoldLabels, most: int | None = None) -> list[Suspect]:
    """The articles with a suspected label error, most suspicious first.

    A label is missing when its probability is at least the mean that it has in the articles with it (or 0.8, if that is
    lower), and doubtful when the probability of its absence is at least the mean in the articles without it (or 0.9):
    confident learning (Northcutt, Jiang and Chuang 2021). Articles are ranked by the exponential average of the
    model's confidence in each of their labels, the worst counting most (Thyagarajan et al. 2022, for multi-label data).
    A label that the models don't know well is doubted less: confidence in an absence is scaled by how much of the
    label they find at all.
    """
    gold, stated = given.gold, given.probabilities.astype(np.float64)
    missing, doubtful = confident_errors(gold, stated)
    severity = np.where(missing, stated, 0.0) + np.where(doubtful, (1 - stated) * knowledge(gold, stated), 0.0)
    scores = 1 - worst_average(1 - severity)
    order = np.argsort(-scores, kind="stable")
    chosen = [row for row in order if (missing[row] | doubtful[row]).any()][:most]
    return [
        Suspect(
            given.ids[row],
            _named(given.labels, gold[row]),
            _named(given.labels, missing[row]),
            _named(given.labels, doubtful[row]),
            float(scores[row]),
        )
        for row in chosen
    ]


def confident_errors(gold: np.ndarray, stated: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which labels look missing and which out of place, both boolean (n, L)."""
    count = gold.sum(axis=0)
    present = (stated * gold).sum(axis=0) / np.maximum(1, count)
    absent = ((1 - stated) * ~gold).sum(axis=0) / np.maximum(1, len(gold) - count)
    missing = ~gold & (stated >= np.minimum(present, _MISSING)) & (stated > 0.5) & (count > 0)
    doubtful = gold & (1 - stated >= np.minimum(absent, _ABSENT))
    return missing, doubtful


def knowledge(gold: np.ndarray, stated: np.ndarray) -> np.ndarray:
    """How much of each label (L,) the models find at all: the mean probability in the articles that have it, 0 to 1."""
    found: np.ndarray = (stated * gold).sum(axis=0) / np.maximum(1, gold.sum(axis=0))
    return found


def worst_average(confidence: np.ndarray) -> np.ndarray:
    """The exponential average (n,) of each row, in falling order, so that the lowest values count most."""
    depth = min(confidence.shape[1], int(np.ceil(np.log(_SPENT) / np.log(1 - _SMOOTHING))))
    lowest = np.sort(confidence, axis=1)[:, :depth]
    weights = _SMOOTHING * (1 - _SMOOTHING) ** np.arange(depth)
    average: np.ndarray = (lowest * weights).sum(axis=1) / weights.sum()
    return average


def _named(labels: Sequence[str], chosen: np.ndarray) -> tuple[str, ...]:
    return tuple(labels[column] for column in np.flatnonzero(chosen).tolist())


def _task(arrays: Any, task: str) -> OutOfFoldLabels:
    labels = tuple(map(str, arrays[f"{task}_labels"]))
    gold = np.unpackbits(arrays[f"{task}_gold"], axis=1, count=len(labels)).astype(bool)
    ids, stated = tuple(map(str, arrays[f"{task}_ids"])), arrays[f"{task}_probabilities"]
    if not gold.shape == stated.shape == (len(ids), len(labels)) or stated.dtype.kind != "f":
        raise ValueError("its arrays don't fit each other")
    return OutOfFoldLabels(ids, labels, gold, stated)
