"""What is in a corpus, before anything is trained on it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from pipeline import store
from pipeline.duplicates import similar_pairs
from pipeline.predictor import REGIONS, TOPICS, Text, tokens, warnings_about, word_counts
from pipeline.reporting import figures, figures_corpus
from pipeline.reporting.figures import Picture, picture
from pipeline.reporting.html import render
from pipeline.taxonomy import Taxonomy
from pipeline.text import plain

Row = Mapping[str, Any]
TASKS = (TOPICS, REGIONS)
RARE = 10
_NOT_ENGLISH = "does not look like English"
_DUPLICATE = re.compile(r"^near-duplicate of (?P<kept>.+) \(Jaccard (?P<similarity>[\d.]+)\)$")


@dataclass(slots=True)
class TaskLabels:
    """One task's labels: articles of each by split, those labelled and without any, what only one side has."""

    counts: dict[str, dict[str, int]]
    labelled: dict[str, int]
    empty: dict[str, int]
    rare: list[tuple[str, int]]
    only_train: list[str]
    only_test: list[str]
    pairs: list[tuple[str, str, int]]


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
    not_english: list[tuple[str, str, str]]
    no_text: list[tuple[str, str]]
    words: list[int]
    months: dict[str, dict[str, int]]
    pictures: dict[str, Picture] = field(default_factory=dict)


def inspect(folder: Path, taxonomy: Taxonomy, near_duplicates: float, jobs: int = 1) -> Inspection:
    """Look at a prepared corpus; texts as similar as `near_duplicates` (0: 0.7) in different splits are leaks.

    Raises DataError when the corpus isn't prepared.
    """
    rows = {split: list(store.read_split(folder, split).to_list()) for split in store.SPLITS}
    manifest = store.read_manifest(folder) or {}
    docs = {split: [tokens(Text(row["text"], row["title"] or "")) for row in given] for split, given in rows.items()}
    foreign = [
        (split, row["id"], row["title"] or row["text"][:80])
        for split, given in rows.items()
        for row, words, english in zip(given, *map(np.ndarray.tolist, word_counts(docs[split])), strict=True)
        if any(_NOT_ENGLISH in warning for warning in warnings_about(words, english))
    ]
    rejects = store_rejects(folder)
    everything = [row for given in rows.values() for row in given]
    found = Inspection(
        manifest.get("name", folder.name),
        manifest.get("description", ""),
        manifest,
        {split: len(given) for split, given in rows.items()},
        {task: labels for task in TASKS if (labels := _labels(task, rows, taxonomy)) is not None},
        Counter(_kind(reason) for _, reason in rejects).most_common(),
        _duplicates(rejects),
        leaks(rows, near_duplicates or 0.7, jobs),
        foreign,
        [(row["id"], row["title"]) for row in everything if not row["text"].strip()],
        [len(doc.title.words) + len(doc.body.words) for given in docs.values() for doc in given],
        {split: Counter(row["date"][:7] for row in given if row["date"]) for split, given in rows.items()},
    )
    found.pictures = _pictures(found, rows, taxonomy)
    return found


def leaks(rows: Mapping[str, Sequence[Row]], threshold: float, jobs: int) -> list[tuple[str, str, str, str, float]]:
    """Pairs of near-duplicates in different splits: split and id of both, and their Jaccard similarity."""
    places = [(split, row["id"]) for split, given in rows.items() for row in given]
    texts = [f"{row['title']}\n{row['text']}" for given in rows.values() for row in given]
    return [
        (*places[one], *places[other], similarity)
        for one, other, similarity in similar_pairs(texts, threshold, jobs)
        if places[one][0] != places[other][0]
    ]


def store_rejects(folder: Path) -> list[tuple[str, str]]:
    """Id and reason of each row that `prepare` dropped."""
    import json

    path = folder / store.REJECTS
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    return [(str(row["id"]), str(row["reason"])) for row in map(json.loads, lines)]


def as_page(found: Inspection, names: Mapping[str, str]) -> str:
    """The inspection as one self-contained page."""
    return render("inspection.html.j2", found=found, names=names, rare=RARE)


def as_text(found: Inspection, names: Mapping[str, str]) -> str:
    """The inspection for a terminal."""
    lines = [f"{found.name}: " + ", ".join(f"{split} {count:,}" for split, count in found.splits.items())]
    counts = found.manifest.get("counts", {})
    lines.append("rows: " + ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in counts.items()))
    for task, labels in found.tasks.items():
        lines += ["", *_task_lines(task, labels, names)]
    middle = np.percentile(found.words, (5, 50, 95)) if found.words else (0, 0, 0)
    dated = sorted(month for given in found.months.values() for month in given)
    lines += ["", f"words: median {middle[1]:,.0f}, nine in ten between {middle[0]:,.0f} and {middle[2]:,.0f}"]
    lines.append(f"dates: {dated[0]} to {dated[-1]}" if dated else "dates: none")
    lines.append(f"without a text, only a title and labels: {len(found.no_text):,}")
    lines.append(f"near-duplicates dropped: {len(found.duplicates):,}")
    lines.append(f"near-duplicates across splits: {len(found.leaks):,} (should be none)")
    lines += [f"  {one} {plain(a)} and {other} {plain(b)}: {s:.2f}" for one, a, other, b, s in found.leaks[:5]]
    lines.append(f"texts that look not English: {len(found.not_english):,}")
    lines += [f"  {split} {plain(name)}: {plain(title)[:90]}" for split, name, title in found.not_english[:5]]
    return "\n".join(lines)


def _task_lines(task: str, labels: TaskLabels, names: Mapping[str, str]) -> list[str]:
    total: Counter[str] = Counter()
    for given in labels.counts.values():
        total.update(given)
    lines = [f"{task}: {len(total)} labels; articles labelled " + _by_split(labels.labelled)]
    lines.append(f"  labelled with none of them: {_by_split(labels.empty)}")
    frequent = ", ".join(f"{plain(names.get(label, label))} {count:,}" for label, count in total.most_common(8))
    lines.append(f"  most frequent: {frequent}")
    lines.append(f"  fewer than {RARE} training articles: {_listed([label for label, _ in labels.rare], names)}")
    lines.append(f"  in test but not in train: {_listed(labels.only_test, names)}")
    lines.append(f"  in train but not in test: {_listed(labels.only_train, names)}")
    pairs = ", ".join(f"{plain(names.get(a, a))} + {plain(names.get(b, b))} {n:,}" for a, b, n in labels.pairs[:5])
    return [*lines, f"  most often together: {pairs or 'none'}"]


def _by_split(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{split} {count:,}" for split, count in counts.items())


def _listed(labels: Sequence[str], names: Mapping[str, str]) -> str:
    shown = ", ".join(plain(names.get(label, label)) for label in labels[:8])
    more = f" and {len(labels) - 8} more" if len(labels) > 8 else ""
    return f"{len(labels)}" + (f" ({shown}{more})" if labels else "")


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


def _pictures(found: Inspection, rows: Mapping[str, Sequence[Row]], taxonomy: Taxonomy) -> dict[str, Picture]:
    made = {}
    for task, labels in found.tasks.items():
        named = {
            split: {taxonomy.name(label): count for label, count in given.items()}
            for split, given in labels.counts.items()
        }
        used = sorted({label for given in labels.counts.values() for label in given})
        title = f"{task.capitalize()}: articles of each label"
        height = figures.bars_height(len(used))
        made[f"{task}_labels"] = picture(figures_corpus.labels_by_split, named, title, height=height)
        given = [_closed(task, row, taxonomy) or [] for split in rows for row in rows[split]]
        place = {label: column for column, label in enumerate(used)}
        gold = np.zeros((len(given), len(used)), bool)
        for number, own in enumerate(given):
            gold[number, [place[label] for label in own]] = True
        names = {label: taxonomy.name(label) for label in used}
        title, height = f"{task.capitalize()}: labels that go together", figures.cells_height(len(used))
        made[f"{task}_together"] = picture(figures.cooccurrence, gold, used, names, title, height=height)
    made["lengths"] = picture(figures_corpus.lengths, found.words, "How long the articles are", height=3.6)
    if any(found.months.values()):
        made["dates"] = picture(figures_corpus.dates, found.months, "When the articles are from", height=3.6)
    return made
