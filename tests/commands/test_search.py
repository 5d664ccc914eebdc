"""A search of two trials on a small corpus, taken up again, with its study in MLflow."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from pipeline.common.config_file import load_config
from pipeline.common.progress import Progress
from pipeline.tracking.studies import log_search
from pipeline.training.search import search
from support.projects import ROOT, link_raw

pytest.importorskip("optuna", reason="the extra 'tune' is not installed")


def test_a_search_goes_on_where_it_stopped_and_writes_a_configuration(project: Path) -> None:
    (project / "configs").unlink()
    (project / "configs").mkdir()
    link_raw(project)
    config = load_config(
        ROOT / "configs" / "news.yaml",
        ["corpora=[newsarticles]", "corpora.0.sources=[tass.com]", "topics.folds=2", "jobs=1"],
    )
    first = search(config, "topics", 1, Path("data"), Progress(quiet=True))
    again = search(config, "topics", 1, Path("data"), Progress(quiet=True))
    assert [trial.number for trial in again.trials] == [0, 1]
    assert again.trials[0] == first.trials[0]
    assert 0 < again.best.micro_f1 < 1
    written = load_config(project / again.written)
    assert written.topics is not None
    assert written.topics.penalty == pytest.approx(again.best.settings["penalty"])
    assert yaml.safe_load((project / again.written).read_text())["corpora"][0]["sources"] == ["tass.com"]
    log_search(config, again, project)
    said = log_search(config, again, project)
    import mlflow

    client = mlflow.MlflowClient(f"sqlite:///{project / 'mlflow.db'}")
    experiment = client.get_experiment_by_name("dateline")
    assert experiment is not None
    runs = client.search_runs([experiment.experiment_id])
    children = [run for run in runs if "mlflow.parentRunId" in run.data.tags]
    assert {run.data.tags["trial"] for run in children} == {"0", "1"}
    assert len(children) == 2
    assert any(run.info.run_id in said for run in runs)
