"""Nested cross-validation of the topics recipe, one change at a time: prints a Markdown table.

python -m benchmarks.ablation_topics data/prepared/news --judge newsarticles --vocabulary data/labels/topics.csv
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import process_time

import numpy as np

from pipeline.common.config import TaggerSettings
from pipeline.common.label_tree import indicator, links, raised
from pipeline.common.taxonomy import Taxonomy
from pipeline.evaluation.bootstrap import standard_errors
from pipeline.evaluation.metrics import Judged, metrics
from pipeline.features.compiled.batch import Batch, encode
from pipeline.features.compiled.lexicon import Lexicon
from pipeline.prediction.topic_tagger import LinearTagger
from pipeline.preparation.prepared_splits import read_split
from pipeline.training.examples import Examples, Run
from pipeline.training.fit_topics import fit_tagger
from pipeline.training.folds import assign_folds

VARIANTS: dict[str, dict[str, float]] = {
    "the recipe": {},
    "all words count alike": {"lead_words": 1e6},
    "title words count once": {"title_weight": 1.0},
    "no log-count-ratio machine": {"ratio_share": 0.0},
    "C = 2": {"penalty": 2.0},
    "one threshold for all labels": {"rare_label": 0.0},
    "each label's own F1 threshold": {"rare_label": 1e9},
    "calibration pulled hard to the pooled curve": {"calibration_strength": 10.0},
}


@dataclass(slots=True)
class Corpus:
    """Labelled documents with their near-duplicate group and source."""

    docs: Batch
    labels: list[list[str]]
    groups: list[int]
    sources: np.ndarray


def load(folder: Path) -> Corpus:
    """The training and validation splits of a prepared corpus; its test split stays unread."""
    rows = [row for split in ("train", "validation") for row in read_split(folder, split) if row["topics"] is not None]
    docs = encode(((row["title"] or "", row["text"]) for row in rows), Lexicon())
    sources = np.array([row["source"] for row in rows])
    return Corpus(docs, [row["topics"] for row in rows], [row["group"] for row in rows], sources)


def closed(tagger: LinearTagger, probabilities: np.ndarray, parents: dict[str, str]) -> np.ndarray:
    """Decisions with the parents that they imply."""
    return raised(tagger.decide(probabilities), links(tagger.labels, parents.get))


def nested(corpus: Corpus, taxonomy: Taxonomy, settings: TaggerSettings, judge: str, seed: int) -> Judged:
    """Judgement of each document by a tagger, thresholds included, fitted without its fold."""
    labels = list(taxonomy.topics) or sorted({label for given in corpus.labels for label in given})
    gold = indicator(corpus.labels, labels, taxonomy.parents)
    folds = assign_folds(gold, corpus.groups, 5, seed)
    judged = np.flatnonzero(corpus.sources == judge) if judge else np.arange(len(gold))
    predicted, probabilities = np.zeros_like(gold), np.zeros(gold.shape)
    for fold in range(5):
        held = np.intersect1d(judged, np.flatnonzero(folds == fold))
        apart = {corpus.groups[row] for row in held}
        given = [row for row in range(len(gold)) if corpus.groups[row] not in apart]
        tagger = fit(corpus, given, labels, taxonomy.parents, settings, seed)
        probabilities[held] = tagger.probabilities(corpus.docs[held])
        predicted[held] = closed(tagger, probabilities[held], taxonomy.parents)
    return Judged(tuple(labels), gold[judged], predicted[judged], probabilities[judged])


def fit(
    corpus: Corpus,
    rows: Sequence[int],
    labels: Sequence[str],
    parents: dict[str, str],
    settings: TaggerSettings,
    seed: int,
) -> LinearTagger:
    """A tagger trained on some rows of the corpus."""
    docs = corpus.docs[rows]
    groups = [corpus.groups[row] for row in rows]
    examples = Examples(docs, [corpus.labels[row] for row in rows], groups)
    return fit_tagger(examples, labels, parents, settings, Run(seed)).tagger


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("prepared", type=Path, help="folder that prepare wrote")
    parser.add_argument("--vocabulary", type=Path, help="CSV of topics")
    parser.add_argument("--judge", default="", help="source to judge on; the others are always trained on")
    parser.add_argument("--only", nargs="*", choices=list(VARIANTS), help="variants to run")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    corpus, taxonomy = load(given.prepared), Taxonomy.load(given.vocabulary, None)
    print("| variant | micro-F1 | macro-F1 | calibration error | CPU s |\n|---|---|---|---|---|")
    for name in given.only or VARIANTS:
        start = process_time()
        judged = nested(corpus, taxonomy, TaggerSettings.model_validate(VARIANTS[name]), given.judge, given.seed)
        found, errors = metrics(judged), standard_errors(judged)
        scores = " | ".join(f"{found[key]:.4f} ± {errors[key]:.4f}" for key in ("micro_f1", "macro_f1"))
        error = found["expected_calibration_error"]
        print(f"| {name} | {scores} | {error:.4f} | {process_time() - start:.0f} |", flush=True)


if __name__ == "__main__":
    main()
