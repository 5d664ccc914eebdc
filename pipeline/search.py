"""Search over the recipe's settings with Optuna: nested cross-validation on the training split, pruned, resumable.

Akiba et al. (2019), Optuna: a next-generation hyperparameter optimization framework.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import yaml

from pipeline import store
from pipeline.config import Config
from pipeline.errors import ConfigError
from pipeline.evaluation import judge, metrics
from pipeline.features.document import Document
from pipeline.files import write_text
from pipeline.fitting import Row, fit_task, tokenise
from pipeline.predictor import REGIONS, TOPICS
from pipeline.prepare import load_taxonomy, prepare
from pipeline.progress import Progress
from pipeline.taggers.fit import assign_folds, indicator

if TYPE_CHECKING:
    import optuna

OUTER_FOLDS = 3
# Setting: lowest, highest, and whether it is searched on a logarithmic scale.
_SPACE: dict[str, dict[str, tuple[float, float, bool]]] = {
    TOPICS: {
        "title_weight": (1.0, 6.0, True),
        "lead_words": (20.0, 400.0, True),
        "min_documents": (1, 5, False),
        "penalty": (0.2, 5.0, True),
        "ratio_share": (0.0, 1.0, False),
        "rare_label": (5.0, 200.0, True),
    },
    REGIONS: {"penalty": (0.05, 3.0, True), "min_pairs": (1, 8, False), "text_min_articles": (2, 20, True)},
}


@dataclass(frozen=True, slots=True)
class Trial:
    """One trial: its number in the study, settings, mean micro-F1 over the outer folds, and whether it was pruned."""

    number: int
    settings: dict[str, float]
    micro_f1: float
    pruned: bool


@dataclass(slots=True)
class Search:
    """A study: its name and task, its trials so far, the best of them, and where the best configuration was written."""

    name: str
    task: str
    trials: list[Trial]
    best: Trial
    written: Path


def search(config: Config, task: str, trials: int, data: Path, progress: Progress) -> Search:
    """Run `trials` more trials of the study on this corpus and write the best settings as a configuration.

    The study lies under `data/cache/search/`; another call goes on with it. The test split is not looked at. Raises
    ConfigError for a task that the configuration leaves out, or without Optuna.
    """
    if task not in _SPACE or getattr(config, task) is None:
        raise ConfigError(
            f"nothing to search for '{task}'; choose topics or regions, and one that {config.name} trains"
        )
    folder = prepare(config, data, progress)
    rows = [row for row in store.read_split(folder, "train").to_list() if row[task] is not None]
    digest = (store.read_manifest(folder) or {})["splits"]["train"]["content_sha256"]
    study = _study(f"{config.name}-{task}-{digest[:12]}", data / "cache" / "search", config.seed)
    docs = tokenise(rows, progress)
    objective = _Objective(config, task, docs, rows)
    with progress.stage(f"search {task}", trials) as stage:
        study.optimize(objective, n_trials=trials, callbacks=[lambda *_: stage.advance()])
    found = [_trial(trial) for trial in study.trials if trial.values is not None or trial.intermediate_values]
    best = max((trial for trial in found if not trial.pruned), key=lambda trial: trial.micro_f1)
    return Search(study.study_name, task, found, best, _write_best(config, task, best))


def _study(name: str, folder: Path, seed: int) -> optuna.Study:
    try:
        import optuna
    except ImportError:
        raise ConfigError("the search needs Optuna: pip install 'dateline[tune]'") from None
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    folder.mkdir(parents=True, exist_ok=True)
    return optuna.create_study(
        study_name=name,
        storage=f"sqlite:///{folder / 'studies.db'}",
        load_if_exists=True,
        direction="maximize",
        sampler=optuna.samplers.TPESampler(seed=seed, multivariate=True, warn_independent_sampling=False),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=4),
    )


@dataclass(slots=True)
class _Objective:
    """The mean micro-F1 of a trial's settings over outer folds; thresholds and calibration are set inside each."""

    config: Config
    task: str
    docs: Sequence[Document]
    rows: Sequence[Row]

    def __call__(self, trial: optuna.Trial) -> float:
        import optuna

        settings = {name: _suggest(trial, name, *bounds) for name, bounds in _SPACE[self.task].items()}
        config = with_settings(self.config, self.task, settings)
        scores: list[float] = []
        for number, (given, held_out) in enumerate(self._folds()):
            scores.append(self._score(config, given, held_out))
            trial.report(float(np.mean(scores)), number)
            if number + 1 < OUTER_FOLDS and trial.should_prune():
                raise optuna.TrialPruned
        return float(np.mean(scores))

    def _folds(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        labels = [row[self.task] for row in self.rows]
        known = sorted({label for given in labels for label in given})
        groups = [row["group"] for row in self.rows]
        folds = assign_folds(indicator(labels, known, {}), groups, OUTER_FOLDS, self.config.seed)
        for fold in range(folds.max() + 1):
            yield np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)

    def _score(self, config: Config, given: np.ndarray, held_out: np.ndarray) -> float:
        taxonomy = load_taxonomy(config)
        docs, rows = [self.docs[row] for row in given], [self.rows[row] for row in given]
        tagger = fit_task(config, taxonomy, self.task, docs, rows, _silent).tagger
        gold = [self.rows[row][self.task] for row in held_out]
        if self.task == TOPICS:
            gold = [taxonomy.closure(keys) for keys in gold]
        probabilities = tagger.probabilities([self.docs[row] for row in held_out])
        judged = judge(tagger.labels, gold, tagger.decide(probabilities), probabilities)
        return metrics(judged)["micro_f1"]


def with_settings(config: Config, task: str, settings: Mapping[str, float]) -> Config:
    """The configuration with some of a task's settings replaced."""
    section = getattr(config, task)
    return config.model_copy(update={task: section.model_copy(update=dict(settings))})


def _suggest(trial: optuna.Trial, name: str, low: float, high: float, log: bool) -> float:
    if isinstance(low, int) and isinstance(high, int):
        return trial.suggest_int(name, low, high, log=log)
    return trial.suggest_float(name, low, high, log=log)


def _trial(trial: optuna.trial.FrozenTrial) -> Trial:
    pruned = trial.state.name != "COMPLETE"
    value = list(trial.intermediate_values.values())[-1] if trial.value is None else trial.value
    return Trial(trial.number, dict(trial.params), value, pruned)


def _write_best(config: Config, task: str, best: Trial) -> Path:
    settings: dict[str, Any] = with_settings(config, task, best.settings).model_dump(mode="json", exclude_unset=False)
    path = Path("configs") / f"{config.name}-tuned.yaml"
    heading = f"# {task}: the best of a search, mean micro-F1 {best.micro_f1:.4f} over {OUTER_FOLDS} outer folds\n"
    write_text(path, heading + yaml.safe_dump(settings, sort_keys=False))
    return path


def _silent(_: str) -> None:
    """A trial's own stages are not shown."""
