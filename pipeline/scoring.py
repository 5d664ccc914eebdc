"""A predictor's answers put beside the labels of articles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pipeline.evaluation import Judged, bootstrap_error, by_group, judge, metrics
from pipeline.predictor import REGIONS, TOPICS, Predictor, Text

TASKS = (TOPICS, REGIONS)
_CHUNK = 2000


def judge_rows(predictor: Predictor, rows: Sequence[Mapping[str, Any]], task: str) -> Judged | None:
    """The rows labelled for `task`, judged; topics are closed upwards on both sides. None without such rows."""
    labelled = [row for row in rows if row[task] is not None]
    if task not in predictor.taggers or not labelled:
        return None
    tagger = predictor.taggers[task]
    texts = [Text(row["text"], row["title"] or "") for row in labelled]
    scores = predictor.probabilities(texts)
    gold = [closed(row[task], predictor) if task == TOPICS else list(row[task]) for row in labelled]
    return judge(tagger.labels, gold, predictor.decisions(scores)[task], scores[task])


def closed(keys: Iterable[str], predictor: Predictor) -> list[str]:
    """Topic keys and the parents that they imply."""
    known = predictor.taxonomy.get(TOPICS, {})
    found = list(dict.fromkeys(keys))
    for key in found:
        parent = known.get(key, ("", key, ""))[2]
        if parent and parent not in found:
            found.append(parent)
    return found


def score_rows(predictor: Predictor, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """`{"documents": n, "topics": {metrics}, "regions": {metrics}}`, each task with its standard errors and its metrics
    per source where there are several."""
    found: dict[str, Any] = {"documents": len(rows)}
    for task in TASKS:
        judged = judge_rows(predictor, rows, task)
        if judged:
            sources = [row.get("source") or "" for row in rows if row[task] is not None]
            found[task] = {**with_sources(judged, sources), "publish": published(predictor, task, judged)}
    return found


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


def with_sources(judged: Judged, sources: Sequence[str]) -> dict[str, Any]:
    """The metrics with standard errors and, where there are several sources, the metrics of each."""
    found: dict[str, Any] = {**metrics(judged), "standard_error": bootstrap_error(judged)}
    if len(set(sources)) > 1:
        found["by_source"] = by_group(judged, sources)
    return found
