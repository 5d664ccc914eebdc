"""What a model saw: the tags, scores, lengths and words of a set of articles, in numbers that hold no text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.common.article import TOPICS
from pipeline.common.errors import DataError
from pipeline.common.files import write_json
from pipeline.common.label_tree import links, raised
from pipeline.common.state_files import read_json
from pipeline.features.texts import Articles, Text, tokens, warnings_about, word_counts
from pipeline.prediction.predictor import Predictor

REFERENCE = "reference.json"
LENGTHS = (50, 100, 200, 400, 800, 1600)  # words: the edges of the bins
_FORMAT, _BINS, _PART = 1, 10, 1_000


@dataclass(frozen=True, slots=True)
class Seen:
    """Of n articles: words (n,), share of words the model doesn't know (n,), whether there is a warning (n,); and by
    task the probabilities, tags given and tags sure enough to publish, all (n, L)."""

    words: np.ndarray
    unknown: np.ndarray
    warned: np.ndarray
    probabilities: dict[str, np.ndarray]
    given: dict[str, np.ndarray]
    published: dict[str, np.ndarray]


@dataclass(frozen=True, slots=True)
class TaskProfile:
    """One task's counts: articles of each label, tags, tags published, and highest probabilities in ten bins."""

    labels: dict[str, int]
    tags: int
    published: int
    highest: list[int]


@dataclass(frozen=True, slots=True)
class Profile:
    """Counts of a set of articles; `unknown` and `words` are the mean and standard deviation of the share of unknown
    words and of the logarithm of the length."""

    documents: int
    warned: int
    lengths: list[int]
    words: tuple[float, float]
    unknown: tuple[float, float]
    tasks: dict[str, TaskProfile]


def look(predictor: Predictor, texts: Sequence[Text], advance: Callable[[int], None] = lambda _: None) -> Seen:
    """Tag texts and keep what says how they are; `advance` is told after each part how many it had."""
    parts = []
    for start in range(0, max(1, len(texts)), _PART):
        part = texts[start : start + _PART]
        parts.append((*_words(predictor, part), predictor.probabilities(part)))
        advance(len(part))
    words, unknown, warned, scores = zip(*parts, strict=True)
    found = {task: np.concatenate([part[task] for part in scores]) for task in predictor.taggers}
    given = predictor.decisions(found)
    published = {task: predictor.taggers[task].publishable(found[task]) & given[task] for task in found}
    if TOPICS in found:
        labels = predictor.taggers[TOPICS].labels
        found[TOPICS] = raised(found[TOPICS], links(labels, predictor.parent))
    lengths, strange, doubted = (np.concatenate(part) for part in (words, unknown, warned))
    return Seen(lengths, strange, doubted, found, given, published)


def profile(predictor: Predictor, seen: Seen) -> Profile:
    """The counts of what was seen."""
    tasks = {}
    for task, given in seen.given.items():
        counts = dict(zip(predictor.taggers[task].labels, map(int, given.sum(axis=0)), strict=True))
        highest = np.minimum((seen.probabilities[task].max(axis=1, initial=0.0) * _BINS).astype(int), _BINS - 1)
        binned = np.bincount(highest, minlength=_BINS).tolist()
        tasks[task] = TaskProfile(counts, int(given.sum()), int(seen.published[task].sum()), binned)
    lengths = np.bincount(np.searchsorted(LENGTHS, seen.words, side="right"), minlength=len(LENGTHS) + 1)
    logs = np.log(np.maximum(1, seen.words))
    return Profile(
        len(seen.words), int(seen.warned.sum()), lengths.tolist(), _moments(logs), _moments(seen.unknown), tasks
    )


def write_profile(folder: Path, found: Profile) -> None:
    """Keep a profile beside a predictor, as what later articles are compared with."""
    write_json(folder / REFERENCE, {"format": _FORMAT, **asdict(found)})


def read_profile(folder: Path) -> Profile:
    """The profile beside a predictor. Raises DataError when there is none, or a damaged one."""
    path = folder / REFERENCE
    try:
        values = read_json(path)
        tasks = {task: TaskProfile(**found) for task, found in values["tasks"].items()}
        words, unknown = ((float(mean), float(spread)) for mean, spread in (values["words"], values["unknown"]))
        return Profile(int(values["documents"]), int(values["warned"]), values["lengths"], words, unknown, tasks)
    except FileNotFoundError:
        raise DataError(
            f"{path} is missing: the model was trained without validation articles, or before models kept it; "
            "train again, or name articles to compare with: --reference FILE"
        ) from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(f"{path} can't be read ({type(error).__name__}); train again") from None


def _words(predictor: Predictor, texts: Sequence[Text]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    docs = Articles(map(tokens, texts))
    words, english = word_counts(docs)
    warned = [bool(warnings_about(*counts)) for counts in zip(words.tolist(), english.tolist(), strict=True)]
    features: Any = getattr(predictor.taggers.get(TOPICS), "features", None)
    if features is None:
        return words, np.zeros(len(docs)), np.array(warned, bool)
    known = frozenset(features.terms)
    unknown = [
        sum(term not in known for field in (doc.title, doc.body) for term in features.terms_of(field)) for doc in docs
    ]
    return words, np.array(unknown) / np.maximum(1, words), np.array(warned, bool)


def _moments(values: np.ndarray) -> tuple[float, float]:
    return (float(values.mean()), float(values.std())) if len(values) else (0.0, 0.0)
