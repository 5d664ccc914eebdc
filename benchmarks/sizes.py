"""What the predictor's size costs: weights in fewer bits, fewer terms, fewer weights, and the micro-F1 of each."""

from __future__ import annotations

import copy
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.common.article import REGIONS, TOPICS
from pipeline.common.config import Config
from pipeline.common.config_file import load_config
from pipeline.common.progress import Progress
from pipeline.evaluation.scoring import score_rows
from pipeline.prediction import labels, predictor_file
from pipeline.prediction.predictor import Predictor, load_predictor
from pipeline.preparation import prepared_splits
from pipeline.preparation.prepare import load_taxonomy, prepare
from pipeline.preparation.stored_rows import read_labels
from pipeline.training.fit_tasks import Fitted, fit_tasks, tokenise_splits

_MEGABYTE = 1e6


def measure(folder: Path) -> list[dict[str, Any]]:
    """Size and validation micro-F1 of variants of the default model in the workspace `folder`, learned from the
    training split alone."""
    config = load_config(folder / "configs" / "news.yaml")
    prepared = prepare(config, folder / "data", Progress(quiet=True))
    rows = prepared_splits.read_split(prepared, "validation").to_list()
    found = []
    for least in (2, 3, 5):
        states = _states(_fitted(config, prepared, least))
        for name, kind, share in (("float64", "f8", 0.0), ("float32", "f4", 0.0), ("float16", "f2", 0.0)):
            if least == 2 or kind == "f2":
                found.append(_judged(config, _changed(states, kind, share), rows, f"terms in {least} articles, {name}"))
    for share in (0.5, 0.8):
        states = _states(_fitted(config, prepared, 2))
        found.append(
            _judged(config, _changed(states, "f2", share), rows, f"float16, the smallest {share:.0%} of weights 0")
        )
    return found


def _fitted(config: Config, prepared: Path, least: int) -> dict[str, Fitted]:
    assert config.topics is not None
    assert config.regions is not None
    text = config.regions.text.model_copy(update={"min_documents": max(least, config.regions.text.min_documents)})
    changed = config.model_copy(
        update={
            "topics": config.topics.model_copy(update={"min_documents": least}),
            "regions": config.regions.model_copy(update={"text": text}),
        }
    )
    quiet = Progress(quiet=True)
    docs = tokenise_splits(prepared, ("train",), quiet)
    return fit_tasks(changed, load_taxonomy(changed), docs, read_labels(prepared, "train"), quiet)


def _states(fitted: dict[str, Fitted]) -> dict[str, Any]:
    return {task: one.state for task, one in fitted.items()}


def _changed(states: dict[str, Any], kind: str, share: float) -> dict[str, Any]:
    """The states with weights of another type, and that share of the smallest set to zero."""
    changed = copy.deepcopy(states)
    for state in (changed[TOPICS]["state"], changed[REGIONS]["state"]["text"]):
        weights = state["weights"].astype(np.float64)
        if share:
            weights[np.abs(weights) < np.quantile(np.abs(weights), share)] = 0.0
        state["weights"] = weights.astype(kind)
    return changed


def _judged(config: Config, states: dict[str, Any], rows: list[dict[str, Any]], name: str) -> dict[str, Any]:
    content = {"name": "size", "tasks": states, "taxonomy": labels.written(load_taxonomy(config), states)}
    with tempfile.TemporaryDirectory() as temporary:
        described = predictor_file.save(Path(temporary), content, {"name": "size"})
        predictor: Predictor = load_predictor(temporary)
        scores = score_rows(predictor, rows)
    return {
        "variant": name,
        "megabytes": described["bytes"] / _MEGABYTE,
        **{task: scores[task]["micro_f1"] for task in (TOPICS, REGIONS)},
    }
