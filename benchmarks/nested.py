"""Nested figures of the default corpus: 5-fold cross-validation over News Articles, one source held out, other years.

Every fit chooses its thresholds and calibration inside its own training articles. BBC News and Worldwire, whose
articles a language model wrote, are always trained on and never judged; in the last row they are all that is trained
on. Near-duplicates stay in one fold. Prints a Markdown table and writes JSON, in which a task that was not asked for
keeps its figures.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from pipeline.common.article import REGIONS, TOPICS
from pipeline.common.config import Config
from pipeline.common.config_file import load_config
from pipeline.common.files import write_json
from pipeline.common.label_tree import indicator, links, raised
from pipeline.common.progress import Progress
from pipeline.evaluation.bootstrap import standard_errors
from pipeline.evaluation.expected import expected_quality
from pipeline.evaluation.metrics import Judged, judge, metrics
from pipeline.features.compiled.batch import Batch
from pipeline.preparation import prepared_splits
from pipeline.preparation.prepare import load_taxonomy
from pipeline.training.examples import silent
from pipeline.training.fit_tasks import fit_task, tokenise
from pipeline.training.folds import assign_folds

BBC, WRITTEN = "bbcnews", "worldwire"
FOLDS = 5
Row = dict[str, Any]
Parts = Iterator[tuple[str, np.ndarray, np.ndarray]]


def parts(rows: Sequence[Row], seed: int) -> Parts:
    """What is scored: its name, and the positions of the articles to train on and to score."""
    sources = np.array([row["source"] for row in rows])
    news = np.flatnonzero(~np.isin(sources, (BBC, WRITTEN)))
    topics = [rows[row][TOPICS] for row in news.tolist()]
    gold = indicator(topics, sorted({key for given in topics for key in given}), {})
    folds = np.full(len(rows), -1)
    folds[news] = assign_folds(gold, [rows[row]["group"] for row in news.tolist()], FOLDS, seed)
    for fold in range(FOLDS):
        yield f"fold {fold + 1}", np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
    for source in sorted(set(sources) - {BBC, WRITTEN}):
        yield source, np.flatnonzero(sources != source), np.flatnonzero(sources == source)
    yield "2004-05 to 2016-17", np.flatnonzero(np.isin(sources, (BBC, WRITTEN))), news


def score(
    config: Config, task: str, docs: Batch, rows: Sequence[Row], given: np.ndarray, held_out: np.ndarray
) -> Judged:
    """Train on some articles and judge on others, topics closed upwards on both sides."""
    taxonomy = load_taxonomy(config)
    with threadpool_limits(1):
        tagger = fit_task(config, taxonomy, task, docs[given], [rows[r] for r in given], silent).tagger
    gold = [taxonomy.closure(rows[row][task]) if task == TOPICS else rows[row][task] for row in held_out]
    probabilities = tagger.probabilities(docs[held_out])
    decided = tagger.decide(probabilities)
    if task == TOPICS:
        decided = raised(decided, links(tagger.labels, taxonomy.parent))
    return judge(tagger.labels, gold, decided, probabilities)


def figures(judged: Judged, parents: Mapping[str, str]) -> dict[str, float]:
    """The figures of the table; `expected_f1` is what `monitor` says without labels, with its 95 % interval."""
    found = metrics(judged)
    names = ("documents", "micro_f1", "macro_f1", "expected_calibration_error")
    expected = expected_quality(raised(judged.probabilities, links(judged.labels, parents.get)), judged.predicted)
    said = {"expected_f1": expected.f1, "expected_low": expected.low, "expected_high": expected.high}
    return {name: found[name] for name in names} | {"standard_error": standard_errors(judged)["micro_f1"], **said}


def main() -> None:
    """Score everything asked for and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, default=Path("configs/news.yaml"))
    parser.add_argument("--data", type=Path, default=Path("data/prepared/news"))
    parser.add_argument("--tasks", nargs="+", default=[TOPICS, REGIONS])
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--output", type=Path, default=Path("benchmarks/results/nested.json"))
    options = parser.parse_args()
    config = load_config(options.config, options.set)
    rows = [
        row for split in prepared_splits.SPLITS for row in prepared_splits.read_split(options.data, split).to_list()
    ]
    docs = tokenise(rows, Progress())
    kept = json.loads(options.output.read_text(encoding="utf-8")) if options.output.exists() else {}
    results: dict[str, dict[str, dict[str, float]]] = kept
    parents = load_taxonomy(config).parents
    for task in options.tasks:
        results[task] = {}
        print(f"\n| {task} | articles | micro-F1 | standard error | macro-F1 | calibration error | expected micro-F1 |")
        print("|---|---|---|---|---|---|---|")
        for name, given, held_out in parts(rows, config.seed):
            judged = score(config, task, docs, rows, given, held_out)
            found = results[task][name] = figures(judged, parents if task == TOPICS else {})
            print("|", " | ".join([name, *(f"{value:.4g}" for value in _ordered(found))]), "|", flush=True)
        _summary(results[task])
    write_json(options.output, results)


def _ordered(found: dict[str, float]) -> list[float]:
    names = ("documents", "micro_f1", "standard_error", "macro_f1", "expected_calibration_error", "expected_f1")
    return [found[name] for name in names]


def _summary(found: dict[str, dict[str, float]]) -> None:
    folds = [values["micro_f1"] for name, values in found.items() if name.startswith("fold")]
    sources = [(values["micro_f1"], values["documents"]) for name, values in found.items() if "." in name]
    error = np.std(folds, ddof=1) / np.sqrt(len(folds))
    mean = np.average([score for score, _ in sources], weights=[count for _, count in sources])
    print(f"cross-validation: mean micro-F1 {np.mean(folds):.4f}, standard error {error:.4f} over {len(folds)} folds")
    print(f"one source held out: mean micro-F1 {mean:.4f}, weighted by articles", flush=True)


if __name__ == "__main__":
    main()
