"""Do 300 suggested articles teach more than 300 random ones? A simulation on the labels of the News Articles corpus.

    python train.py prepare && python -m benchmarks.suggest_simulation --seeds 10

From 200 random labelled articles, 50 more are labelled six times: those that `suggest` names, or random ones. After
each round the topic tagger is trained again and judged on articles that are never chosen (validation and test). Both
ways start from the same articles. Prints micro- and macro-F1 with the standard error of the paired difference over
seeds.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

from pipeline.common.config import TaggerSettings
from pipeline.common.config_file import load_config
from pipeline.common.label_tree import indicator
from pipeline.common.taxonomy import Taxonomy
from pipeline.evaluation.metrics import Judged
from pipeline.evaluation.slices import scores
from pipeline.evaluation.suggest import choose, uncertainty
from pipeline.features.compiled.batch import Batch, encode
from pipeline.features.compiled.lexicon import Lexicon
from pipeline.prediction.topic_tagger import LinearTagger
from pipeline.preparation import prepared_splits
from pipeline.preparation.prepare import load_taxonomy
from pipeline.training.examples import Examples, Run
from pipeline.training.fit_topics import fit_tagger

START, STEP, ROUNDS = 200, 50, 6
ELSEWHERE = "bbc"


@dataclass(slots=True)
class Corpus:
    """Tokenised articles with their topics, those to choose from and those to judge on."""

    docs: Batch
    labels: list[list[str]]
    groups: list[int]
    pool: np.ndarray
    judged: np.ndarray
    taxonomy: Taxonomy


def load(config_path: Path) -> Corpus:
    """The News Articles part of the prepared default corpus."""
    config = load_config(config_path)
    taxonomy = load_taxonomy(config)
    rows: list[dict[str, Any]] = []
    held: list[bool] = []
    for split in prepared_splits.SPLITS:
        found = prepared_splits.read_split(Path("data/prepared") / config.name, split).to_list()
        found = [row for row in found if row["topics"] is not None and ELSEWHERE not in row["source"].casefold()]
        rows += found
        held += [split != "train"] * len(found)
    docs = encode(((row["title"] or "", row["text"]) for row in rows), Lexicon())
    labels = [taxonomy.closure(row["topics"]) for row in rows]
    held_out = np.array(held)
    return Corpus(
        docs, labels, [row["group"] for row in rows], np.flatnonzero(~held_out), np.flatnonzero(held_out), taxonomy
    )


def curve(corpus: Corpus, suggested: bool, seed: int) -> list[tuple[float, float]]:
    """Micro- and macro-F1 after each round."""
    random = np.random.default_rng(seed)
    order = random.permutation(corpus.pool)
    labelled, rest = list(order[:START]), list(order[START:])
    found = []
    for number in range(ROUNDS + 1):
        tagger = fit(corpus, labelled, seed)
        found.append(judge(corpus, tagger))
        if number < ROUNDS:
            picked = pick(corpus, tagger, labelled, rest) if suggested else rest[:STEP]
            labelled += picked
            taken = set(picked)
            rest = [row for row in rest if row not in taken]
    return found


def fit(corpus: Corpus, rows: Sequence[int], seed: int) -> LinearTagger:
    """The topic tagger trained on some articles."""
    docs, labels = corpus.docs[rows], [corpus.labels[row] for row in rows]
    groups, taxonomy = [corpus.groups[row] for row in rows], corpus.taxonomy
    examples = Examples(docs, labels, groups)
    return fit_tagger(examples, list(taxonomy.topics), taxonomy.parents, TaggerSettings(), Run(seed)).tagger


def judge(corpus: Corpus, tagger: LinearTagger) -> tuple[float, float]:
    """Micro- and macro-F1 over the labels that the judged articles have."""
    stated = tagger.probabilities(corpus.docs[corpus.judged])
    gold = indicator([corpus.labels[row] for row in corpus.judged], tagger.labels, corpus.taxonomy.parents)
    used = gold.any(axis=0)
    predicted = tagger.decide(stated)
    labels = tuple(np.array(tagger.labels)[used])
    found = scores(Judged(labels, gold[:, used], predicted[:, used], stated[:, used]))
    return found["micro_f1"], found["macro_f1"]


def pick(corpus: Corpus, tagger: LinearTagger, labelled: Sequence[int], rest: Sequence[int]) -> list[int]:
    """The articles that `suggest` would name."""
    docs = corpus.docs[rest]
    indptr, indices, values = tagger.features.transform(docs)
    vectors = csr_matrix((values, indices, indptr), shape=(len(docs), len(tagger.features.terms)))
    support = indicator([corpus.labels[row] for row in labelled], tagger.labels, corpus.taxonomy.parents).sum(axis=0)
    doubts = uncertainty(tagger.calibrate(tagger.scores_of((indptr, indices, values))), tagger.thresholds)
    return [rest[row] for row, _ in choose(doubts, support, vectors, STEP)]


def main() -> None:
    """Run it and print the curve."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--config", type=Path, default=Path("configs/news.yaml"))
    arguments = parser.parse_args()
    corpus = load(arguments.config)
    print(f"{len(corpus.pool):,} articles to choose from, {len(corpus.judged):,} to judge on", flush=True)
    runs = []
    for seed in range(arguments.seeds):
        runs.append([curve(corpus, suggested, seed) for suggested in (False, True)])
        random, suggested = (100 * np.array(run) for run in runs[-1])
        print(f"seed {seed}: random {random[-1].round(1)}, suggested {suggested[-1].round(1)}", flush=True)
    print_curve(100 * np.array(runs))


def print_curve(runs: np.ndarray) -> None:
    """A line a round of runs (seeds, ways, rounds, measures), in points."""
    root = np.sqrt(max(1, len(runs)))
    print(f"{'labelled':>8}  {'micro random':>12} {'suggested':>9} {'difference':>14}", end="")
    print(f"  {'macro random':>12} {'suggested':>9} {'difference':>14}")
    for number in range(runs.shape[2]):
        line = f"{START + number * STEP:>8}"
        for measure in range(2):
            random, suggested = runs[:, 0, number, measure], runs[:, 1, number, measure]
            gain = suggested - random
            error = gain.std(ddof=1) / root if len(gain) > 1 else 0.0
            line += f"  {random.mean():>12.1f} {suggested.mean():>9.1f} {gain.mean():>+8.1f} ± {error:<4.1f}"
        print(line)


if __name__ == "__main__":
    main()
