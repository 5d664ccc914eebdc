"""Training and tagging on a Dask cluster: the same results as on this machine, also when workers are killed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.common.config_file import parse_config
from pipeline.common.parallel import each, running_on
from pipeline.common.progress import Progress
from pipeline.prediction.bulk.tagging import Job, tag_file
from pipeline.prediction.predictor import Predictor
from support.articles import unlabelled, write_lines
from support.clusters import Killer
from support.commands import wait_until
from support.projects import MODEL, make_project, settings, train_in

pytest.importorskip("distributed", reason="the extra 'dask' is not installed")


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Articles for some batches, and a few bad rows."""
    bad = ["{bad", '{"id": "x"}', '{"id": "half a letter", "text": "rain in Libya \\ud800"}']
    return write_lines(tmp_path_factory.mktemp("archive") / "archive.jsonl", [*unlabelled(2_000), *bad])


def _tagged(predictor: Predictor, archive: Path, output: Path, scheduler: str = "") -> bytes:
    with running_on("dask" if scheduler else "local", scheduler):
        assert tag_file(predictor, Job(archive, output), Progress(quiet=True), print) == 2
    return output.read_bytes()


def _trained_there(folder: Path, two_workers: Any) -> bytes:
    return (train_in(make_project(folder), two_workers.scheduler_address) / "predictor.joblib").read_bytes()


def test_training_gives_the_same_bytes(trained: Path, tmp_path: Path, two_workers: Any) -> None:
    assert _trained_there(tmp_path / "there", two_workers) == (trained / MODEL / "predictor.joblib").read_bytes()


def test_a_worker_killed_in_the_middle_of_a_fit_loses_nothing(trained: Path, tmp_path: Path, two_workers: Any) -> None:
    with Killer(two_workers, "batch_of") as killer:
        there = _trained_there(tmp_path / "there", two_workers)
    assert there == (trained / MODEL / "predictor.joblib").read_bytes()
    assert killer.killed == 1


def test_tagging_gives_the_same_bytes(tiny: Predictor, archive: Path, tmp_path: Path, two_workers: Any) -> None:
    there = _tagged(tiny, archive, tmp_path / "there.jsonl", two_workers.scheduler_address)
    assert there == _tagged(tiny, archive, tmp_path / "here.jsonl")


@pytest.mark.parametrize("everyone", [False, True])
def test_workers_killed_in_the_middle_of_tagging_lose_nothing(
    tiny: Predictor, archive: Path, tmp_path: Path, two_workers: Any, everyone: bool
) -> None:
    with Killer(two_workers, "_work_with", everyone) as killer:
        there = _tagged(tiny, archive, tmp_path / "there.jsonl", two_workers.scheduler_address)
    assert killer.killed == 1 + everyone
    assert there == _tagged(tiny, archive, tmp_path / "here.jsonl")


def _slow_sum(array: np.ndarray, number: int) -> float:
    time.sleep(0.1)
    return float(array[number:].sum())


def test_shared_data_is_sent_again_when_all_workers_die(two_workers: Any) -> None:
    array = np.arange(100_000.0)
    with running_on("dask", two_workers.scheduler_address), Killer(two_workers, "batch_of", everyone=True) as killer:
        found = list(each(_slow_sum, [(number,) for number in range(20)], 1, shared=(array,)))
    assert killer.killed == 2
    assert found == [array[number:].sum() for number in range(20)]


def test_a_block_that_is_left_early_leaves_nothing_on_the_cluster(two_workers: Any) -> None:
    with ExitStack() as stack:
        stack.enter_context(running_on("dask", two_workers.scheduler_address))
        results = each(_slow_sum, [(number,) for number in range(50)], 1, shared=(np.ones(1000),))
        assert next(results) == 1000
        assert isinstance(results, Iterator)
        results.close()  # type: ignore[attr-defined]
    wait_until(lambda: not two_workers.scheduler.tasks)


def test_a_search_gives_the_same_trials(tmp_path: Path, two_workers: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("optuna", reason="the extra 'tune' is not installed")
    from pipeline.training.search import search

    found = []
    for name, engine in (("here", ("local", "")), ("there", ("dask", two_workers.scheduler_address))):
        monkeypatch.chdir(make_project(tmp_path / name))
        Path("configs").unlink()
        Path("configs").mkdir()
        with running_on(*engine):
            found.append(search(parse_config(settings(), "tiny"), "topics", 2, Path("data"), Progress(quiet=True)))
    assert found[0].trials == found[1].trials
    assert len(found[0].trials) == 2
