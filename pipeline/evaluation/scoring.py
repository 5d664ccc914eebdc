"""A predictor's answers put beside the labels of articles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from pipeline.common.article import REGIONS, TOPICS
from pipeline.common.label_tree import closed
from pipeline.common.taxonomy import TopicNames
from pipeline.evaluation.bootstrap import standard_errors
from pipeline.evaluation.metrics import Judged, by_group, judge, metrics, per_label
from pipeline.features.texts import Text
from pipeline.prediction.predictor import Predictor

TASKS = (TOPICS, REGIONS)
_PART = 2_000  # rows whose texts are tagged at a time


def judge_rows(
    predictor: Predictor, rows: Sequence[Mapping[str, Any]], advance: Callable[[int], None] = lambda _: None
) -> dict[str, Judged]:
    """Each task's labelled rows, judged; topics are closed upwards on both sides. No task without such rows.

    `advance` is told after each part how many rows it had.
    """
    return judge_scores(predictor, rows, _probabilities(predictor, rows, advance))


def judge_scores(
    predictor: Predictor, rows: Sequence[Mapping[str, Any]], scores: Mapping[str, np.ndarray]
) -> dict[str, Judged]:
    """Each task's labelled rows, judged by probabilities that are known, by task."""
    decided = predictor.decisions(scores)
    found = {}
    for task, tagger in predictor.taggers.items():
        labelled = [number for number, row in enumerate(rows) if row[task] is not None]
        if labelled:
            given = [rows[number][task] for number in labelled]
            gold = [closed(keys, predictor.parent) for keys in given] if task == TOPICS else given
            found[task] = judge(tagger.labels, gold, decided[task][labelled], scores[task][labelled])
    return found


def _probabilities(
    predictor: Predictor, rows: Sequence[Mapping[str, Any]], advance: Callable[[int], None]
) -> dict[str, np.ndarray]:
    parts = []
    for start in range(0, max(1, len(rows)), _PART):
        texts = [Text(row["text"], row["title"] or "") for row in rows[start : start + _PART]]
        parts.append(predictor.probabilities(texts))
        advance(len(texts))
    return {task: np.concatenate([part[task] for part in parts]) for task in predictor.taggers}


def known_labels(predictor: Predictor, rows: Sequence[dict[str, Any]]) -> dict[str, dict[str, int]]:
    """Make the rows' topics the model's keys, by key, name or NewsCode; counts of the labels that it doesn't know."""
    unknown = {}
    for task, tagger in predictor.taggers.items():
        about = ((key, predictor.label(task, key)) for key in tagger.labels)
        named = [(key, label.iptc, label.name) for key, label in about]
        names, own, counts = TopicNames(named), set(tagger.labels), Counter[str]()
        for row in rows:
            given = [label if label in own else names.find(label) or label for label in row[task] or ()]
            counts.update(label for label in given if label not in own)
            row[task] = None if row[task] is None else list(dict.fromkeys(given))
        unknown[task] = dict(counts.most_common())
    return unknown


def score_rows(predictor: Predictor, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """`{"documents": n, "topics": {figures}, "regions": {figures}}`; the figures have `labels`, one row per label."""
    found: dict[str, Any] = {"documents": len(rows)}
    for task, judged in judge_rows(predictor, rows).items():
        thresholds = dict(zip(judged.labels, map(float, predictor.taggers[task].thresholds), strict=False))
        labels = per_label(judged, thresholds, predictor.names(task))
        found[task] = {**figures(predictor, task, judged, rows), "labels": labels}
    return found


def figures(predictor: Predictor, task: str, judged: Judged, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """A task's metrics with standard errors, what can be published, and where there are several sources, each one's."""
    found: dict[str, Any] = {**metrics(judged), "standard_error": standard_errors(judged)}
    sources = [row.get("source") or "" for row in rows if row[task] is not None]
    if len(set(sources)) > 1:
        found["by_source"] = by_group(judged, sources)
    return {**found, "publish": published(predictor, task, judged)}


def published(predictor: Predictor, task: str, judged: Judged) -> dict[str, float]:
    """Of the tags given, those sure enough to publish unseen: their precision, and their share of all tags.

    `share_of_articles` is that of the articles with tags all of whose tags are published.
    """
    known = len(predictor.taggers[task].labels)
    given = judged.predicted[:, :known]
    sure = given & predictor.taggers[task].publishable(judged.probabilities[:, :known])
    right, tagged = (sure & judged.gold[:, :known]).sum(), given.any(axis=1)
    whole = (sure == given).all(axis=1) & tagged
    return {
        "precision": float(right / max(1, sure.sum())),
        "share_of_tags": float(sure.sum() / max(1, given.sum())),
        "share_of_articles": float(whole.sum() / max(1, tagged.sum())),
    }
