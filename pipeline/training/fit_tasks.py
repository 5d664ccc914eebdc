"""Fitting: labelled rows to one tagger a task, with the out-of-fold probabilities of its training articles."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.common import cache
from pipeline.common.article import REGIONS, TOPICS
from pipeline.common.beside import nothing
from pipeline.common.config import Config
from pipeline.common.csv_table import read_table
from pipeline.common.disk_array import DiskArray, on_disk
from pipeline.common.errors import DataError
from pipeline.common.label_tree import indicator
from pipeline.common.parallel import read_ahead
from pipeline.common.progress import Progress
from pipeline.common.taxonomy import Taxonomy, Topic
from pipeline.common.usage import release_memory
from pipeline.evaluation.results import OutOfFold
from pipeline.features.compiled.batch import Batch, encode
from pipeline.features.compiled.kept import sources_hash
from pipeline.features.compiled.lexicon import Lexicon
from pipeline.features.country_words import country_words
from pipeline.features.gazetteer import Gazetteer
from pipeline.features.gazetteer_tables import read_gazetteer
from pipeline.features.language.people import people_words
from pipeline.features.language.reading import ENGLISH, parted
from pipeline.prediction.other_language import ready_made
from pipeline.prediction.region_tagger import RegionTagger
from pipeline.prediction.tagger import Tagger
from pipeline.preparation import prepared_splits
from pipeline.training.examples import Examples, Run, Say
from pipeline.training.fit_language_regions import TRANSFERRED, fit_language_regions, language_names
from pipeline.training.fit_regions import fit_regions
from pipeline.training.fit_topics import fit_tagger
from pipeline.training.label_words import LabelWords

Row = Mapping[str, Any]
_CHUNK = 2_000


@dataclass(frozen=True, slots=True)
class Fitted:
    """A task's tagger, its state for the predictor file, its out-of-fold probabilities if it has learned, and what is
    to be told of it."""

    tagger: Tagger
    state: dict[str, Any]
    out_of_fold: OutOfFold | None
    note: str = ""


def tokenise(rows: Sequence[Row], progress: Progress, language: str = ENGLISH) -> Batch:
    """The rows' texts as tokens, on the disk."""
    return _tokenised(((row["title"] or "", row["text"]) for row in rows), len(rows), progress, language)


def tokenise_splits(folder: Path, splits: Sequence[str], progress: Progress, language: str = ENGLISH) -> Batch:
    """The texts of prepared splits as tokens, kept in the cache that is in use."""
    described = (prepared_splits.read_manifest(folder) or {})["splits"]

    def make() -> cache.Arrays:
        texts = chain.from_iterable(prepared_splits.read_texts(folder, split) for split in splits)
        count = sum(described[split]["documents"] for split in splits)
        batch = _tokenised(texts, count, progress, language, folder.parent)
        words = np.frombuffer("\n".join(batch.lexicon.words).encode(), np.uint8)
        return {"words": batch.words, "shapes": batch.shapes, "starts": batch.starts, "lexicon": words}

    made_by = [sources_hash(made.__module__) for made in (encode, parted)]
    found = cache.arrays("tokens", [*made_by, language, *(described[split]["sha256"] for split in splits)], make)
    lexicon = Lexicon(found["lexicon"].tobytes().decode().split("\n"))
    return Batch(lexicon, found["words"], found["shapes"], found["starts"], np.arange(len(found["starts"]) // 2))


def _tokenised(
    texts: Iterable[tuple[str, str]], count: int, progress: Progress, language: str, folder: Path | None = None
) -> Batch:
    lexicon, texts = Lexicon(), (parted(language, *fields) for fields in texts)
    words, shapes, starts = DiskArray(np.int32, folder), DiskArray(np.uint8, folder), [np.zeros(1, np.int64)]
    with progress.stage("tokenise", count) as stage:
        for part in read_ahead(iter(lambda: list(islice(texts, _CHUNK)), [])):
            batch = encode(part, lexicon)
            words.extend(batch.words)
            shapes.extend(batch.shapes)
            starts.append(batch.starts[1:] + starts[-1][-1])
            stage.advance(len(part))
    bounds = np.concatenate(starts)
    return Batch(lexicon, words.values(), shapes.values(), bounds, np.arange(len(bounds) // 2))


def fit_tasks(
    config: Config,
    taxonomy: Taxonomy,
    docs: Batch,
    rows: Sequence[Row],
    progress: Progress,
    note: str = "",
    compiled: Callable[[], None] = nothing,
    folder: Path | None = None,
) -> dict[str, Fitted]:
    """Fit every task that the configuration has and the rows are labelled for. Raises DataError when there is none.

    `compiled` waits until what countries need, which takes longest, is compiled. Large out-of-fold probabilities are
    kept in a file without a name in `folder`.
    """
    found, alike = {}, []
    for task in (TOPICS, REGIONS):
        chosen = [number for number, row in enumerate(rows) if row[task] is not None]
        settings = getattr(config, task)
        if settings is None or getattr(settings, "borrowed", False) or not any(rows[row][task] for row in chosen):
            continue
        if len({frozenset(rows[number][task]) for number in chosen}) == 1:
            alike.append(f"all articles have the same labels ({task}: {', '.join(rows[chosen[0]][task])})")
            continue
        release_memory()
        with progress.stage(f"fit {task}{note}") as stage:
            given, labelled = docs[chosen], [rows[number] for number in chosen]
            if task == REGIONS:
                stage.say("compile")
                compiled()
            found[task] = _put_away(fit_task(config, taxonomy, task, given, labelled, stage.say), folder)
    if not found and alike:
        raise DataError(f"nothing to train on: {'; '.join(alike)}")
    if not found:
        raise DataError(f"{config.name}: nothing to train: no article of the training split has a label")
    if borrowed := _borrowed(config, docs, rows):
        found[REGIONS] = borrowed
    for reason in alike:
        progress.tell(f"note: not trained: {reason}")
    return found


def fit_task(config: Config, taxonomy: Taxonomy, task: str, docs: Batch, rows: Sequence[Row], say: Say) -> Fitted:
    """Fit one task on rows that are all labelled for it. Raises DataError when they can't be learned from."""
    fit = _fit_topics if task == TOPICS else _fit_regions
    run = Run(config.seed, config.processes, say, config.thresholds.precision, config.language)
    return fit(config, taxonomy, _examples(config, task, docs, rows), run)


def _put_away(fitted: Fitted, folder: Path | None) -> Fitted:
    """The same with its out-of-fold probabilities on the disk: nobody reads them before all tasks are fitted."""
    if fitted.out_of_fold is None:
        return fitted
    kept = on_disk(fitted.out_of_fold.probabilities, folder)
    return replace(fitted, out_of_fold=replace(fitted.out_of_fold, probabilities=kept))


def _examples(config: Config, task: str, docs: Batch, rows: Sequence[Row]) -> Examples:
    """The rows, with what the configuration says of the corpora that they came from."""
    corpora = dict(zip(config.corpus_names, config.corpora, strict=True))
    calibrated = np.array([corpora[row["corpus"]].calibrates_on(row["source"]) for row in rows])
    weights = np.array([corpora[row["corpus"]].weight for row in rows])
    groups = [row["group"] for row in rows]
    return Examples(docs, [row[task] for row in rows], groups, calibrated, None if (weights == 1).all() else weights)


def _fit_topics(config: Config, taxonomy: Taxonomy, examples: Examples, run: Run) -> Fitted:
    assert config.topics is not None
    known = list(taxonomy.topics) or sorted({label for given in examples.labels for label in given})
    if config.language == ENGLISH:
        words, own = country_words(config.countries), label_words(config.topic_words, taxonomy, known)
    else:
        words, own = people_words(config.language), []
    fitted = fit_tagger(examples, known, taxonomy.parents, config.topics, run, words, own)
    gold = indicator(examples.labels, known, taxonomy.parents)
    state = {"kind": "linear", "state": fitted.tagger.state()}
    return Fitted(fitted.tagger, state, OutOfFold(gold, fitted.oof_probabilities, fitted.folds, examples.judged))


def label_words(table: Path | None, taxonomy: Taxonomy, labels: Sequence[str]) -> list[LabelWords]:
    """What is known of each topic: its key, name and scope note, and its words in the CSV `table`. Raises DataError."""
    others = _columns(table, "key", "words") if table else {}
    topics = [taxonomy.topics.get(label, Topic(label)) for label in labels]
    return [LabelWords(f"{one.key} {one.name} {one.scope}", others.get(one.key.casefold(), "")) for one in topics]


def _fit_regions(config: Config, _: Taxonomy, examples: Examples, run: Run) -> Fitted:
    assert config.regions is not None
    codes = _columns(config.region_codes, "code", "iso") if config.region_codes else None
    names = _names(config, examples.docs, examples.labels, codes)
    if names is None:
        fitted, note = fit_regions(examples, config.regions, run, codes), ""
    else:
        fitted, note = fit_language_regions(names, examples, config.regions, run)
    gold = indicator(examples.labels, fitted.tagger.labels, {})
    out_of_fold = OutOfFold(gold, fitted.oof_probabilities, fitted.folds, examples.judged)
    return Fitted(fitted.tagger, _regions_state(fitted.tagger), out_of_fold, note)


def _names(
    config: Config, docs: Batch, labels: Sequence[Sequence[str]], codes: dict[str, str] | None
) -> Gazetteer | None:
    """The names of countries in the configuration's language; None for English, whose ranker learns its own."""
    assert config.regions is not None
    if config.language == ENGLISH:
        return None
    return language_names(config.language, docs, config.regions, labels, codes)


def _borrowed(config: Config, docs: Batch, rows: Sequence[Row]) -> Fitted | None:
    """The country tagger that comes along, where a configuration asks for it, or no article outside English has a
    region. Raises DataError without its gazetteer."""
    if config.regions is None or not (config.regions.borrowed or not any(row[REGIONS] for row in rows)):
        return None
    names = _names(config, docs, (), None)
    if names is None and not config.regions.borrowed:
        return None
    why = "as `regions: default` asks" if config.regions.borrowed else "no article has a region"
    tagger = ready_made(names or read_gazetteer(config.regions.gazetteer))
    return Fitted(tagger, _regions_state(tagger), None, f"{TRANSFERRED}: {why}")


def _regions_state(tagger: RegionTagger) -> dict[str, Any]:
    return {"kind": "regions", "state": tagger.state()}


def _columns(path: Path, key: str, value: str) -> dict[str, str]:
    """Two columns of a CSV: a corpus's own region codes and the ISO codes that they stand for, or topics and words."""
    return {row[key]: row[value] for _, row in read_table(path, (key, value))}
