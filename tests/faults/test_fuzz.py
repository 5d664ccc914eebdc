"""The fuzzer itself: it finds what is planted, keeps the input, and tells when it is mended."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.common.errors import DataError

pytest.importorskip("resource", reason="Windows has no limits of memory and time")
from benchmarks import fuzz
from benchmarks.fuzzed import READERS, Reader


def reader(broken: bool) -> Reader:
    """Reads files of lines; a broken one can't read a number with a sign."""

    def read(content: bytes, folder: Path) -> int:
        if b"\0" in content:
            raise DataError("no text")
        if b"-" in content and broken:
            from pipeline.common.taxonomy import Taxonomy

            Taxonomy.from_csv(content)  # type: ignore[arg-type]
        return content.count(b"\n")

    return Reader((b"1\n22\n",), (b"-", b"\0"), read)


def test_a_planted_bug_is_found_and_known_when_it_is_mended(tmp_path: Path) -> None:
    found = fuzz.fuzz(reader(broken=True), 1.0, 1, {})
    assert found["inputs"] > 50
    assert (len(found["found"]), found["open"]) == (1, 1)
    assert found["found"][0]["error"].endswith("in common/project.py, project_file")
    again = fuzz.fuzz(reader(broken=False), 0.2, 1, found)
    assert (len(again["found"]), again["open"]) == (1, 0)
    assert again["inputs"] > found["inputs"]


@pytest.mark.parametrize("name", ["sgml", "mediawiki", "csv", "jsonl", "predictor"])
def test_undamaged_files_give_articles(tmp_path: Path, name: str) -> None:
    if name == "mediawiki":
        pytest.importorskip("mwxml")
    made = READERS[name]()
    assert all(made.read(content, tmp_path) for content in made.seeds[:1])
    assert fuzz.attempt(made, made.seeds[0][: len(made.seeds[0]) // 2], tmp_path) == ""
