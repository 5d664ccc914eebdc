"""The learning curve: what more training articles would bring."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.common.config import Config
from pipeline.common.errors import DataError
from pipeline.common.progress import Progress
from pipeline.evaluation.scoring import judge_rows
from pipeline.evaluation.slices import scores
from pipeline.prediction import labels
from pipeline.prediction.predictor import Predictor
from pipeline.preparation import prepared_splits
from pipeline.preparation.prepare import load_taxonomy
from pipeline.training.fit_tasks import fit_tasks, tokenise

SHARES = (0.1, 0.2, 0.4, 0.7, 1.0)


def learning_curve(
    config: Config, folder: Path, progress: Progress, shares: Sequence[float] = SHARES
) -> dict[str, list[dict[str, Any]]]:
    """Each task's scores on validation after training on growing shares of the training articles of `folder`.

    Near-duplicates stay together, and a larger share holds all of a smaller one. A share that is too small to train
    on is told of and left out.
    """
    taxonomy = load_taxonomy(config)
    train, validation = (list(prepared_splits.read_split(folder, split).to_list()) for split in ("train", "validation"))
    docs = tokenise(train, progress, config.language)
    groups = np.array([row["group"] for row in train])
    order = np.random.default_rng(config.seed).permutation(np.unique(groups))
    found: dict[str, list[dict[str, Any]]] = {}
    for share in shares:
        chosen = np.flatnonzero(np.isin(groups, order[: max(2, round(share * len(order)))])).tolist()
        rows = [train[number] for number in chosen]
        try:
            fitted = fit_tasks(config, taxonomy, docs[chosen], rows, progress, f", {share:.0%}")
        except DataError as error:
            progress.tell(f"{share:.0%} of the articles are too few: {error}")
            continue
        taggers = {task: one.tagger for task, one in fitted.items()}
        predictor = Predictor(config.name, "", taggers, labels.read(labels.written(taxonomy, fitted)))
        for task, judged in judge_rows(predictor, validation).items():
            count = sum(row[task] is not None for row in rows)
            found.setdefault(task, []).append({**scores(judged), "documents": count})
    return found
