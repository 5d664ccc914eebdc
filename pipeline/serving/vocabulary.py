"""The labels that a model knows: for search as one types, for Superdesk, and for what people send in."""

from __future__ import annotations

from typing import Any

from pipeline.common.errors import DataError
from pipeline.prediction.explaining.label_names import resolve
from pipeline.prediction.labels import Label
from pipeline.prediction.predictor import Predictor


def label(predictor: Predictor, task: str, key: str) -> Label:
    """What is known of a label."""
    return predictor.labels.get(task, {}).get(key, Label(key))


def vocabulary(predictor: Predictor) -> dict[str, list[dict[str, Any]]]:
    """Each task's labels with their names, in the order of these."""
    found = {}
    for task, tagger in predictor.taggers.items():
        known = [(key, label(predictor, task, key)) for key in tagger.labels]
        rows = [{"key": key, "name": about.name, "iptc": about.iptc, "parent": about.parent} for key, about in known]
        found[task] = sorted(rows, key=lambda row: row["name"].casefold())
    return found


def keys_of(predictor: Predictor, task: str, names: list[str] | None) -> tuple[str, ...] | None:
    """Labels by whatever name as keys of a task, each once. Raises DataError for one that the task doesn't have."""
    if names is None:
        return None
    found = []
    for name in names:
        known, key = resolve(predictor, name)
        if known != task:
            raise DataError(f"'{name}' belongs to {known}, not to {task}")
        found.append(key)
    return tuple(dict.fromkeys(found))
