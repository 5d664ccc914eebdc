"""The whole way of `make train` on a slice of the default corpus, and the commands on what it wrote."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.common.article import REGIONS, TOPICS
from pipeline.common.config_file import load_config
from pipeline.common.progress import Progress
from pipeline.evaluation.scoring import score_rows
from pipeline.features.texts import Text
from pipeline.prediction.predictor import load_predictor
from pipeline.preparation import prepared_splits
from pipeline.preparation.prepare import load_taxonomy
from pipeline.training.examples import silent
from pipeline.training.fit_tasks import fit_task, tokenise
from support.commands import environment, invoke, refused, run
from support.projects import ROOT, link_project, link_raw

SLICE = ["--set", 'corpora.0.sources=["tass.com", "aljazeera.com"]', "--set", "corpora.1=newsarticles"]
SLICE += ["--set", 'corpora.1.sources=["rte.ie"]', "--set", "topics.folds=3", "--set", "regions.folds=3"]


@pytest.fixture(scope="module")
def news(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project in which `train` was run on about 1,300 articles."""
    folder = link_project(tmp_path_factory.mktemp("news"))
    link_raw(folder)
    (folder / "pipeline").symlink_to(ROOT / "pipeline")  # for typer, which is told no path
    done = run(folder, "train", *SLICE)
    assert done.returncode == 0, done.stderr
    assert "near-duplicates" in done.stderr
    assert "Traceback" not in done.stderr
    return folder


def test_everything_is_written(news: Path) -> None:
    written = {file.name for file in (news / "models" / "news").iterdir()}
    assert {"predictor.joblib", "predictor.json", "MODEL_CARD.md"} <= written
    description = json.loads((news / "models/news/predictor.json").read_text())
    assert description["tasks"]["topics"]["scores"]["test"]["micro_f1"] > 0.6
    assert description["tasks"]["regions"]["scores"]["test"]["micro_f1"] > 0.75


def test_the_precision_asked_for_decides_what_may_be_published(news: Path) -> None:
    rows = prepared_splits.read_split(news / "data" / "prepared" / "news", "train").to_list()[:300]
    docs = tokenise(rows, Progress())

    def publish(precision: float, task: str) -> np.ndarray:
        overrides = [*SLICE[1::2], f"thresholds.precision={precision}"]
        config = load_config(ROOT / "configs" / "news.yaml", overrides)
        return fit_task(config, load_taxonomy(config), task, docs, rows, silent).state["state"]["publish"]

    for task in (TOPICS, REGIONS):
        easy, strict = publish(0.6, task), publish(0.99, task)
        assert (easy <= strict).all()
        assert (easy < strict).any()


def test_the_run_and_its_children_are_in_the_store(news: Path) -> None:
    import mlflow

    prepared_splits = f"sqlite:///{news / 'mlflow.db'}"
    client = mlflow.MlflowClient(prepared_splits, prepared_splits)
    experiment = client.get_experiment_by_name("dateline")
    assert experiment is not None
    runs = client.search_runs([experiment.experiment_id])
    children = [run for run in runs if "mlflow.parentRunId" in run.data.tags]
    (parent,) = [run for run in runs if "mlflow.parentRunId" not in run.data.tags]
    assert sorted(run.data.tags["task"] for run in children) == ["regions", "topics"]
    assert {"test/topics/micro_f1", "validation/regions/lrap"} <= set(parent.data.metrics)
    champion = client.get_model_version_by_alias("dateline-news", "champion")
    assert champion.run_id == parent.info.run_id


def test_the_predictor_gives_the_scores_of_the_training_side(news: Path) -> None:
    """A fresh process reads the file; the training side is the evaluation that `train` wrote."""
    rows = prepared_splits.read_split(news / "data" / "prepared" / "news", "test").to_list()
    predictor = load_predictor(news / "models" / "news")
    written = predictor.description["tasks"]
    again = score_rows(predictor, rows)
    for task in ("topics", "regions"):
        assert again[task]["micro_f1"] == pytest.approx(written[task]["scores"]["test"]["micro_f1"], abs=1e-4)
        assert again[task]["lrap"] == pytest.approx(written[task]["scores"]["test"]["lrap"], abs=1e-4)
    texts = [Text(row["text"], row["title"]) for row in rows]
    whole = predictor.probabilities(texts)
    one_by_one = [predictor.probabilities([text]) for text in texts[:40]]
    for task, scores in whole.items():
        np.testing.assert_allclose(np.vstack([single[task] for single in one_by_one]), scores[:40], atol=1e-6)


def test_compiled_functions_give_the_tags_of_the_plain_ones(news: Path) -> None:
    """Also after a pickle and in threads, which share the predictor and its growing lexicon."""
    rows = prepared_splits.read_split(news / "data" / "prepared" / "news", "test").to_list()[:60]
    texts = [Text(row["text"], row["title"]) for row in rows] + ["Fire.", "???", "Ein deutscher Satz mit ß und é."]
    plain, fast = (load_predictor(news / "models" / "news") for _ in range(2))
    fast.compile()
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(fast.predict, [texts, texts[::-1], texts[20:], texts[:20]]))
    expected = plain.predict(texts)
    wanted = [expected, expected[::-1], expected[20:], expected[:20], expected]
    for found, given in zip([*answers, pickle.loads(pickle.dumps(fast)).predict(texts)], wanted, strict=True):
        for one, other in zip(found, given, strict=True):
            assert one.warnings == other.warnings
            for tags, theirs in ((one.topics, other.topics), (one.regions, other.regions)):
                assert [replace(tag, score=0) for tag in tags] == [replace(tag, score=0) for tag in theirs]
                assert [tag.score for tag in tags] == pytest.approx([tag.score for tag in theirs], abs=1e-12)


def test_a_second_training_takes_its_fits_from_the_cache_and_gives_the_same_bytes(news: Path) -> None:
    kept = news / "data" / "cache" / "stages"
    assert {path.name.split("-")[0] for path in kept.iterdir()} == {"tokens", "fits", "duplicates"}
    before = (news / "models" / "news" / "predictor.joblib").read_bytes()
    stamps = {path: (path / "sums").stat().st_mtime_ns for path in kept.iterdir() if not path.name.startswith("dup")}
    again = run(news, "train", *SLICE, "--set", "jobs=1")
    assert again.returncode == 0, again.stderr
    assert (news / "models" / "news" / "predictor.joblib").read_bytes() == before
    assert all((path / "sums").stat().st_mtime_ns > stamp for path, stamp in stamps.items())


def test_the_sample_article_is_tagged_as_an_editor_would(news: Path) -> None:
    found = _json(run(news, "predict", "--json", "--file", "data/samples/isis-libya.txt"))
    assert {"terrorism", "conflict"} <= {tag["key"] for tag in found["topics"]}
    assert found["regions"][0]["code"] == "LY"
    assert found["regions"][0]["within"] == ["Northern Africa", "Africa"]
    assert found["model"]["name"] == "news"


def test_typer_runs_the_same_commands(news: Path) -> None:
    command = [str(Path(sys.executable).with_name("typer")), "train.py", "run", "predict", "--json", "Fire in Lima."]
    own = {name: value for name, value in environment().items() if name != "PYTHONPATH"}
    done = subprocess.run(command, cwd=news, env=own, capture_output=True, text=True, check=False)
    assert _json(done) == _json(run(news, "predict", "--json", "Fire in Lima."))
    wrong = subprocess.run([*command, "--nonsense"], cwd=news, env=own, capture_output=True, check=False)
    assert (wrong.returncode, wrong.stderr.count(b"\n")) == (2, 1)


def test_evaluate_scores_a_file_of_our_own(news: Path, tmp_path: Path) -> None:
    rows = prepared_splits.read_split(news / "data" / "prepared" / "news", "test").to_list()[:50]
    path = tmp_path / "gold.jsonl"
    lines = [json.dumps({"title": row["title"], "text": row["text"], "topics": row["topics"]}) for row in rows]
    path.write_text("\n".join(lines) + "\n")
    found = _json(run(news, "evaluate", path, "--json"))
    assert found["documents"] == 50
    assert 0.5 < found["topics"]["micro_f1"] <= 1
    assert "regions" not in found
    path.write_text("\n".join([*lines, '{"text": "no labels"}']) + "\n")
    partly = run(news, "evaluate", path)
    assert partly.returncode == 1
    assert f"{path}:51: topics and regions are both missing" in partly.stderr
    assert "micro" in partly.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["predict", ""], "the text is empty"),
        (["predict"], "give one of"),
        (["predict", "x", "--model", "models/nothing"], "no predictor"),
        (["predict", "--file", "nothing.txt"], "nothing.txt can't be read"),
        (["predict", "x", "--nonsense"], "No such option"),
        (["predict", "--input", "nothing.jsonl"], "no file at nothing.jsonl"),
        (["evaluate", "nothing.jsonl"], "no file at nothing.jsonl"),
        (["train", "--config", "nothing.yaml"], "no configuration at "),
        (["train", "--set", "topics.penalti=1"], "did you mean 'penalty'"),
        (["nonsense"], "No such command"),
    ],
)
def test_a_mistake_is_one_line_and_exit_status_two(
    project: Path, tiny_folder: Path, arguments: list[str], said: str
) -> None:
    (project / "models").mkdir()
    (project / "models" / "news").symlink_to(tiny_folder)
    done = invoke(*arguments)
    refused(done, said)
    assert (done.stderr.count("\n"), done.stdout) == (1, "")


def _json(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found
