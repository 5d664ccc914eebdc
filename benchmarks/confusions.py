"""The most frequent confusions of a trained model, from the out-of-fold answers about its training articles.

A confusion is an article in which one label was missed and another given wrongly; labels related as parent and child
are left out, since they come together.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from itertools import product
from pathlib import Path

import numpy as np

from pipeline.evaluation.suspects import read_oof
from pipeline.prediction.predictor import load_predictor

WRITTEN = "worldwire-"  # ids of the articles that a language model wrote: nothing is judged on them


def main() -> None:
    """Print a Markdown table of the pairs, with an article's id for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=Path("models/news"))
    parser.add_argument("--task", default="topics")
    parser.add_argument("-n", type=int, default=20)
    options = parser.parse_args()
    predictor = load_predictor(options.model)
    found = read_oof(options.model)[options.task]
    decided = predictor.decisions({options.task: found.probabilities.astype(np.float64)})[options.task]
    pairs: Counter[tuple[str, str]] = Counter()
    examples = defaultdict(list)
    real = np.array([not name.startswith(WRITTEN) for name in found.ids])
    for row in np.flatnonzero(real):
        gold, given = found.gold[row], decided[row]
        missed, wrong = (np.flatnonzero(part) for part in (gold & ~given, given & ~gold))
        for one, other in product(missed, wrong):
            due, instead = found.labels[one], found.labels[other]
            if due not in (predictor.parent(instead), instead) and predictor.parent(due) != instead:
                pairs[due, instead] += 1
                examples[due, instead].append(found.ids[row])
    print("| missed | given instead | articles | of those with the missed label | for example |\n|---|---|---|---|---|")
    for (due, instead), count in pairs.most_common(options.n):
        support = int(found.gold[real, found.labels.index(due)].sum())
        print(
            f"| {due} | {instead} | {count} | {100 * count / support:.0f} % | {', '.join(examples[due, instead][:2])} |"
        )


if __name__ == "__main__":
    main()
