"""Tests of `learn`: corrections are trained on, judged, and promoted behind the gate."""

from __future__ import annotations

from contextlib import chdir
from pathlib import Path

import mlflow
import pytest

from pipeline.prediction.predictor import load_predictor
from pipeline.rows.feedback import Correction, digest
from pipeline.rows.feedback_store import Feedback
from pipeline.training.learn import divide
from support.articles import WORDS, labelled
from support.commands import invoke
from support.projects import CONFIG, make_project


def correction(row: dict[str, object], **other: object) -> Correction:
    given = {**row, **other}
    return Correction(
        str(given["text"]),
        str(given["title"]),
        str(given["id"]),
        topics=tuple(given["topics"]),  # type: ignore[arg-type]
        by="ann",
    )


@pytest.fixture(scope="module")
def newsroom(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose corpus is trained on, topics alone, and logged as the first champion."""
    root = tmp_path_factory.mktemp("learn") / "newsroom"
    make_project(root, regions=None)
    with chdir(root):
        done = invoke("train", *CONFIG)
    assert "champion: the first version" in done.stdout, done.stderr
    return root


def test_corrections_that_make_it_worse_are_not_promoted(newsroom: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(newsroom)
    wrong = dict(zip(sorted(WORDS), sorted(WORDS)[1:] + sorted(WORDS)[:1], strict=True))
    rows = [
        correction(row, id=f"bad-{row['id']}", topics=[wrong[str(topic)] for topic in row["topics"]])
        for row in labelled(200, seed=12)
    ]
    Feedback(newsroom / "data" / "bad.sqlite").add(rows)
    before = load_predictor(newsroom / "models/tiny").sha256
    done = invoke("learn", *CONFIG, "--held-out", "0", "--store", "data/bad.sqlite")
    assert done.exit_code == 0, done.stderr
    assert "not promoted" in done.stdout
    assert "topics is worse" in done.stdout
    assert load_predictor(newsroom / "models/tiny").sha256 == before


def test_good_corrections_are_learned_and_nothing_is_done_twice(
    newsroom: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(newsroom)
    store = Feedback(newsroom / "data" / "feedback.sqlite")
    nothing = invoke("learn", *CONFIG)
    assert (nothing.exit_code, "nothing to learn" in nothing.stdout) == (0, True)
    store.add(correction(row, id=f"new-{row['id']}") for row in labelled(40, seed=11))
    before = load_predictor(newsroom / "models/tiny").sha256
    done = invoke("learn", *CONFIG)
    assert done.exit_code == 0, done.stderr
    assert "champion instead of version 1" in done.stdout
    assert "corrections held back" in done.stdout
    assert load_predictor(newsroom / "models/tiny").sha256 != before
    again = invoke("learn", *CONFIG)
    assert again.stdout.startswith("nothing new since then: ")
    client = mlflow.MlflowClient(f"sqlite:///{newsroom / 'mlflow.db'}")
    runs = client.search_runs([experiment.experiment_id for experiment in client.search_experiments()])
    learned = {tag for one in runs if (tag := one.data.tags.get("corrections.sha256"))}
    lesson = divide(store.latest(), [], 0.2)
    assert digest(lesson.learned) in learned


def test_corrections_of_judged_articles_are_held_back_and_near_duplicates_stay_together() -> None:
    text = " ".join(f"word{n} and the council said on monday" for n in range(30))
    judged = [f"A bridge\n{text}"]
    same = Correction(f"{text} again.", "A bridge", id="same", topics=("a",))
    twins = [Correction(f"{text.replace('word', 'other')} {n}", "Twin", id=f"twin-{n}", topics=("a",)) for n in "xy"]
    others = [Correction(f"{text.replace('word', f'w{n}')}", str(n), id=str(n), topics=("a",)) for n in range(200)]
    lesson = divide([same, *twins, *others], judged, 0.2)
    held = {one.id for one in lesson.held_out}
    assert "same" in held
    assert len(held & {"twin-x", "twin-y"}) in (0, 2)
    assert 20 <= len(held) <= 65
    more = divide([*others, Correction("Another one.", id="later", topics=("a",))], judged, 0.2)
    assert {one.id for one in more.held_out} - {"later"} == held - {"same", "twin-x", "twin-y"}
