"""What is in a corpus, before anything is trained on it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.common.article import REGIONS, TOPICS
from pipeline.common.taxonomy import Taxonomy
from pipeline.features.language.detection import AUTO, UNKNOWN, language_of, main_language
from pipeline.features.language.names import MULTI, language_name
from pipeline.features.language.reading import ENGLISH, tokens_in
from pipeline.features.texts import Articles, Text, warnings_about, word_counts
from pipeline.preparation import prepared_splits
from pipeline.preparation.near_duplicates import similar_pairs

Row = Mapping[str, Any]


TASKS = (TOPICS, REGIONS)


RARE = 10


_NOT_ENGLISH = "does not look like English"


_DUPLICATE = re.compile(r"^near-duplicate of (?P<kept>.+) \(Jaccard (?P<similarity>[\d.]+)\)$")


@dataclass(slots=True)
class TaskLabels:
    """One task's labels: articles of each by split, those labelled and without any, what only one side has.

    `given` holds each article's labels, parents included.
    """

    counts: dict[str, dict[str, int]]
    labelled: dict[str, int]
    empty: dict[str, int]
    rare: list[tuple[str, int]]
    only_train: list[str]
    only_test: list[str]
    pairs: list[tuple[str, str, int]]
    given: list[list[str]]


@dataclass(slots=True)
class Inspection:
    """What `inspect` found; `leaks` are near-duplicates on both sides of a split and should be none."""

    name: str
    description: str
    manifest: Mapping[str, Any]
    splits: dict[str, int]
    tasks: dict[str, TaskLabels]
    rejected: list[tuple[str, int]]
    duplicates: list[tuple[str, str, float]]
    leaks: list[tuple[str, str, str, str, float]]
    foreign: list[tuple[str, str, str]]
    language: str
    no_text: list[tuple[str, str]]
    words: list[int]
    months: dict[str, dict[str, int]]


def inspect(folder: Path, taxonomy: Taxonomy, near_duplicates: float, language: str = ENGLISH) -> Inspection:
    """Look at a prepared corpus; texts as similar as `near_duplicates` (0: 0.7) in different splits are leaks.

    `language` is what the configuration says: texts in others are named, none if there are to be several. Raises
    DataError when the corpus isn't prepared.
    """
    rows = {split: list(prepared_splits.read_split(folder, split).to_list()) for split in prepared_splits.SPLITS}
    manifest = prepared_splits.read_manifest(folder) or {}
    if language == AUTO:
        language = main_language(row["text"] for row in rows["train"])
    docs = {
        split: Articles(tokens_in(language, Text(row["text"], row["title"] or "")) for row in given)
        for split, given in rows.items()
    }
    foreign = [
        (split, row["id"], row["title"] or row["text"][:80])
        for split, given in rows.items()
        for row, strange in zip(given, _foreign(given, docs[split], language), strict=True)
        if strange
    ]
    rejects = store_rejects(folder)
    everything = [row for given in rows.values() for row in given]
    return Inspection(
        manifest.get("name", folder.name),
        manifest.get("description", ""),
        manifest,
        {split: len(given) for split, given in rows.items()},
        {task: labels for task in TASKS if (labels := _labels(task, rows, taxonomy)) is not None},
        Counter(_kind(reason) for _, reason in rejects).most_common(),
        _duplicates(rejects),
        leaks(rows, near_duplicates or 0.7),
        foreign,
        language_name(language),
        [(row["id"], row["title"]) for row in everything if not row["text"].strip()],
        [len(doc.title.words) + len(doc.body.words) for given in docs.values() for doc in given],
        {split: Counter(row["date"][:7] for row in given if row["date"]) for split, given in rows.items()},
    )


def _foreign(rows: Sequence[Row], docs: Articles, language: str) -> list[bool]:
    """Which texts don't look like the language."""
    if language == ENGLISH:
        counts = zip(*map(np.ndarray.tolist, word_counts(docs)), strict=True)
        return [any(_NOT_ENGLISH in warning for warning in warnings_about(*count)) for count in counts]
    if language == MULTI:
        return [False] * len(rows)
    told = (language_of(f"{row['title']}\n{row['text']}") for row in rows)
    return [found not in (UNKNOWN, language) for found in told]


def leaks(rows: Mapping[str, Sequence[Row]], threshold: float) -> list[tuple[str, str, str, str, float]]:
    """Pairs of near-duplicates in different splits: split and id of both, and their Jaccard similarity."""
    places = [(split, row["id"]) for split, given in rows.items() for row in given]
    texts = [f"{row['title']}\n{row['text']}" for given in rows.values() for row in given]
    return [
        (*places[one], *places[other], similarity)
        for one, other, similarity in similar_pairs(texts, threshold)
        if places[one][0] != places[other][0]
    ]


def store_rejects(folder: Path) -> list[tuple[str, str]]:
    """Id and reason of each row that `prepare` dropped."""
    import json

    path = folder / prepared_splits.REJECTS
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    return [(str(row["id"]), str(row["reason"])) for row in map(json.loads, lines)]


def _labels(task: str, rows: Mapping[str, Sequence[Row]], taxonomy: Taxonomy) -> TaskLabels | None:
    given = {split: [_closed(task, row, taxonomy) for row in found] for split, found in rows.items()}
    labelled = {split: [labels for labels in found if labels is not None] for split, found in given.items()}
    if not any(labels for found in labelled.values() for labels in found):
        return None
    counts = {split: dict(Counter(label for labels in found for label in labels)) for split, found in labelled.items()}
    train, test = counts["train"], counts["test"]
    used = sorted({label for found in counts.values() for label in found})
    rare = sorted(((label, train.get(label, 0)) for label in used), key=lambda item: (-item[1], item[0]))
    together: Counter[tuple[str, str]] = Counter()
    for found in labelled.values():
        for labels in found:
            own = sorted(set(labels))
            together.update((a, b) for place, a in enumerate(own) for b in own[place + 1 :] if not _kin(a, b, taxonomy))
    return TaskLabels(
        counts,
        {split: len(found) for split, found in labelled.items()},
        {split: sum(not labels for labels in found) for split, found in labelled.items()},
        [(label, count) for label, count in rare if count < RARE],
        sorted(set(train) - set(test)),
        sorted(set(test) - set(train)),
        [(a, b, count) for (a, b), count in together.most_common(20)],
        [labels or [] for found in given.values() for labels in found],
    )


def _closed(task: str, row: Row, taxonomy: Taxonomy) -> list[str] | None:
    if row[task] is None:
        return None
    return taxonomy.closure(row[task]) if task == TOPICS else list(row[task])


def _kin(one: str, other: str, taxonomy: Taxonomy) -> bool:
    return other in taxonomy.ancestors(one) or one in taxonomy.ancestors(other)


def _kind(reason: str) -> str:
    """A reason without what is particular to one row."""
    return "near-duplicate" if _DUPLICATE.match(reason) else re.sub(r"'[^']*'", "'…'", reason)


def _duplicates(rejects: Sequence[tuple[str, str]]) -> list[tuple[str, str, float]]:
    found = [(name, _DUPLICATE.match(reason)) for name, reason in rejects]
    return [(name, match["kept"], float(match["similarity"])) for name, match in found if match]
