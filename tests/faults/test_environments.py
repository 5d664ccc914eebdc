"""Odd surroundings: no home, closed input, few open files, odd folder names, outputs that would destroy inputs."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.common.config_file import load_config
from pipeline.common.errors import DataError
from pipeline.common.locks import at_work
from pipeline.common.progress import Progress
from pipeline.preparation import prepared_splits
from pipeline.preparation.prepare import prepare, prepared
from support.articles import unlabelled, write_lines
from support.commands import environment, refused, run
from support.projects import MODEL, ROOT

TEXT = "Soldiers and rebels fought near Nairobi, Kenya, the army said, and troops attacked at the border."
TRAIN = [sys.executable, str(ROOT / "train.py")]


def shell(folder: Path, line: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a line of bash in which `dateline` is the command."""
    setting = f'dateline() {{ {" ".join(TRAIN)} "$@"; }}; '
    return subprocess.run(
        ["bash", "-c", setting + line],
        cwd=folder,
        env=environment(**variables),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    return write_lines(tmp_path / "in" / "rows.jsonl", unlabelled(6))


def test_an_output_that_would_destroy_the_input_is_refused(tiny_folder: Path, rows: Path) -> None:
    before = rows.read_bytes()
    for command in ("predict -m {m} -i {r} -o {r} --force", "suggest -m {m} -i {r} -o {r} --force"):
        refused(shell(rows.parent, f"dateline {command.format(m=tiny_folder, r=rows)}"), "is the input itself")
    (rows.parent / "link.jsonl").symlink_to(rows)
    refused(
        shell(rows.parent, f"dateline predict -m {tiny_folder} -i {rows} -o link.jsonl --force"), "is the input itself"
    )
    assert rows.read_bytes() == before


def test_an_output_inside_the_input_folder_is_refused(tiny_folder: Path, rows: Path) -> None:
    for name in ("out.jsonl", "deep/out.csv"):
        done = shell(rows.parent.parent, f"dateline predict -m {tiny_folder} -i in -o in/{name} --force")
        refused(done, "lies in the input folder")
    assert [path.name for path in rows.parent.iterdir()] == [rows.name]


def test_a_closed_standard_input_is_refused(tiny_folder: Path, tmp_path: Path) -> None:
    refused(shell(tmp_path, f"dateline predict -m {tiny_folder} - <&-"), "standard input is closed")


def test_too_few_open_files_are_told_before_any_work(tiny_folder: Path, rows: Path) -> None:
    line = f"ulimit -n 40; dateline predict -m {tiny_folder} -i {rows} -o out.jsonl --jobs 8"
    refused(shell(rows.parent.parent, line), "open files", "fewer --jobs")
    assert not list(rows.parent.parent.glob("out*"))


def test_a_soft_limit_of_open_files_is_raised(tiny_folder: Path, rows: Path) -> None:
    done = shell(rows.parent.parent, f"ulimit -Sn 24; dateline predict -m {tiny_folder} -i {rows} --jobs 2")
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 6), done.stderr


@pytest.mark.parametrize("home", ["unset HOME;", "export HOME=/nonexistent;"])
def test_a_user_without_a_home_can_tag_and_train(breakable: Path, home: str) -> None:
    done = shell(breakable, f"{home} dateline train --config tiny.yaml --set seed=4")
    assert done.returncode == 0, done.stderr
    assert "Matplotlib" not in done.stderr
    assert "Exception" not in done.stderr


@pytest.mark.parametrize("name", ["feature%2Fx", "what?", "a#b"])
def test_any_name_of_the_project_folder_serves(breakable: Path, name: str) -> None:
    moved = breakable.rename(breakable.with_name(name))
    assert run(moved, "log", str(MODEL)).returncode == 0
    done = run(moved, "predict", "-m", "models:/dateline-tiny@champion", TEXT)
    assert done.returncode == 0, done.stderr
    assert [path.name for path in moved.parent.iterdir()] == [name]


def test_a_champion_can_be_used_where_nothing_can_be_written(breakable: Path) -> None:
    assert run(breakable, "log", str(MODEL)).returncode == 0
    before = sorted(breakable.rglob("*"))
    for path in [breakable, *breakable.rglob("*")]:
        if not path.is_symlink():
            path.chmod(path.stat().st_mode & ~0o222)
    prefix = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.getuid() == 0 else []
    done = run(breakable, "predict", "-m", "models:/dateline-tiny@champion", TEXT, before=prefix)
    for path in before:
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | 0o200)
    assert done.returncode == 0, done.stderr
    assert sorted(breakable.rglob("*")) == before


def test_a_lock_or_a_partial_file_that_is_a_link_is_not_written_to(
    tiny_folder: Path, rows: Path, tmp_path: Path
) -> None:
    target = tmp_path / "precious"
    target.write_text("keep me")
    for name in (".small.lock", "out.jsonl.partial"):
        (tmp_path / name).symlink_to(target)
    with pytest.raises(DataError, match="symbolic link"), at_work(tmp_path / "small"):
        pass
    refused(shell(tmp_path, f"dateline predict -m {tiny_folder} -i {rows} -o out.jsonl --force"), "out.jsonl")
    assert target.read_text() == "keep me"


def test_a_command_that_fails_leaves_no_folders_behind(tmp_path: Path) -> None:
    write_lines(tmp_path / "rows.jsonl", [{"text": "", "topics": ["a"]}] * 5)
    assert shell(tmp_path, "dateline init rows.jsonl; dateline train --config configs/rows.yaml").returncode == 2
    shutil.rmtree(tmp_path / "configs", ignore_errors=True)
    assert [path.name for path in tmp_path.iterdir()] == ["rows.jsonl"]


def test_what_is_read_of_prepared_data_is_of_one_preparation(
    breakable: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(breakable)
    first, other = (load_config(Path("tiny.yaml"), [f"seed={seed}"]) for seed in (0, 3))

    def ids(folder: Path) -> list[str]:
        return [row["id"] for split in prepared_splits.SPLITS for row in prepared_splits.read_split(folder, split)]

    with prepared(first, Path("data"), Progress(quiet=True)) as folder:
        manifest, before = prepared_splits.read_manifest(folder), ids(folder)
        now = prepare(other, Path("data"), Progress(quiet=True), force=True)
        assert ids(now) != before
        assert (prepared_splits.read_manifest(folder), ids(folder)) == (manifest, before)
    with prepared(first, Path("data"), Progress(quiet=True)) as folder:
        assert ids(folder) == before
    assert sorted(path.name for path in Path("data/prepared").iterdir() if path.is_dir()) == ["tiny"]


@pytest.mark.parametrize(
    "damage", ["{}", "[]", "", "null", '{"splits": null}', "[" * 100_000, "drop splits", "no counts"]
)
def test_a_damaged_manifest_means_a_new_preparation(breakable: Path, damage: str) -> None:
    path = breakable / "data/prepared/tiny/manifest.json"
    whole = json.loads(path.read_text())
    if damage == "drop splits":
        del whole["splits"]["test"]
        damage = json.dumps(whole)
    if damage == "no counts":
        damage = json.dumps({**whole, "counts": None})
    path.write_text(damage)
    done = run(breakable, "prepare", "--config", "tiny.yaml")
    assert done.returncode == 0, done.stderr
    assert json.loads(path.read_text())["splits"] == json.loads(path.read_text())["splits"] | whole["splits"]


def test_an_interrupt_while_modules_are_loaded_prints_no_traceback() -> None:
    stop = "os.kill(os.getpid(), signal.SIGINT)"
    said = "import os, signal; from pipeline.commands._start import end_silently, end_tidily; end_silently(); "
    line = [sys.executable, "-c"]
    silent = subprocess.run([*line, said + stop], capture_output=True, env=environment(), check=False)
    assert (silent.returncode, silent.stdout, silent.stderr) == (-signal.SIGINT, b"", b"")
    tidy = subprocess.run([*line, said + "end_tidily(); " + stop], capture_output=True, env=environment(), check=False)
    assert b"KeyboardInterrupt" in tidy.stderr
