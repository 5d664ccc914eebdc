"""MODEL_CARD.md: what a trained model is for, what it learned from, and how well it does.

Mitchell et al. (2019), Model cards for model reporting.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipeline.training import Training

_SHOWN = ("micro_f1", "macro_f1", "weighted_f1", "samples_f1", "lrap", "subset_accuracy", "expected_calibration_error")
_HARDEST = 10


def model_card(result: Training) -> str:
    """The card in Markdown."""
    parts = [
        f"# {result.config.name}\n\n{result.config.description}".rstrip(),
        _use(result),
        _data(result.manifest),
        *(_task(task, result) for task in result.tasks),
        _loading(result),
    ]
    return "\n\n".join(parts) + "\n"


def table(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """A Markdown table; floats get three decimals, bars in cells are escaped."""
    lines = [header, ["---"] * len(header), *([_cell(value) for value in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(value: Any) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value).replace("|", "\\|").replace("\n", " ")


def _use(result: Training) -> str:
    tasks = " and ".join(result.tasks)
    return (
        f"## Use\n\nTags English news articles with their {tasks}: as suggestions to an editor, or to sort and search an "
        "archive. The scores are calibrated probabilities. It was not made for texts that are not news, for other "
        "languages, or for decisions about people; an article about something that no label covers gets few tags."
    )


def _data(manifest: Mapping[str, Any]) -> str:
    rows = [(name, *_split_row(split)) for name, split in manifest["splits"].items()]
    counts = ", ".join(f"{name.replace('_', ' ')} {count:,}" for name, count in manifest["counts"].items())
    sources = "\n".join(f"- `{source['file']}` SHA-256 `{source['sha256']}`" for source in manifest["sources"])
    return (
        f"## Data\n\n{table(('split', 'documents', 'topics', 'regions'), rows)}\n\nRows: {counts}. Split: "
        f"{manifest['split']}, seed {manifest['seed']}. Content SHA-256 `{manifest['content_sha256']}`.\n\n{sources}"
    )


def _split_row(split: Mapping[str, Any]) -> tuple[int, int, int]:
    return split["documents"], len(split["topics"]), len(split["regions"])


def _task(task: str, result: Training) -> str:
    found = result.tasks[task]
    header = ("measure", *found.metrics)
    rows = [(name, *(values.get(name, 0.0) for values in found.metrics.values())) for name in _SHOWN]
    parts = [f"## {task.capitalize()}", table(header, rows)]
    errors = found.metrics.get("test", {}).get("standard_error")
    if errors:
        parts.append(f"Standard errors on test: micro-F1 {errors['micro_f1']:.3f}, macro-F1 {errors['macro_f1']:.3f}.")
    parts += _by_source(found.metrics.get("test", {}))
    parts += _hardest(found.labels)
    return "\n\n".join(parts)


def _by_source(values: Mapping[str, Any]) -> list[str]:
    rows = [
        (source, scores["documents"], scores["micro_f1"], scores["macro_f1"])
        for source, scores in values.get("by_source", {}).items()
    ]
    return ["### By source, on test", table(("source", "documents", "micro-F1", "macro-F1"), rows)] if rows else []


def _hardest(labels: Sequence[Mapping[str, Any]]) -> list[str]:
    frequent = [row for row in labels if row["support"] >= 5]
    rows = [
        (row["name"], row["support"], row["precision"], row["recall"], row["f1"])
        for row in sorted(frequent, key=lambda row: row["f1"])[:_HARDEST]
    ]
    header = ("label", "support", "precision", "recall", "F1")
    return ["### Weakest labels with at least five test articles", table(header, rows)] if rows else []


def _loading(result: Training) -> str:
    libraries = ", ".join(f"{name} {version}" for name, version in result.predictor.description["libraries"].items())
    return (
        "## Loading\n\n```python\nfrom pipeline import load_predictor\n\n"
        f'predictor = load_predictor("models/{result.config.name}")\npredictor.predict(["..."])\n```\n\n'
        f"`predictor.joblib` SHA-256 `{result.predictor.description['sha256']}`. Trained with {libraries}."
    )
