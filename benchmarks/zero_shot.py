"""Topics that no training article is labelled with, known by their words alone: how well are they found?

    python train.py prepare && python -m benchmarks.zero_shot

The fine topics of the default vocabulary are left out of the training articles' labels in five groups, one after
another; the articles of a News Articles fold are tagged, and only the topics left out are judged. Prints precision,
recall and F1 over those topics, beside the same topics learned from their articles, and writes JSON.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.nested import BBC, WRITTEN
from pipeline.common.article import TOPICS
from pipeline.common.config import Config
from pipeline.common.config_file import load_config
from pipeline.common.files import write_json
from pipeline.common.label_tree import indicator
from pipeline.common.progress import Progress
from pipeline.evaluation.metrics import Judged, metrics, per_label
from pipeline.features.compiled.batch import Batch
from pipeline.preparation import prepared_splits
from pipeline.preparation.prepare import load_taxonomy
from pipeline.training.examples import silent
from pipeline.training.fit_tasks import fit_task, tokenise

GROUPS = 5
Row = dict[str, Any]


def judged(config: Config, docs: Batch, rows: list[Row], train: np.ndarray, test: np.ndarray, left: set[str]) -> Judged:
    """Train without the labels `left` and judge these alone; nothing left out judges what is learned."""
    taxonomy = load_taxonomy(config)
    known = [{**rows[row], TOPICS: [key for key in rows[row][TOPICS] if key not in left]} for row in train]
    with threadpool_limits(1):
        tagger = fit_task(config, taxonomy, TOPICS, docs[train], known, silent).tagger
    probabilities = tagger.probabilities(docs[test])
    gold = indicator([taxonomy.closure(rows[row][TOPICS]) for row in test], tagger.labels, taxonomy.parents)
    return Judged(tuple(tagger.labels), gold, tagger.decide(probabilities), probabilities)


def columns(found: Judged, labels: set[str]) -> Judged:
    """The columns of some labels."""
    chosen = [column for column, label in enumerate(found.labels) if label in labels]
    names = tuple(found.labels[column] for column in chosen)
    return Judged(names, found.gold[:, chosen], found.predicted[:, chosen], found.probabilities[:, chosen])


def main() -> None:
    """Judge each group left out, and the same topics learned."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, default=Path("configs/news.yaml"))
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="such as topic_words=null")
    parser.add_argument("--output", type=Path, default=Path("benchmarks/results/zero-shot.json"))
    options = parser.parse_args()
    config = load_config(options.config, ["topics.zero_shot=true", *options.set])
    folder = Path("data/prepared") / config.name
    train = prepared_splits.read_split(folder, "train").to_list()
    test = [row for row in prepared_splits.read_split(folder, "test").to_list() if row["source"] not in (BBC, WRITTEN)]
    docs = tokenise([*train, *test], Progress())
    learned, judged_on = np.arange(len(train)), np.arange(len(train), len(train) + len(test))
    taxonomy = load_taxonomy(config)
    fine = [topic.key for topic in taxonomy.topics.values() if topic.parent]
    parts, everything = [], judged(config, docs, [*train, *test], learned, judged_on, set())
    for group in range(GROUPS):
        left = set(fine[group::GROUPS])
        parts.append(columns(judged(config, docs, [*train, *test], learned, judged_on, left), left))
    found = Judged(
        tuple(label for part in parts for label in part.labels),
        *(np.hstack([getattr(part, name) for part in parts]) for name in ("gold", "predicted", "probabilities")),
    )
    rows = {"by words alone": metrics(found), "learned": metrics(columns(everything, set(found.labels)))}
    print("| fine topics | precision | recall | micro-F1 | macro-F1 |\n|---|---|---|---|---|")
    for name, values in rows.items():
        shown = (values[key] for key in ("micro_precision", "micro_recall", "micro_f1", "macro_f1"))
        print(f"| {name} | " + " | ".join(f"{value:.3f}" for value in shown) + " |")
    labels = per_label(found, {}, {})
    best = sorted(labels, key=lambda row: -row["f1"])
    print("best: " + ", ".join(f"{row['label']} {row['f1']:.2f}" for row in best[:8]))
    print("never right: " + ", ".join(row["label"] for row in best if row["f1"] == 0))
    write_json(options.output, {"figures": rows, "labels": labels})


if __name__ == "__main__":
    main()
