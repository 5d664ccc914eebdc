"""MODEL_CARD.md: what a trained model is for, what it learned from, how well it does, and where it fails.

Mitchell et al. (2019), Model cards for model reporting.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.common.text import plain
from pipeline.evaluation.metrics import instead
from pipeline.evaluation.reliability import reliability_bins
from pipeline.features.language.names import language_name
from pipeline.reporting import tables

if TYPE_CHECKING:
    from pipeline.evaluation.results import Training
    from pipeline.reporting.task_report import TaskReport

_SHOWN = (
    ("micro-F1", "micro_f1"),
    ("macro-F1", "macro_f1"),
    ("weighted F1", "weighted_f1"),
    ("samples F1", "samples_f1"),
    ("micro precision", "micro_precision"),
    ("micro recall", "micro_recall"),
    ("LRAP", "lrap"),
    ("subset accuracy", "subset_accuracy"),
    ("calibration error", "expected_calibration_error"),
)
_HARDEST, _CONFUSED, _FEW, _MARKED = 10, 6, 10, "\\`*_[]<>|#"


def model_card(result: Training, reports: Mapping[str, TaskReport]) -> str:
    """The card in Markdown."""
    parts = [
        f"# {result.config.name}\n\n{result.config.description.replace('<', '&lt;')}".rstrip(),  # its Markdown stays
        _use(result),
        _data(result),
        *(_task(result, report) for report in reports.values()),
        _limits(result, reports),
        _loading(result),
    ]
    return "\n\n".join(parts) + "\n"


def table(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """A Markdown table; floats get three decimals, what Markdown would read as its own is escaped."""
    lines = [header, ["---"] * len(header), *([_cell(value) for value in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def escaped(text: str) -> str:
    """A text that Markdown and HTML leave as it is, on one line."""
    return "".join(f"\\{char}" if char in _MARKED else char for char in " ".join(plain(text).split()))


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    return f"{value:.3f}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else escaped(value)


def _use(result: Training) -> str:
    tasks = " and ".join(result.predictor.taggers)
    language = language_name(result.predictor.languages.model)
    return (
        f"## Intended use\n\nTags {language} news articles with their {tasks}: as suggestions to an editor, or to sort "
        "and search an archive. The scores are calibrated probabilities, so that a share of the tags can be published "
        "unseen and the rest be checked.\n\nNot for texts that are not news, for other languages, or for decisions "
        "about people. An article about something that no label covers gets few tags or none."
        + "".join(f"\n\n**{task.capitalize()} are {note}.**" for task, note in result.notes.items())
    )


def _data(result: Training) -> str:
    manifest = result.manifest
    rows = [(name, *_split_row(split)) for name, split in manifest["splits"].items()]
    sources = {name for split in manifest["splits"].values() for name in split["sources"]}
    by_source = [
        (name, *(split["sources"].get(name, 0) for split in manifest["splits"].values())) for name in sorted(sources)
    ]
    files = "\n".join(f"- `{source['file']}` SHA-256 `{source['sha256']}`" for source in manifest["sources"])
    parts = ["## Data", table(("split", "articles", "topics used", "regions used"), rows)]
    parts += [table(("source", *manifest["splits"]), by_source)] if len(by_source) > 1 else []
    parts += [f"**{escaped(text)}**" for text in manifest.get("notices", {}).values()]
    parts += [f"- {escaped(text)}" for text in manifest.get("remarks", [])]
    counts = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in manifest["counts"].items())
    return "\n\n".join(
        [
            *parts,
            f"{counts}. Split: {manifest['split']}, seed {manifest['seed']}. "
            f"Content SHA-256 `{manifest['content_sha256']}`. Made from:",
            files,
        ]
    )


def _split_row(split: Mapping[str, Any]) -> tuple[int, int, int]:
    return split["documents"], len(split["topics"]), len(split["regions"])


def _task(result: Training, report: TaskReport) -> str:
    found = result.tasks[report.task].metrics
    rows = []
    for text, name in _SHOWN:
        low, high = report.intervals.get(name, (None, None))
        rows.append((text, *(values.get(name) for values in found.values()), _range(low, high)))
    return "\n\n".join(
        [
            f"## {report.task.capitalize()}",
            table(("measure", *found, f"95 % interval on {report.split}"), rows),
            *_calibration(report),
            *_slices(report),
            *_hardest(report),
        ]
    )


def _range(low: float | None, high: float | None) -> str:
    return "" if low is None else f"{low:.3f} to {high:.3f}"


def _calibration(report: TaskReport) -> list[str]:
    stated, held, low, high, size = reliability_bins(report.judged.gold, report.judged.probabilities)
    rows = [
        (f"{one:.2f}", f"{other:.2f}", f"{lower:.2f} to {upper:.2f}", int(count))
        for one, other, lower, upper, count in zip(stated, held, low, high, size, strict=True)
    ]
    header = ("probability stated (mean)", "share that holds", "95 % interval", "labels")
    return [f"### Calibration of {report.task}, on {report.split}", table(header, rows)] if rows else []


def _slices(report: TaskReport) -> list[str]:
    parts = []
    for way, groups in report.slices.items():
        rows = [(name, values["documents"], values["micro_f1"], values["macro_f1"]) for name, values in groups.items()]
        parts += [
            f"### {report.task.capitalize()} by {way}, on {report.split}",
            table((way, "articles", "micro-F1", "macro-F1"), rows),
        ]
    return parts


def _hardest(report: TaskReport) -> list[str]:
    frequent = [row for row in tables.records(report.tables["labels"]) if row["support"] >= 5]
    rows = [
        (row["name"], row["training"], row["support"], row["precision"], row["recall"], row["f1"])
        for row in sorted(frequent, key=lambda row: (row["f1"], row["label"]))[:_HARDEST]
    ]
    header = ("label", "training", report.split, "precision", "recall", "F1")
    title = f"### Weakest {report.task} with at least five {report.split} articles"
    return [title, table(header, rows)] if rows else []


def _limits(result: Training, reports: Mapping[str, TaskReport]) -> str:
    points = [
        "Labels follow the guidelines and the habits of those who gave them; a score says how well the model "
        "repeats them, not how well it understands an article.",
        "The articles are of the outlets and the time shown under Data; names, places and events that came later are "
        "unknown to it, and other outlets' style may cost some points (see the scores by source).",
    ]
    for report in reports.values():
        points += _failures(result, report)
    return "## Known failures and limits\n\n" + "\n".join(f"- {point}" for point in points)


def _failures(result: Training, report: TaskReport) -> list[str]:
    rows = tables.records(report.tables["labels"])
    what = report.task.capitalize()
    counts = result.manifest["splits"]["train"][report.task]
    few = [row["name"] for row in rows if row["training"] < _FEW]
    never = [row["name"] for row in rows if row["support"] >= 3 and not row["recall"]]
    points = []
    if few:
        points.append(
            f"{what}: {len(few)} of the {len(rows)} labels met on {report.split} have fewer than {_FEW} training "
            f"articles ({_listed(few)}); {len(counts)} labels were used in training at all."
        )
    if never:
        points.append(
            f"{what} never found on {report.split}, though at least three articles have them: {_listed(never)}."
        )
    points += [f"{what}: {escaped(text)}." for text in _confusions(report)]
    return points


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - 12} more" if len(names) > 12 else ""
    return "; ".join(escaped(name) for name in names[:12]) + more


def _confusions(report: TaskReport) -> list[str]:
    """The labels most often given in place of another."""
    judged = report.judged
    names = dict(zip(report.tables["labels"]["label"], report.tables["labels"]["name"], strict=True))
    counts = instead(judged)
    found = []
    for place in np.argsort(-counts, axis=None, kind="stable")[:_CONFUSED]:
        row, column = np.unravel_index(place, counts.shape)
        if counts[row, column] >= 2:
            one, other = names[judged.labels[row]], names[judged.labels[column]]
            found.append(f"'{one}' missed and '{other}' given instead, in {counts[row, column]:.0f} articles")
    return found


def _loading(result: Training) -> str:
    libraries = ", ".join(f"{name} {version}" for name, version in result.predictor.description["libraries"].items())
    return (
        "## Loading\n\n```python\nfrom pipeline import load_predictor\n\n"
        f'predictor = load_predictor("models/{result.config.name}")\npredictor.predict(["..."])\n```\n\n'
        f"`predictor.joblib` SHA-256 `{result.predictor.description['sha256']}`. Trained with {libraries}."
    )
