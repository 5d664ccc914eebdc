"""Search over the recipe's settings with Optuna: nested cross-validation on the training split, pruned, resumable.

Akiba et al. (2019), Optuna: a next-generation hyperparameter optimization framework.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import yaml

from pipeline.common.article import REGIONS, TOPICS
from pipeline.common.config import Config
from pipeline.common.errors import ConfigError, DataError
from pipeline.common.files import write_text
from pipeline.common.label_tree import indicator
from pipeline.common.parallel import each
from pipeline.common.progress import Progress
from pipeline.common.project import missing
from pipeline.evaluation.metrics import judge, metrics
from pipeline.features.compiled.batch import Batch
from pipeline.preparation import prepared_splits
from pipeline.preparation.prepare import load_taxonomy, prepared
from pipeline.training.examples import silent
from pipeline.training.fit_tasks import Row, fit_task, tokenise
from pipeline.training.folds import assign_folds

if TYPE_CHECKING:
    import optuna

OUTER_FOLDS = 3
_AT_ONCE = 4  # trials that run beside each other, on this machine as on a cluster
_STUDIES = "studies.db"
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
    with prepared(config, data, progress) as folder:
        rows = [row for row in prepared_splits.read_split(folder, "train").to_list() if row[task] is not None]
        digest = (prepared_splits.read_manifest(folder) or {})["splits"]["train"]["content_sha256"]
    study = _study(f"{config.name}-{task}-{digest[:12]}", data / "cache" / "search", config.seed)
    docs = tokenise(rows, progress, config.language)
    labels = [{name: row[name] for name in (task, "group", "corpus", "source")} for row in rows]
    with progress.stage(f"search {task}", trials) as stage:
        for start in range(0, trials, _AT_ONCE):
            count = min(_AT_ONCE, trials - start)
            _Trials(study, config, task, docs, labels).run(count)
            stage.advance(count)
    found = [_trial(trial) for trial in study.trials if trial.values is not None or trial.intermediate_values]
    best = max((trial for trial in found if not trial.pruned), key=lambda trial: trial.micro_f1)
    return Search(study.study_name, task, found, best, _write_best(config, task, best))


def _study(name: str, folder: Path, seed: int) -> optuna.Study:
    try:
        import optuna
    except ImportError:
        raise ConfigError(missing("the search", "tune")) from None
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    folder.mkdir(parents=True, exist_ok=True)
    _set_aside_if_damaged(folder / _STUDIES)
    try:
        study = optuna.create_study(
            study_name=name,
            storage=f"sqlite:///{folder / _STUDIES}",
            load_if_exists=True,
            direction="maximize",
            sampler=optuna.samplers.TPESampler(seed=seed, multivariate=True),
            pruner=optuna.pruners.MedianPruner(n_startup_trials=4),
        )
        len(study.trials)
    except Exception as error:  # a database of something else, or of other tables, can raise anything
        reason = str(error).partition("\n")[0]
        raise DataError(f"{folder / _STUDIES} holds no studies of Optuna ({reason}): move it away") from None
    return study


def _set_aside_if_damaged(path: Path) -> None:
    """Make way for new studies, and keep the file, from which some may still be saved."""
    if not path.exists():
        return
    try:
        with closing(sqlite3.connect(path, timeout=30)) as connection:
            whole = connection.execute("PRAGMA quick_check").fetchone() == ("ok",)
    except sqlite3.OperationalError:  # somebody is writing to it for long: Optuna says so
        return
    except sqlite3.DatabaseError:
        whole = False
    if not whole:
        path.replace(path.with_suffix(".damaged"))


@dataclass(slots=True)
class _Trials:
    """Trials of a study: the mean micro-F1 of settings over outer folds; thresholds and calibration are set inside."""

    study: optuna.Study
    config: Config
    task: str
    docs: Batch
    rows: Sequence[Row]

    def run(self, count: int) -> None:
        """Run so many trials beside each other; after each outer fold, the study may give some up.

        Their settings are drawn before any of them runs, so that the study is the same wherever they run.
        """
        import optuna

        going = {trial: self._settings(trial) for trial in [self.study.ask() for _ in range(count)]}
        scores: dict[optuna.Trial, list[float]] = {trial: [] for trial in going}
        try:
            for number, fold in enumerate(self._folds()):
                for trial, score in zip(list(going), self._scores(going.values(), *fold), strict=True):
                    scores[trial].append(score)
                    trial.report(float(np.mean(scores[trial])), number)
                for trial in [one for one in going if number + 1 < OUTER_FOLDS and one.should_prune()]:
                    del going[trial]
                    self.study.tell(trial, state=optuna.trial.TrialState.PRUNED)
        except BaseException:
            for trial in going:
                self.study.tell(trial, state=optuna.trial.TrialState.FAIL)
            raise
        for trial in going:
            self.study.tell(trial, float(np.mean(scores[trial])))

    def _settings(self, trial: optuna.Trial) -> Config:
        settings = {name: _suggest(trial, name, *bounds) for name, bounds in _SPACE[self.task].items()}
        return with_settings(self.config, self.task, settings)

    def _folds(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        labels = [row[self.task] for row in self.rows]
        known = sorted({label for given in labels for label in given})
        groups = [row["group"] for row in self.rows]
        folds = assign_folds(indicator(labels, known, {}), groups, OUTER_FOLDS, self.config.seed)
        for fold in range(folds.max() + 1):
            yield np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)

    def _scores(self, configs: Iterable[Config], given: np.ndarray, held_out: np.ndarray) -> Iterator[float]:
        tasks = [(config.model_copy(update={"jobs": 1}), self.task, given, held_out) for config in configs]
        return each(_score, tasks, min(self.config.processes, len(tasks)), shared=(self.docs, self.rows))


def _score(
    docs: Batch, rows: Sequence[Row], config: Config, task: str, given: np.ndarray, held_out: np.ndarray
) -> float:
    """The micro-F1 on the documents `held_out` of a tagger that is fitted on those `given`."""
    taxonomy = load_taxonomy(config)
    tagger = fit_task(config, taxonomy, task, docs[given], [rows[row] for row in given], silent).tagger
    gold = [rows[row][task] for row in held_out]
    if task == TOPICS:
        gold = [taxonomy.closure(keys) for keys in gold]
    probabilities = tagger.probabilities(docs[held_out])
    judged = judge(tagger.labels, gold, tagger.decide(probabilities), probabilities)
    return float(metrics(judged)["micro_f1"])


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
