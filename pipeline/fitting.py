"""Fitting: labelled rows to one tagger a task, with the out-of-fold probabilities of its training articles."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.config import Config
from pipeline.errors import DataError
from pipeline.features.document import Document
from pipeline.features.places import country_words
from pipeline.folds import OutOfFold
from pipeline.predictor import REGIONS, TOPICS, Tagger, Text, tokens
from pipeline.progress import Progress
from pipeline.taggers.fit import assign_folds, fit_tagger, indicator
from pipeline.taggers.region_fit import fit_regions
from pipeline.taxonomy import Taxonomy

Row = Mapping[str, Any]
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Fitted:
    """A task's tagger, its state for the predictor file, and its out-of-fold probabilities."""

    tagger: Tagger
    state: dict[str, Any]
    out_of_fold: OutOfFold


def tokenise(rows: Sequence[Row], progress: Progress) -> list[Document]:
    """The rows' texts as tokens."""
    docs = []
    with progress.stage("tokenise", len(rows)) as stage:
        for row in rows:
            docs.append(tokens(Text(row["text"], row["title"])))
            stage.advance()
    return docs


def fit_tasks(
    config: Config,
    taxonomy: Taxonomy,
    docs: Sequence[Document],
    rows: Sequence[Row],
    progress: Progress,
    note: str = "",
) -> dict[str, Fitted]:
    """Fit every task that the configuration has and the rows are labelled for. Raises DataError when there is none."""
    found = {}
    for task in (TOPICS, REGIONS):
        chosen = [number for number, row in enumerate(rows) if row[task] is not None]
        if getattr(config, task) is None or not any(rows[number][task] for number in chosen):
            continue
        with progress.stage(f"fit {task}{note}") as stage:
            given, labelled = [docs[number] for number in chosen], [rows[number] for number in chosen]
            found[task] = fit_task(config, taxonomy, task, given, labelled, stage.say)
    if not found:
        raise DataError(f"{config.name}: nothing to train: no article of the training split has a label")
    return found


def fit_task(
    config: Config, taxonomy: Taxonomy, task: str, docs: Sequence[Document], rows: Sequence[Row], say: Say
) -> Fitted:
    """Fit one task on rows that are all labelled for it. Raises DataError when they can't be learned from."""
    fit = _fit_topics if task == TOPICS else _fit_regions
    return fit(config, taxonomy, docs, rows, [row["group"] for row in rows], say)


def jobs(config: Config) -> int:
    """How many processes a configuration asks for."""
    return config.jobs or os.cpu_count() or 1


def _fit_topics(
    config: Config, taxonomy: Taxonomy, docs: Sequence[Document], rows: Sequence[Row], groups: list[int], say: Say
) -> Fitted:
    assert config.topics is not None
    labels = [taxonomy.closure(row[TOPICS]) for row in rows]
    known = list(taxonomy.topics) or sorted({label for given in labels for label in given})
    words = country_words(config.countries)
    parents = taxonomy.parents
    fitted = fit_tagger(docs, labels, known, parents, config.topics, groups, config.seed, jobs(config), say, words)
    gold = indicator(labels, known, parents)
    folds = assign_folds(gold, groups, config.topics.folds, config.seed)
    state = {"kind": "linear", "state": fitted.tagger.state()}
    return Fitted(fitted.tagger, state, OutOfFold(gold, fitted.oof_probabilities, folds))


def _fit_regions(
    config: Config, _: Taxonomy, docs: Sequence[Document], rows: Sequence[Row], groups: list[int], say: Say
) -> Fitted:
    assert config.regions is not None
    labels = [row[REGIONS] for row in rows]
    codes = _region_codes(config.region_codes) if config.region_codes else None
    fitted = fit_regions(docs, labels, config.regions, groups, config.seed, jobs(config), say, codes)
    gold = indicator(labels, fitted.tagger.labels, {})
    folds = assign_folds(gold, groups, config.regions.folds, config.seed)
    state = {"kind": "regions", "state": fitted.tagger.state()}
    return Fitted(fitted.tagger, state, OutOfFold(gold, fitted.oof_probabilities, folds))


def _region_codes(path: Path) -> dict[str, str]:
    """A corpus's own region codes and the ISO codes that they stand for."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return {row["code"]: row["iso"] for row in csv.DictReader(file)}
    except (OSError, KeyError) as error:
        raise DataError(f"{path} can't be read as a CSV with the columns code and iso ({error})") from None
