"""A newsroom that starts from 500 labelled articles, corrects a few a day and trains again each week behind the gate.

    python train.py prepare && python -m benchmarks.newsroom_simulation --seeds 3

News Articles by date. The first 500 are labelled: a fifth of them decides at the gate, the rest are trained on. Each
week's articles are tagged with the model of the day and scored; then an editor corrects the tags of some of them, `-k`
a day: those the model was least sure of, or random ones, or none. A fifth of the corrections is held back for the gate
(by their ids, as `learn` does). The new model takes the old one's place unless its micro-F1 on the held back articles
is lower beyond chance. Prints micro-F1 of topics by week, as means over seeds, and writes JSON.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from pipeline.common.article import TOPICS
from pipeline.common.config import TaggerSettings
from pipeline.common.config_file import load_config
from pipeline.common.files import write_json
from pipeline.common.label_tree import indicator
from pipeline.common.taxonomy import Taxonomy
from pipeline.evaluation.bootstrap import drawn_scores
from pipeline.evaluation.metrics import f1
from pipeline.evaluation.suggest import uncertainty
from pipeline.features.compiled.batch import Batch, encode
from pipeline.features.compiled.lexicon import Lexicon
from pipeline.prediction.topic_tagger import LinearTagger
from pipeline.preparation import prepared_splits
from pipeline.preparation.prepare import load_taxonomy
from pipeline.training.examples import Examples, Run
from pipeline.training.fit_topics import fit_tagger
from pipeline.training.learn import bucket

START, HELD, CORPUS = 500, 0.2, "newsarticles"
WAYS = ("none", "random", "least sure")


@dataclass(slots=True)
class News:
    """Articles by date, tokenised, with their topics and the week (from 0) that each falls in, -1 for the start."""

    docs: Batch
    ids: list[str]
    labels: list[list[str]]
    groups: list[int]
    weeks: np.ndarray
    taxonomy: Taxonomy


@dataclass(slots=True)
class Desk:
    """One newsroom: what it trains on, what it judges by, its model, and the scores of each week."""

    trained: list[int]
    held: list[int]
    tagger: LinearTagger
    scores: list[float] = field(default_factory=list)
    kept: int = 0


def load(config_path: Path) -> News:
    """News Articles of all splits, by date; near-duplicates of earlier articles are left out by `prepare`."""
    config = load_config(config_path)
    folder = Path("data/prepared") / config.name
    rows: list[dict[str, Any]] = [
        row for split in prepared_splits.SPLITS for row in prepared_splits.read_split(folder, split).to_list()
    ]
    rows = sorted((row for row in rows if row["corpus"] == CORPUS and row["date"]), key=lambda row: row["date"])
    taxonomy = load_taxonomy(config)
    first = date.fromisoformat(rows[START]["date"][:10])
    weeks = [(date.fromisoformat(row["date"][:10]) - first).days // 7 for row in rows]
    weeks[:START] = [-1] * START
    docs = encode(((row["title"] or "", row["text"]) for row in rows), Lexicon())
    labels = [taxonomy.closure(row[TOPICS]) for row in rows]
    return News(docs, [row["id"] for row in rows], labels, [row["group"] for row in rows], np.array(weeks), taxonomy)


def run(news: News, way: str, daily: int, seed: int) -> Desk:
    """One newsroom's weeks."""
    random = np.random.default_rng(seed)
    start = np.flatnonzero(news.weeks == -1)
    held = [int(row) for row in start if bucket(f"{seed} {news.ids[row]}") < HELD]
    trained = [int(row) for row in start if row not in set(held)]
    desk = Desk(trained, held, fit(news, trained, seed))
    for week in range(int(news.weeks.max()) + 1):
        rows = np.flatnonzero(news.weeks == week)
        stated = desk.tagger.probabilities(news.docs[rows])
        desk.scores.append(f1(gold(news, rows), decided(news, desk.tagger, stated)))
        corrected = pick(desk.tagger, stated, rows, way, 7 * daily, random)
        if corrected:
            learn(news, desk, corrected, seed)
    return desk


def pick(
    tagger: LinearTagger, stated: np.ndarray, rows: np.ndarray, way: str, most: int, random: np.random.Generator
) -> list[int]:
    """The week's articles that an editor corrects."""
    if way == "none":
        return []
    doubts = uncertainty(stated, tagger.thresholds).sum(axis=1) if way == "least sure" else random.random(len(rows))
    return [int(row) for row in rows[np.argsort(-doubts, kind="stable")[:most]]]


def learn(news: News, desk: Desk, corrected: Sequence[int], seed: int) -> None:
    """Train with the corrections, and keep the new model unless it is worse beyond chance."""
    for row in corrected:
        (desk.held if bucket(f"{seed} {news.ids[row]}") < HELD else desk.trained).append(row)
    new = fit(news, desk.trained, seed)
    rows = np.array(desk.held)
    truth = gold(news, rows)
    old_one, new_one = (decided(news, tagger, tagger.probabilities(news.docs[rows])) for tagger in (desk.tagger, new))
    before, after = drawn_scores(truth, [old_one, new_one], 500)[:, :, 0]
    if np.percentile(after - before, 97.5) >= 0:
        desk.tagger, desk.kept = new, desk.kept + 1


def fit(news: News, rows: Sequence[int], seed: int) -> LinearTagger:
    """The topic tagger trained on some articles."""
    examples = Examples(news.docs[rows], [news.labels[row] for row in rows], [news.groups[row] for row in rows])
    topics = list(news.taxonomy.topics)
    with threadpool_limits(1):
        return fit_tagger(examples, topics, news.taxonomy.parents, TaggerSettings(), Run(seed)).tagger


def gold(news: News, rows: np.ndarray) -> np.ndarray:
    """The topics that hold, boolean (articles, all topics of the vocabulary)."""
    return indicator([news.labels[row] for row in rows.tolist()], list(news.taxonomy.topics), news.taxonomy.parents)


def decided(news: News, tagger: LinearTagger, stated: np.ndarray) -> np.ndarray:
    """The topics given, parents included, in the columns of `gold`."""
    topics = list(news.taxonomy.topics)
    found = np.zeros((len(stated), len(topics)), bool)
    found[:, [topics.index(label) for label in tagger.labels]] = tagger.decide(stated)
    for label, parent in news.taxonomy.parents.items():
        found[:, topics.index(parent)] |= found[:, topics.index(label)]
    return found


def main() -> None:
    """Run every way for every seed and print the weeks."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, default=Path("configs/news.yaml"))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("-k", type=int, default=5, help="articles corrected a day")
    parser.add_argument("--output", type=Path, default=Path("benchmarks/results/newsroom.json"))
    options = parser.parse_args()
    news = load(options.config)
    found = {way: [run(news, way, options.k, seed) for seed in range(options.seeds)] for way in WAYS}
    scores = {way: np.array([desk.scores for desk in desks]) for way, desks in found.items()}
    sizes = [int((news.weeks == week).sum()) for week in range(scores["none"].shape[1])]
    print("| week | articles | " + " | ".join(WAYS) + " |\n|---|---|" + "---|" * len(WAYS))
    for week, size in enumerate(sizes):
        print(f"| {week + 1} | {size} | " + " | ".join(f"{scores[way][:, week].mean():.3f}" for way in WAYS) + " |")
    half = len(sizes) // 2
    means = {way: np.average(each[:, half:], axis=1, weights=sizes[half:]) for way, each in scores.items()}
    for way, values in means.items():
        error = values.std(ddof=1) / np.sqrt(len(values)) if len(values) > 1 else float("nan")
        promoted = np.mean([desk.kept for desk in found[way]])
        print(f"{way}: second half {values.mean():.4f}, standard error {error:.4f}, {promoted:.1f} models promoted")
    difference = means["least sure"] - means["random"]
    print(f"least sure less random: {difference.mean():+.4f} (seeds: {', '.join(f'{d:+.4f}' for d in difference)})")
    write_json(
        options.output,
        {
            "articles": sizes,
            "weeks": {way: each.mean(axis=0).tolist() for way, each in scores.items()},
            "seeds": options.seeds,
            "k": options.k,
            "second_half": {way: values.tolist() for way, values in means.items()},
        },
    )


if __name__ == "__main__":
    main()
