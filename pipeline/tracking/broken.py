"""What a killed logging left in the store: finished when only its end is missing, else deleted with its files."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from pipeline.tracking import registry
from pipeline.tracking.sources import PARENT
from pipeline.tracking.store import ARTIFACTS

LOGGED, STUDY = "logged", "study"
_ARTIFACTS_OF_ONE = "artifacts"


class Broken:
    """Looks after the runs of an experiment that are not whole."""

    def __init__(self, mlflow: Any, experiment: str) -> None:
        self._mlflow, self._experiment = mlflow, experiment
        self._client = mlflow.MlflowClient()

    def settle_all(self) -> None:
        """Settle every training with a run that is under way; none must really be. A search's goes on when it does."""
        for run in self._search("status = 'RUNNING'"):
            if STUDY in run.data.tags:
                self._client.set_terminated(run.info.run_id, "KILLED")
        for training in sorted(
            {run.data.tags.get("training", "") for run in self._search("status = 'RUNNING'")} - {""}
        ):
            self.settle(training)

    def settle(self, training: str) -> str | None:
        """The run of a training, if it is there whole or lacks but the decision about its registered version, which is
        made then; what an attempt that broke off earlier left is deleted."""
        found = self._search(f"tags.training = '{training}'")
        for run in found:
            if PARENT not in run.data.tags and self._finished(run):
                return str(run.info.run_id)
        for run in found:
            self._delete(run)
        return None

    def _search(self, condition: str) -> list[Any]:
        return list(self._client.search_runs([self._experiment], condition))

    def _finished(self, run: Any) -> bool:
        number = run.info.run_id
        if run.data.tags.get(LOGGED) != "yes":
            version = next(iter(self._client.search_model_versions(f"run_id = '{number}'")), None)
            if version is None:
                return False
            registry.decide_again(self._mlflow, version)
            self._client.set_tag(number, LOGGED, "yes")
        if run.info.status != "FINISHED":
            self._client.set_terminated(number)
        return True

    def _delete(self, run: Any) -> None:
        models = self._client.search_logged_models([self._experiment], f"source_run_id = '{run.info.run_id}'")
        for model in models:
            _delete_files(model.artifact_location)
            self._client.delete_logged_model(model.model_id)
        _delete_files(run.info.artifact_uri)
        self._client.delete_run(run.info.run_id)


def _delete_files(location: str) -> None:
    """Delete the folder of a run or model whose artifacts lie on this machine, in `<its id>/artifacts`."""
    parts = urlsplit(location)
    path = Path(unquote(parts.path))
    own = path.parent if path.name == _ARTIFACTS_OF_ONE else path
    if parts.scheme == "file" and ARTIFACTS in own.parts[:-1]:
        shutil.rmtree(own, ignore_errors=True)
