"""A look at new articles as a run: its figures, its page, and which model looked."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pipeline.tracking.store import connect, experiment_id, shown_uri, told

EXPERIMENT = "dateline-monitoring"


def log_monitoring(title: str, metrics: Mapping[str, float], tags: Mapping[str, str], page: Path, root: Path) -> str:
    """Log a look at new articles; one line that says where. Raises TrackingError when the store can't be used."""
    with told("the monitoring can't be logged"):
        mlflow = connect(root)
        experiment = experiment_id(mlflow, EXPERIMENT, root)
        with mlflow.start_run(experiment_id=experiment, run_name=f"monitor {title}", tags=dict(tags)) as run:
            mlflow.log_metrics(dict(metrics))
            mlflow.log_artifact(str(page))
        return f"run {run.info.run_id} in {shown_uri(root)}, experiment {EXPERIMENT}"
