"""Tests of files that several processes add lines to."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.common.errors import StorageError
from pipeline.rows.line_file import LineFile
from support.commands import environment
from support.disks import files_no_larger_than

WRITER = """
import sys
from pathlib import Path
from pipeline.rows.line_file import LineFile
file = LineFile(Path(sys.argv[1]))
for number in range(int(sys.argv[3])):
    with file.alone():
        file.add({"by": sys.argv[2], "number": number, "text": "x" * 5000})
    print(number, flush=True)
"""


def write(path: Path, name: str, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, str(path), name, str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment())


def test_two_processes_write_whole_lines(tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    writers = [write(path, name, 40) for name in ("anna", "ben")]
    assert [writer.wait() for writer in writers] == [0, 0]
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    for name in ("anna", "ben"):
        assert [row["number"] for row in rows if row["by"] == name] == list(range(40))
    assert not list(tmp_path.glob(".*")), "the lock goes with the writers"


def test_what_was_acknowledged_survives_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    writer = write(path, "anna", 100_000)
    assert writer.stdout is not None
    for line in writer.stdout:
        if line.strip() == "20":
            break
    writer.send_signal(signal.SIGKILL)
    writer.wait()
    file = LineFile(path)
    with file.alone():
        file.add({"number": -1})
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert [row["number"] for row in rows][:21] == list(range(21))
    assert rows[-1] == {"number": -1}


@pytest.mark.parametrize(("before", "kept"), [('{"a": 1}\n{"b": 2}', 2), ('{"a": 1}\n{"b": ', 1), ("", 0), ("\n", 0)])
def test_half_a_line_goes_and_a_whole_one_without_its_end_stays(tmp_path: Path, before: str, kept: int) -> None:
    path = tmp_path / "labels.jsonl"
    path.write_text(before, encoding="utf-8")
    file = LineFile(path)
    file.new()
    file.add({"text": "\ud800 half a character"})
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
    assert rows == [*[{"a": 1}, {"b": 2}][:kept], {"text": "? half a character"}]
    assert file.new()[-1] == rows[-1]
    assert file.new() == []


def test_a_full_disk_takes_nothing_of_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    file = LineFile(path)
    file.add({"a": 1})
    with files_no_larger_than(1000), pytest.raises(StorageError, match="can't be written"):
        file.add({"text": "x" * 5000})
    assert path.read_text(encoding="utf-8") == '{"a": 1}\n'
