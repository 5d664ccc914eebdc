"""Two models on the same test documents: how much they differ, and how sure that is (paired bootstrap).

Berg-Kirkpatrick, Burkett and Klein (2012), An empirical investigation of statistical significance in NLP.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.common.errors import DataError
from pipeline.common.state_files import read_arrays, write_arrays
from pipeline.evaluation.bootstrap import drawn_scores, scores

if TYPE_CHECKING:
    from pipeline.common.config import GateSettings

ROUNDS = 2000
_INTERVAL = (2.5, 97.5)


@dataclass(frozen=True, slots=True)
class Answers:
    """One task's gold labels and what was predicted, boolean (documents, labels)."""

    labels: tuple[str, ...]
    gold: np.ndarray
    predicted: np.ndarray


@dataclass(frozen=True, slots=True)
class Predictions:
    """A model's answers to one split; `content` is the hash of that split's articles and labels."""

    content: str
    tasks: dict[str, Answers]


@dataclass(frozen=True, slots=True)
class Difference:
    """A score of two models; `difference` is the second's less the first's, with its 95 % interval."""

    name: str
    support: int
    first: float
    second: float
    difference: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """One task's differences: micro- and macro-F1, and the F1 of each label that occurs, most frequent first."""

    documents: int
    overall: tuple[Difference, ...]
    labels: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate says of a new model, and why.

    `worse` when a task's micro-F1 is lower, be it within the interval.
    """

    passed: bool
    reason: str
    worse: bool = False


def save_predictions(path: Path, splits: Mapping[str, Predictions]) -> None:
    """Write the answers of several splits, packed; the same answers give the same bytes."""
    arrays: dict[str, np.ndarray] = {}
    for split, predictions in splits.items():
        arrays[f"{split}.content"] = np.array(predictions.content)
        for task, answers in predictions.tasks.items():
            arrays[f"{split}.{task}.labels"] = np.array(answers.labels)
            arrays[f"{split}.{task}.documents"] = np.array(len(answers.gold))
            arrays[f"{split}.{task}.gold"] = np.packbits(answers.gold, axis=0)
            arrays[f"{split}.{task}.predicted"] = np.packbits(answers.predicted, axis=0)
    write_arrays(path, arrays)


def load_predictions(path: Path, split: str) -> Predictions:
    """The answers to one split. Raises DataError when the file does not hold them."""
    try:
        arrays = read_arrays(path)
        content = str(arrays[f"{split}.content"])
        prefix, suffix = f"{split}.", ".labels"
        names = [name[len(prefix) : -len(suffix)] for name in arrays if name.startswith(prefix)]
        tasks = {name: _answers(arrays, f"{split}.{name}") for name in names if f"{prefix}{name}{suffix}" in arrays}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(f"{path} holds no predictions of the {split} split ({error})") from None
    return Predictions(content, tasks)


def compare(first: Predictions, second: Predictions, rounds: int = ROUNDS, seed: int = 0) -> dict[str, Comparison]:
    """Each task that both models have, compared. Raises DataError when they were not tested on the same documents."""
    if first.content != second.content:
        raise DataError(
            f"the two were not tested on the same documents (content {first.content[:12]} and {second.content[:12]}); "
            "train both on one prepared corpus"
        )
    shared = [task for task in first.tasks if task in second.tasks]
    if not shared:
        raise DataError(f"the two have no task in common: {', '.join(first.tasks)} and {', '.join(second.tasks)}")
    return {task: _compare(task, first.tasks[task], second.tasks[task], rounds, seed) for task in shared}


def verdict(found: Mapping[str, Comparison], missing: list[str], gate: GateSettings) -> Verdict:
    """Whether the second model may replace the first, which has the tasks `missing` besides those compared."""
    problems = [f"it has no {task}" for task in missing]
    for task, comparison in found.items():
        micro = comparison.overall[0]
        if micro.high < -gate.tolerance:
            problems.append(f"{task} is worse: {said(micro)}")
        for label in comparison.labels:
            if label.support >= gate.main_support and label.difference < -gate.label_drop:
                problems.append(f"{task} label '{label.name}' is down: {said(label)}")
    worse = any(comparison.overall[0].difference < -gate.tolerance for comparison in found.values())
    if problems:
        return Verdict(False, "; ".join(problems), worse)
    reason = "; ".join(f"{task} {said(comparison.overall[0])}" for task, comparison in found.items())
    return Verdict(True, reason, worse)


def said(difference: Difference) -> str:
    """A difference in words: `micro-F1 0.744 to 0.751 (+0.007, 95 % interval -0.002 to +0.016)`."""
    name = {"micro_f1": "micro-F1 ", "macro_f1": "macro-F1 "}.get(difference.name, "")
    scores = f"{name}{difference.first:.3f} to {difference.second:.3f}"
    return f"{scores} ({difference.difference:+.3f}, 95 % interval {difference.low:+.3f} to {difference.high:+.3f})"


def _answers(arrays: Any, prefix: str) -> Answers:
    count, labels = int(arrays[f"{prefix}.documents"]), tuple(map(str, arrays[f"{prefix}.labels"]))
    gold, predicted = (
        np.unpackbits(arrays[f"{prefix}.{name}"], axis=0, count=count).astype(bool) for name in ("gold", "predicted")
    )
    if not gold.shape == predicted.shape == (count, len(labels)):
        raise ValueError("its arrays don't fit each other")
    return Answers(labels, gold, predicted)


def _compare(task: str, first: Answers, second: Answers, rounds: int, seed: int) -> Comparison:
    labels = sorted({*first.labels, *second.labels})
    one, other = _aligned(first, labels), _aligned(second, labels)
    if one.gold.shape != other.gold.shape or (one.gold != other.gold).any():
        raise DataError(f"the two were not tested on the same {task} labels; train both with one vocabulary")
    used = np.asarray(one.gold.any(axis=0) | one.predicted.any(axis=0) | other.predicted.any(axis=0))
    names = [label for label, kept in zip(labels, used, strict=True) if kept]
    gold, predicted = one.gold[:, used], [one.predicted[:, used], other.predicted[:, used]]
    exact = [scores(np.ones((1, len(gold))), gold, given)[0] for given in predicted]
    before, after = drawn_scores(gold, predicted, rounds, seed)
    support = [len(gold), len(gold), *gold.sum(axis=0).tolist()]
    differences = _differences(["micro_f1", "macro_f1", *names], support, exact, after - before)
    by_support = sorted(differences[2:], key=lambda label: (-label.support, label.name))
    return Comparison(len(gold), tuple(differences[:2]), tuple(by_support))


def _aligned(answers: Answers, labels: list[str]) -> Answers:
    place = {label: column for column, label in enumerate(labels)}
    columns = [place[label] for label in answers.labels]
    gold, predicted = (np.zeros((len(answers.gold), len(labels)), bool) for _ in range(2))
    gold[:, columns], predicted[:, columns] = answers.gold, answers.predicted
    return Answers(tuple(labels), gold, predicted)


def _differences(names: list[str], support: list[int], exact: list[np.ndarray], drawn: np.ndarray) -> list[Difference]:
    low, high = np.percentile(drawn, _INTERVAL, axis=0)
    columns = np.column_stack([*exact, exact[1] - exact[0], low, high]).tolist()
    return [Difference(name, count, *row) for name, count, row in zip(names, support, columns, strict=True)]
