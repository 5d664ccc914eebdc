"""The labels that a model knows: for search as one types, for Superdesk, and for what people send in."""

from __future__ import annotations

from typing import Any

from pipeline.common.article import REGIONS, TOPICS
from pipeline.common.errors import DataError
from pipeline.prediction.explaining.label_names import resolve
from pipeline.prediction.predictor import Predictor


def vocabulary(predictor: Predictor) -> dict[str, list[dict[str, Any]]]:
    """Each task's labels with their names, in the order of these."""
    found = {}
    for task, tagger in predictor.taggers.items():
        known = [(key, predictor.label(task, key)) for key in tagger.labels]
        rows = [{"key": key, "name": about.name, "iptc": about.iptc, "parent": about.parent} for key, about in known]
        found[task] = sorted(rows, key=lambda row: row["name"].casefold())
    return found


def check_said(topics: list[str] | None, regions: list[str] | None) -> None:
    """Raises DataError when people left out the labels of both tasks."""
    if topics is None and regions is None:
        raise DataError("'topics' and 'regions' are both missing: say which tags the article should have")


def labels_said(
    predictor: Predictor, topics: list[str] | None, regions: list[str] | None
) -> dict[str, tuple[str, ...] | None]:
    """The keys of each task's labels that people sent by whatever name, each once; None for a task they left out.

    Raises DataError for a label that the task doesn't have.
    """
    return {TOPICS: _keys_of(predictor, TOPICS, topics), REGIONS: _keys_of(predictor, REGIONS, regions)}


def _keys_of(predictor: Predictor, task: str, names: list[str] | None) -> tuple[str, ...] | None:
    if names is None:
        return None
    found = []
    for name in names:
        known, key = resolve(predictor, name)
        if known != task:
            raise DataError(f"'{name}' belongs to {known}, not to {task}")
        found.append(key)
    return tuple(dict.fromkeys(found))
