"""Files and folders that are written whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.common.files import folder_written_whole, write_json, write_text, written_whole


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write_text(path, "old")
    with pytest.raises(IsADirectoryError), written_whole(path) as temporary:
        _half_written(temporary)
    assert path.read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["a.txt"]


def test_a_folder_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    for content in ("old", "new"):
        with folder_written_whole(folder) as temporary:
            write_text(temporary / content, content)
    assert [file.name for file in folder.iterdir()] == ["new"]
    assert [file.name for file in tmp_path.iterdir()] == ["model"]


def test_a_failed_folder_leaves_the_old_one(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    with folder_written_whole(folder) as temporary:
        write_json(temporary / "a.json", {"a": 1})
    with pytest.raises(IsADirectoryError), folder_written_whole(folder) as temporary:
        _half_written(temporary / "b.json")
    assert [file.name for file in tmp_path.rglob("*")] == ["model", "a.json"]


def _half_written(path: Path) -> None:
    path.write_text("half")
    path.parent.read_bytes()
