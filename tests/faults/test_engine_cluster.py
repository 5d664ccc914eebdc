"""The commands on clusters of processes of their own: networks, schedulers that end, workers that don't fit."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from pipeline.common.errors import EngineError
from pipeline.common.parallel import cluster, each, running_on
from support.articles import unlabelled, write_lines
from support.clusters import scheduler, worker
from support.commands import begin, environment, invoke, predict, refused, run, wait_until
from support.projects import CONFIG, MODEL, ROOT, make_project

pytest.importorskip("distributed", reason="the extra 'dask' is not installed")

QUICK = {"DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "3s"}
ADDRESSES = "198.18.7.1", "198.18.7.2"  # of a range that no network uses


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A few articles."""
    return write_lines(tmp_path_factory.mktemp("rows") / "rows.jsonl", unlabelled(10))


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A scheduler without workers."""
    with scheduler() as (found, _):
        yield found


def _refused(model: Path, rows: Path, where: str) -> str:
    arguments = "predict", "-m", model, "--input", rows, "--engine", "dask", "--scheduler", where
    return refused(run(rows.parent, *arguments, **QUICK))


@pytest.mark.parametrize("arguments", [["--engine", "dask"], ["--scheduler", "tcp://127.0.0.1:8786"]])
def test_the_options_go_together(tiny_folder: Path, rows: Path, arguments: list[str]) -> None:
    done = invoke("predict", "-m", tiny_folder, "--input", rows, *arguments)
    refused(done, "dask together with --scheduler tcp://host:8786")


def test_a_text_needs_no_cluster(tiny_folder: Path) -> None:
    refused(invoke("predict", "-m", tiny_folder, "rain", "--engine", "dask"), "goes with --input")


@pytest.mark.parametrize("where", ["tcp://127.0.0.1:9", "nonsense://x", "tcp://host with spaces"])
def test_a_scheduler_that_is_not_there(tiny_folder: Path, rows: Path, where: str) -> None:
    assert f"no Dask scheduler can be reached at {where}: " in _refused(tiny_folder, rows, where)


def test_a_scheduler_without_workers(tiny_folder: Path, rows: Path, address: str) -> None:
    assert "has no workers: start some with" in _refused(tiny_folder, rows, address)


def test_a_worker_without_dateline(tiny_folder: Path, rows: Path, address: str) -> None:
    with worker(address, None):
        assert "can't run this version of Dateline, install it there" in _refused(tiny_folder, rows, address)


def test_a_worker_with_other_code(tiny_folder: Path, rows: Path, address: str, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "pipeline", tmp_path / "pipeline", ignore=shutil.ignore_patterns("__pycache__"))
    with (tmp_path / "pipeline" / "common" / "text.py").open("a") as file:
        file.write("# changed\n")
    with worker(address, tmp_path):
        said = _refused(tiny_folder, rows, address)
    assert "has Dateline code " in said
    assert said.endswith("install the same there")


def test_without_the_extra(tiny_folder: Path, rows: Path, tmp_path: Path) -> None:
    """An interpreter whose packages are those of this one, save Dask."""
    for package in Path(sysconfig.get_path("purelib")).iterdir():
        if not package.name.startswith(("dask", "distributed")):
            (tmp_path / package.name).symlink_to(package)
    command = [sys.executable, "-S", str(ROOT / "train.py"), "predict", "-m", str(tiny_folder), "--input", str(rows)]
    env = environment(PYTHONPATH=f"{ROOT}{os.pathsep}{tmp_path}")
    done = subprocess.run(
        [*command, "--engine", "dask", "--scheduler", "tcp://127.0.0.1:9"],
        env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    refused(done, "--engine dask needs packages that are not installed", "pip install 'dask[distributed]'")


def test_a_piece_that_kills_its_workers_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES", "0")
    with scheduler() as (where, _), worker(where), running_on("dask", where):
        client = cluster()
        assert client is not None
        (pid,) = client.run(os.getpid).values()
        with pytest.raises(EngineError, match="has killed several workers of the cluster"):
            list(each(os.kill, [(pid, 9)], 1))


def test_a_scheduler_that_ends_costs_nothing_that_was_tagged(tiny_folder: Path, tmp_path: Path) -> None:
    source, output = write_lines(tmp_path / "archive.jsonl", unlabelled(20_000)), tmp_path / "tags.jsonl"
    partial = Path(f"{output}.partial")
    arguments = "predict", "-m", tiny_folder, "--input", source, "--output", output
    with scheduler() as (where, process), worker(where):
        job = begin(tmp_path, *arguments, "--engine", "dask", "--scheduler", where)
        wait_until(lambda: partial.exists() and partial.stat().st_size > 1000)
        process.kill()
        _, errors = job.communicate()
    assert job.returncode == 2
    (line,) = [line for line in errors.splitlines() if line.strip()]
    assert "the connection to the Dask scheduler was lost" in line
    assert "go on with --resume" in line
    assert predict(tiny_folder, "--input", source, "--output", output, "--resume").returncode == 0
    whole = tmp_path / "whole.jsonl"
    assert predict(tiny_folder, "--input", source, "--output", whole).returncode == 0
    assert output.read_bytes() == whole.read_bytes()


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True)


@contextmanager
def _two_networks() -> Iterator[list[list[str]]]:
    """Two network namespaces that see nothing but each other; what a command line in each begins with."""
    names = [f"dateline-{os.getpid()}-{number}" for number in range(2)]
    with ExitStack() as stack:
        for name in names:
            _ip("netns", "add", name)
            stack.callback(_ip, "netns", "del", name)
        _ip("-n", names[0], "link", "add", "one", "type", "veth", "peer", "name", "two", "netns", names[1])
        for name, device, address in zip(names, ("one", "two"), ADDRESSES, strict=True):
            _ip("-n", name, "addr", "add", f"{address}/30", "dev", device)
            _ip("-n", name, "link", "set", device, "up")
            _ip("-n", name, "link", "set", "lo", "up")
        yield [["ip", "netns", "exec", name] for name in names]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="network namespaces need root")
@pytest.mark.skipif(not shutil.which("ip"), reason="network namespaces need ip (iproute2)")
def test_two_workers_in_networks_of_their_own(tiny_folder: Path, rows: Path, trained: Path, tmp_path: Path) -> None:
    there = make_project(tmp_path / "there")
    try:
        networks = _two_networks()
        one, two = networks.__enter__()
    except subprocess.CalledProcessError as error:
        pytest.skip(f"no network namespaces can be made here: {error.stderr.decode().strip()}")
    with ExitStack() as stack:
        stack.push(networks.__exit__)
        where, _ = stack.enter_context(scheduler(ADDRESSES[0], one))
        stack.enter_context(worker(where, ROOT, one, ADDRESSES[0]))
        stack.enter_context(worker(where, ROOT, two, ADDRESSES[1]))
        engine = "--engine", "dask", "--scheduler", where
        again = run(there, "train", *CONFIG, *engine, before=one)
        tagged = run(there, "predict", "-m", tiny_folder, "--input", rows, *engine, before=one)
    assert (again.returncode, tagged.returncode) == (0, 0), again.stderr + tagged.stderr
    found, expected = (folder / MODEL / "predictor.joblib" for folder in (there, trained))
    assert found.read_bytes() == expected.read_bytes()
    assert tagged.stdout == predict(tiny_folder, "--input", rows).stdout
