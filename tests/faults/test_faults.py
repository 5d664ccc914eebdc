"""Full disks, read-only folders and missing permissions: one line, exit status 2, and nothing lost."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest

from support.commands import begin, children, refused, run, wait_until
from support.disks import hand_over, on_small_disk
from support.models import check_whole, state
from support.projects import CONFIG, MODEL, PREPARED

NEW = [*CONFIG, "--set", "seed=9"]


@pytest.mark.parametrize("left", [0, 12])
def test_prepare_on_a_full_disk_leaves_the_old_splits(breakable: Path, left: int) -> None:
    before = state(breakable / PREPARED)
    refused(on_small_disk(breakable, PREPARED.parent, left, "prepare", *NEW), "data/prepared/tiny", "No space left")
    assert state(breakable / PREPARED) == before
    check_whole(breakable)
    assert run(breakable, "prepare", *NEW).returncode == 0


def test_train_on_a_full_disk_leaves_the_old_model(breakable: Path) -> None:
    before = state(breakable / MODEL)
    done = on_small_disk(breakable, MODEL.parent, 20, "train", *NEW)
    refused(done, "models/tiny can't be written: No space left on device")
    assert state(breakable / MODEL) == before
    check_whole(breakable)


def test_bulk_tags_that_fill_the_disk_are_gone_on_with_elsewhere(breakable: Path) -> None:
    rows = [json.dumps({"id": str(number), "text": f"A storm hit Libya {number}"}) for number in range(3000)]
    (breakable / "rows.jsonl").write_text("\n".join(rows) + "\n")
    (breakable / "out").mkdir()
    job = ["predict", "--input", "rows.jsonl", "--model", str(MODEL), "--output"]
    refused(on_small_disk(breakable, Path("out"), 200, *job, "out/tags.jsonl"), "No space left")
    assert [path.name for path in (breakable / "out").iterdir() if path.suffix == ".jsonl"] == []
    assert run(breakable, *job, "out/tags.jsonl", "--resume").returncode == 0
    assert run(breakable, *job, "whole.jsonl").returncode == 0
    assert (breakable / "out" / "tags.jsonl").read_bytes() == (breakable / "whole.jsonl").read_bytes()
    assert [path.name for path in (breakable / "out").iterdir()] == ["tags.jsonl"]


def test_a_full_disk_for_the_log_costs_the_log_and_not_the_model(breakable: Path) -> None:
    (breakable / "store").mkdir()
    (breakable / "mlflow.db").symlink_to("store/mlflow.db")
    refused(on_small_disk(breakable, Path("store"), 100, "log", str(MODEL)), "not logged", "full", "logs it later")
    check_whole(breakable)
    assert run(breakable, "log", str(MODEL)).returncode == 0


@pytest.mark.parametrize(
    ("locked", "arguments", "said"),
    [
        ("data/prepared", ["prepare", *NEW], "data/prepared/tiny can't be written: "),
        ("models", ["train", *CONFIG], "models/tiny can't be written: "),
        (
            "out",
            ["predict", "-i", "articles.jsonl", "-m", str(MODEL), "-o", "out/tags.jsonl"],
            "out/tags.jsonl can't be",
        ),
        ("out", ["predict", "-i", "articles.jsonl", "-m", str(MODEL), "-o", "out/tags.csv"], "out/tags.csv can't be"),
        (
            "out",
            ["predict", "Rain in Libya.", "-m", str(MODEL), "--html", "out/page.html"],
            "out/page.html can't be",
        ),
        (".", ["log", str(MODEL)], "not logged"),
        (".", ["promote", "1"], "can't be"),
        ("configs", ["init", "articles.jsonl", "-o", "configs/mine.yaml"], "configs/mine.yaml can't be"),
    ],
)
def test_a_folder_that_may_not_be_written_to(breakable: Path, locked: str, arguments: list[str], said: str) -> None:
    if locked == "configs":
        (breakable / "configs").unlink()
    (breakable / locked).mkdir(exist_ok=True)
    before = state(breakable / MODEL, breakable / PREPARED)
    user = hand_over(breakable, locked)
    done = run(breakable, *arguments, before=user)
    (breakable / locked).chmod(0o755)
    refused(done, said, "")
    assert state(breakable / MODEL, breakable / PREPARED) == before
    check_whole(breakable)


def test_a_project_that_may_only_be_read_still_tags(breakable: Path) -> None:
    folders = [path for path in (breakable, *breakable.rglob("*")) if path.is_dir() and not path.is_symlink()]
    user = hand_over(breakable, *(str(path.relative_to(breakable)) for path in folders))
    done = run(breakable, "predict", "A storm in Libya.", "--model", str(MODEL), "--json", before=user)
    found = run(breakable, "evaluate", "articles.jsonl", "--model", str(MODEL), "--json", before=user)
    for path in folders:
        path.chmod(0o755)
    assert (done.returncode, found.returncode) == (0, 0), done.stderr + found.stderr
    assert json.loads(done.stdout)["regions"][0]["code"] == "LY"


@pytest.mark.parametrize(
    ("hidden", "arguments"),
    [
        (MODEL / "predictor.joblib", ["predict", "A storm in Libya.", "-m", str(MODEL)]),
        (MODEL / "predictor.json", ["evaluate", "articles.jsonl", "-m", str(MODEL)]),
        (Path("articles.jsonl"), ["predict", "-i", "articles.jsonl", "-m", str(MODEL)]),
        (Path("articles.jsonl"), ["prepare", *CONFIG]),
        (Path("tiny.yaml"), ["train", *CONFIG]),
    ],
)
def test_a_file_that_may_not_be_read(breakable: Path, hidden: Path, arguments: list[str]) -> None:
    user = hand_over(breakable)
    (breakable / hidden).chmod(0)
    done = run(breakable, *arguments, before=user)
    (breakable / hidden).chmod(0o644)
    refused(done, str(hidden))
    check_whole(breakable)


def test_a_worker_that_is_killed_while_others_begin_does_not_hang_the_command(breakable: Path) -> None:
    rows = [json.dumps({"text": f"A storm hit Libya {number}"}) for number in range(2000)]
    (breakable / "rows.jsonl").write_text("\n".join(rows) + "\n")
    job = begin(breakable, "predict", "-i", "rows.jsonl", "-o", "tags.jsonl", "-m", str(MODEL), "--jobs", "4")
    workers = wait_until(lambda: children(job.pid))
    os.kill(workers[0], signal.SIGKILL)
    _, errors = job.communicate()
    assert (job.returncode, "Traceback" in errors) == (2, False), errors
    assert (
        run(breakable, "predict", "-i", "rows.jsonl", "-o", "tags.jsonl", "-m", str(MODEL), "--resume").returncode == 0
    )
