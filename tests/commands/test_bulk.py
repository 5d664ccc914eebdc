"""Row files of any size: order, bad rows, kills, resumption, and what is never overwritten."""

from __future__ import annotations

import csv
import gzip
import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.common.errors import DataError
from pipeline.prediction.bulk.row_results import Options
from pipeline.prediction.bulk.workers import Tagging
from pipeline.prediction.predictor import Predictor
from pipeline.rows.reader import Row
from support.articles import unlabelled, write_lines
from support.commands import begin, children, predict, wait_until
from support.projects import ROOT


def _lines(path: Path) -> list[dict[str, Any]]:
    content = path.read_bytes()
    text = gzip.decompress(content) if path.suffix == ".gz" else content
    return [json.loads(line) for line in text.splitlines()]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """More articles than a few batches."""
    return write_lines(tmp_path_factory.mktemp("archive") / "archive.jsonl", unlabelled(12_000))


@pytest.fixture(scope="module")
def whole(tiny_folder: Path, archive: Path) -> bytes:
    """What an undisturbed run makes of the archive."""
    output = archive.with_name("whole.jsonl")
    assert predict(tiny_folder, "--input", archive, "--output", output).returncode == 0
    return output.read_bytes()


def test_processes_keep_the_order_and_the_results(
    tiny_folder: Path, archive: Path, whole: bytes, tmp_path: Path
) -> None:
    output = tmp_path / "tags.jsonl"
    done = predict(tiny_folder, "--input", archive, "--output", output, "--jobs", "2")
    assert done.returncode == 0
    assert output.read_bytes() == whole
    assert [json.loads(line)["id"] for line in whole.splitlines()] == [f"a{number}" for number in range(12_000)]
    assert "12,000" in done.stderr


def test_bad_rows_come_out_in_place(tiny_folder: Path, tmp_path: Path) -> None:
    rows = ['{"id": "a", "text": "rain in Libya"}', "{bad", "", '{"id": "c"}', '{"text": 7}', '{"text": " "}', "[1]"]
    source = write_lines(tmp_path / "rows.jsonl", rows)
    done = predict(tiny_folder, "--input", source)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 1
    assert [row["id"] for row in found] == ["a", "row 2", "c", "row 5", "row 6", "row 7"]
    assert [row.get("error", "") for row in found] == [
        "",
        "row 2: not valid JSON: Expecting property name enclosed in double quotes at character 2",
        "row 4: field 'text' is missing",
        "row 5: field 'text' is not a text",
        "row 6: the text is empty: there is nothing to tag",
        "row 7: not an object but a list",
    ]


@pytest.mark.parametrize("ending", [".csv", ".jsonl.gz", ".parquet", ".jsonl.zst", ".json"])
def test_formats_in_and_out(tiny_folder: Path, tmp_path: Path, ending: str) -> None:
    if ending.endswith("zst"):
        pytest.importorskip("zstandard")
    first, second = tmp_path / f"first{ending}", tmp_path / "second.jsonl"
    source = write_lines(tmp_path / "rows.jsonl", unlabelled(5))
    assert predict(tiny_folder, "--input", source, "--output", first).returncode == 0
    # The tags of the first run have no text: every row of the second is an error, in order.
    assert predict(tiny_folder, "--input", first, "--output", second).returncode == 1
    assert [row["id"] for row in _lines(second)] == [f"a{number}" for number in range(5)]


def test_csv_unlabelled(tiny_folder: Path, tmp_path: Path) -> None:
    with (tmp_path / "rows.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["id", "title", "text", "desk"], ["1", "Rain", "flood\nin Libya", "night"]])
    done = predict(tiny_folder, "--input", tmp_path / "rows.csv", "--keep-fields")
    row = json.loads(done.stdout)
    assert (row["id"], row["desk"], row["regions"][0]["code"]) == ("1", "night", "LY")
    assert "text" not in row


def test_reasons_in_bulk(tiny_folder: Path, tmp_path: Path) -> None:
    source = write_lines(tmp_path / "rows.jsonl", unlabelled(2))
    done = predict(tiny_folder, "--input", source, "--label", "football")
    for line in done.stdout.splitlines():
        assert "football" in [tag["label"] for tag in json.loads(line)["explanation"]]


def test_nothing_is_overwritten(tiny_folder: Path, tmp_path: Path) -> None:
    source, output = write_lines(tmp_path / "rows.jsonl", unlabelled(2)), tmp_path / "tags.jsonl"
    output.write_text("precious")
    for more in ([], ["--resume"]):
        done = predict(tiny_folder, "--input", source, "--output", output, *more)
        assert (done.returncode, output.read_text()) == (2, "precious")
        assert done.stderr.strip().endswith("exists; name another file or add --force")
    assert predict(tiny_folder, "--input", source, "--output", output, "--force").returncode == 0
    assert len(_lines(output)) == 2


@pytest.mark.parametrize("ending", [".jsonl", ".jsonl.gz"])
def test_a_killed_run_is_resumed(tiny_folder: Path, archive: Path, whole: bytes, tmp_path: Path, ending: str) -> None:
    output = tmp_path / f"tags{ending}"
    partial = Path(f"{output}.partial")
    run = begin(ROOT, "predict", "-m", tiny_folder, "--input", archive, "--output", output, "--jobs", "2")
    wait_until(lambda: partial.exists() and partial.stat().st_size > 1000)
    workers = children(run.pid)
    run.kill()
    run.wait()
    assert not output.exists()
    assert len(workers) == 2
    wait_until(lambda: not any(Path(f"/proc/{worker}").exists() for worker in workers))
    refused = predict(tiny_folder, "--input", archive, "--output", output)
    assert (refused.returncode, "add --resume" in refused.stderr) == (2, True)
    assert predict(tiny_folder, "--input", archive, "--output", output, "--resume").returncode == 0
    content = gzip.decompress(output.read_bytes()) if ending.endswith("gz") else output.read_bytes()
    assert content == whole
    assert sorted(file.name for file in tmp_path.iterdir()) == [output.name]


def test_a_checkpoint_is_gone_on_from(tiny_folder: Path, archive: Path, whole: bytes, tmp_path: Path) -> None:
    output = tmp_path / "tags.jsonl"
    run = begin(ROOT, "predict", "-m", tiny_folder, "--input", archive, "--output", output)
    partial, checkpoint = Path(f"{output}.partial"), Path(f"{output}.partial.json")
    wait_until(lambda: partial.exists() and partial.stat().st_size > 1000)
    run.kill()
    run.wait()
    state = json.loads(checkpoint.read_text())
    ends = [number + 1 for number, byte in enumerate(whole) if byte == 10]
    state |= {"rows": 700, "bytes": ends[699]}
    partial.write_bytes(whole[: ends[699]] + b'{"half a li')
    checkpoint.write_text(json.dumps(state))
    done = predict(tiny_folder, "--input", archive, "--output", output, "--resume")
    assert done.returncode == 0
    assert output.read_bytes() == whole
    assert "11,300" in done.stderr


def test_another_task_is_not_gone_on_with(tiny_folder: Path, archive: Path, tmp_path: Path) -> None:
    output = tmp_path / "tags.jsonl"
    Path(f"{output}.partial").write_text("")
    state = {"task": {"input": "other"}, "rows": 0, "failed": 0, "bytes": 0}
    Path(f"{output}.partial.json").write_text(json.dumps(state))
    done = predict(tiny_folder, "--input", archive, "--output", output, "--resume")
    assert (done.returncode, "another input" in done.stderr) == (2, True)


def test_a_killed_worker_is_told_in_one_line(tiny_folder: Path, archive: Path, whole: bytes, tmp_path: Path) -> None:
    output = tmp_path / "tags.jsonl"
    run = begin(ROOT, "predict", "-m", tiny_folder, "--input", archive, "--output", output, "--jobs", "2")
    partial = Path(f"{output}.partial")
    wait_until(lambda: partial.exists() and partial.stat().st_size > 1000)
    os.kill(children(run.pid)[0], signal.SIGKILL)
    _, errors = run.communicate()
    told = [line for line in errors.splitlines() if line.startswith("dateline:")]
    assert run.returncode == 2
    assert len(told) == 1
    assert "a worker process was killed" in told[0]
    assert "go on with --resume" in told[0]
    assert "Traceback" not in errors
    assert predict(tiny_folder, "--input", archive, "--output", output, "--resume").returncode == 0
    assert output.read_bytes() == whole


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_file_that_breaks_off_keeps_what_was_read(tiny: Predictor, jobs: int) -> None:
    def rows() -> Iterator[Row]:
        yield from (Row("rows", number, row) for number, row in enumerate(unlabelled(300), 1))
        raise DataError("it is cut off")

    found: list[dict[str, Any]] = []
    batches = Tagging(tiny, Options(), jobs).batches(rows(), lines=False)
    with pytest.raises(DataError, match="it is cut off"):
        found.extend(row for results, _, _ in batches for row in results)
    assert [row["id"] for row in found] == [f"a{number}" for number in range(300)]


def test_resume_needs_lines(tiny_folder: Path, archive: Path, tmp_path: Path) -> None:
    done = predict(tiny_folder, "--input", archive, "--output", tmp_path / "tags.csv", "--resume")
    assert (done.returncode, "--resume needs an output of JSON Lines" in done.stderr) == (2, True)


def test_a_reader_that_has_seen_enough(tiny_folder: Path, archive: Path) -> None:
    run = begin(ROOT, "predict", "-m", tiny_folder, "--input", archive)
    assert run.stdout is not None
    assert run.stdout.readline().startswith('{"id": "a0"')
    run.stdout.close()
    assert run.wait() == 0
    assert run.stderr is not None
    assert "Traceback" not in run.stderr.read()
