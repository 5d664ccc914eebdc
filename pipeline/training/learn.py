"""Training with editors' corrections added: which of them are learned from, and which are kept to judge on."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.common.article import REGIONS, TOPICS
from pipeline.common.config import Config
from pipeline.common.config_file import parse_config
from pipeline.evaluation.compare import Answers, Comparison, Predictions, compare, said
from pipeline.evaluation.scoring import judge_rows
from pipeline.prediction.predictor import Predictor
from pipeline.preparation.near_duplicates import groups, similar_pairs
from pipeline.preparation.prepare import RELATED
from pipeline.rows.feedback import Correction, digest

_BUCKETS = 10_000


@dataclass(frozen=True, slots=True)
class Lesson:
    """Corrections to learn from, those to judge on, and the SHA-256 of them all."""

    learned: list[Correction]
    held_out: list[Correction]
    digest: str


def divide(corrections: Sequence[Correction], judged: Sequence[str], share: float) -> Lesson:
    """Hold back a share of corrections, and all that resemble `judged`, the texts of the validation and test articles.

    Near-duplicates stay together. Which are held back depends on their own ids alone, so that they stay held back as
    more corrections come.
    """
    texts = [*judged, *(f"{one.title}\n{one.text}" for one in corrections)]
    names = groups(len(texts), similar_pairs(texts, RELATED))
    apart = set(names[: len(judged)])
    learned: list[Correction] = []
    held_out: list[Correction] = []
    for one, name in zip(corrections, names[len(judged) :], strict=True):
        kept = name in apart or bucket(corrections[name - len(judged)].article) < share
        (held_out if kept else learned).append(one)
    return Lesson(learned, held_out, digest(corrections))


def with_corrections(config: Config, store: Path, lesson: Lesson, weight: float) -> Config:
    """The configuration with the corrections to learn from as one more corpus, for training only.

    The registry doesn't make its model champion by itself: it is judged on the corrections held back as well.
    """
    tree: dict[str, Any] = config.resolved()
    corpus: dict[str, Any] = {"corpus": "feedback", "path": str(store), "train_only": True}
    corpus |= {"weight": weight} if weight != 1 else {}
    corpus |= {"without": [one.article for one in lesson.held_out]} if lesson.held_out else {}
    tree["corpora"] = [*tree["corpora"], corpus]
    tree["gate"]["automatic"] = False
    return parse_config(tree, config.name)


def on_corrections(old: Predictor, new: Predictor, held_out: Sequence[Correction]) -> dict[str, Comparison]:
    """Both predictors judged on corrections that neither learned from, task by task; none without any."""
    rows = [
        {"text": one.text, "title": one.title, "source": "feedback", TOPICS: one.topics, REGIONS: one.regions}
        for one in held_out
    ]
    if not rows:
        return {}
    one, other = (_answers(predictor, rows) for predictor in (old, new))
    return compare(one, other) if set(one.tasks) & set(other.tasks) else {}


def worse(found: Mapping[str, Comparison]) -> str:
    """What is worse beyond chance, in words; empty when nothing is."""
    problems = [f"{task} {said(each.overall[0])}" for task, each in found.items() if each.overall[0].high < 0]
    return "; ".join(problems)


def _answers(predictor: Predictor, rows: Sequence[Mapping[str, Any]]) -> Predictions:
    judged = judge_rows(predictor, rows)
    return Predictions(
        "corrections", {task: Answers(each.labels, each.gold, each.predicted) for task, each in judged.items()}
    )


def bucket(name: str) -> float:
    """A number from 0 to 1 that only the name decides."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") % _BUCKETS / _BUCKETS
