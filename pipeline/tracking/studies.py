"""A search as runs: a parent for the study, and in it a run for each trial."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.tracking.broken import STUDY
from pipeline.tracking.store import connect, experiment_id, shown_uri, told

if TYPE_CHECKING:
    from pipeline.common.config import Config
    from pipeline.training.search import Search, Trial


def log_search(config: Config, found: Search, root: Path) -> str:
    """Log a study's trials that are not logged yet, and its best settings; one line that says where.

    Raises TrackingError when the store can't be used.
    """
    with told("the search can't be logged"):
        mlflow = connect(root)
        experiment = experiment_id(mlflow, config.tracking.experiment, root)
        parent = _parent(mlflow, experiment, found)
        with mlflow.start_run(run_id=parent):
            logged = mlflow.search_runs([experiment], f"tags.`mlflow.parentRunId` = '{parent}'", output_format="list")
            known = {run.data.tags.get("trial") for run in logged if run.info.status == "FINISHED"}
            for broken in [run for run in logged if run.info.status != "FINISHED"]:  # a killed search left it
                mlflow.delete_run(broken.info.run_id)
            for trial in found.trials:
                if str(trial.number) not in known:
                    _log_trial(mlflow, experiment, found, trial)
            best = {f"best/{name}": value for name, value in found.best.settings.items()}
            mlflow.log_metrics({**best, "best/micro_f1": found.best.micro_f1, "trials": len(found.trials)})
            mlflow.log_artifact(str(found.written))
        return f"study {found.name}: run {parent} in {shown_uri(root)}"


def _parent(mlflow: Any, experiment: str, found: Search) -> str:
    wanted = f"tags.{STUDY} = '{found.name}' and tags.trial = 'none'"
    earlier = mlflow.search_runs([experiment], wanted, output_format="list")
    if earlier:
        return str(earlier[0].info.run_id)
    tags = {STUDY: found.name, "trial": "none", "task": found.task}
    run = mlflow.MlflowClient().create_run(experiment, run_name=f"search {found.name}", tags=tags)
    return str(run.info.run_id)


def _log_trial(mlflow: Any, experiment: str, found: Search, trial: Trial) -> None:
    tags = {STUDY: found.name, "trial": str(trial.number), "task": found.task, "pruned": str(trial.pruned).lower()}
    name = f"trial {trial.number}"
    with mlflow.start_run(experiment_id=experiment, run_name=name, nested=True, tags=tags):
        mlflow.log_params(trial.settings)
        mlflow.log_metrics({f"search/{found.task}/micro_f1": trial.micro_f1})
