"""The reader of row files: every format, every way a row or a file can be broken."""

from __future__ import annotations

import csv
import gzip
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.common.errors import DataError
from pipeline.rows import streams as row_bytes
from pipeline.rows.reader import SUFFIXES, iter_files, read_rows

ANY_TEXT = st.text(st.characters(), max_size=40)
CLEAN_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
FEWER = settings(max_examples=60)


def written(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def seen(path: Path) -> list[tuple[int, object]]:
    return [(row.number, row.error or row.data) for row in read_rows(path)]


def test_json_lines_tell_each_bad_line(tmp_path: Path) -> None:
    content = b'\xef\xbb\xbf{"a":1}\n\n[1]\n{bad\n{"a":"\xff"}\n{"a":"\\u0000"}\n{"a":"\\ud83d x"}\n{"a":NaN}'
    rows = list(read_rows(written(tmp_path, "a.jsonl", content)))
    assert [row.number for row in rows] == [1, 3, 4, 5, 6, 7, 8]
    assert [row.data for row in rows] == [{"a": 1}, None, None, None, None, {"a": "\ufffd x"}, {"a": None}]
    reasons = [row.error for row in rows if row.error]
    for reason, part in zip(reasons, ("a list", "not valid JSON", "UTF-8", "NUL"), strict=True):
        assert part in reason
    assert rows[1].where == f"{tmp_path / 'a.jsonl'}:3"


def test_csv_recovers_after_an_open_quote(tmp_path: Path) -> None:
    content = b'id,text\n1,"a\nb"\n2,x,y\n3,"open\n4,fine\n5,"q"z\n6,\x00\n7,\xff\n8,ok\n'
    path = written(tmp_path, "a.csv", content)
    rows = [(row.number, row.error or row.data) for row in read_rows(path, encoding="utf-8")]
    good = [(number, value) for number, value in rows if isinstance(value, dict)]
    assert good == [(2, {"id": "1", "text": "a\nb"}), (6, {"id": "4", "text": "fine"}), (10, {"id": "8", "text": "ok"})]
    assert [number for number, value in rows if isinstance(value, str)] == [4, 5, 7, 8, 9]


@pytest.mark.parametrize(
    ("name", "content", "data"),
    [
        ("a.csv", b'id;text\n1;"a;b"\n', {"id": "1", "text": "a;b"}),
        ("a.tsv", b"id\ttext\n1\ta,b\n", {"id": "1", "text": "a,b"}),
        ("a.csv", b"\xef\xbb\xbfid,text\r\n1,x\r\n", {"id": "1", "text": "x"}),
        ("a.json", b'[\n{"id": "1",\n "text": "],["}]', {"id": "1", "text": "],["}),
        ("a.json", b'{"id": "1"}\n', {"id": "1"}),
        ("a.NDJSON", b'{"id": "1"}\n', {"id": "1"}),
        ("a.csv.gz", gzip.compress(b"id\n1\n", mtime=0), {"id": "1"}),
    ],
)
def test_formats(tmp_path: Path, name: str, content: bytes, data: dict[str, str]) -> None:
    assert [row.data for row in read_rows(written(tmp_path, name, content))] == [data]


def test_json_array_goes_on_after_a_broken_element(tmp_path: Path) -> None:
    content = b'[{"a":1},\n{"a":"x}\n,{"b":[1,{"c":"],["}]},\n{"d":2}]'
    rows = seen(written(tmp_path, "a.json", content))
    assert [value for _, value in rows if isinstance(value, dict)] == [{"a": 1}, {"b": [1, {"c": "],["}]}, {"d": 2}]
    assert [number for number, value in rows if isinstance(value, str)] == [2]


def test_json_array_cut_off_is_told(tmp_path: Path) -> None:
    rows = list(read_rows(written(tmp_path, "a.json", b'[{"a":1},{"a":2}')))
    assert [row.data for row in rows[:2]] == [{"a": 1}, {"a": 2}]
    assert "cut off" in rows[2].error


@pytest.mark.parametrize(
    ("name", "content", "part"),
    [
        ("a.csv", b"", "is empty"),
        ("a.csv", b"PK\x03\x04rest", "Excel"),
        ("a.csv", bytes(range(9)) * 50, "binary"),
        ("a.csv", b"id,id\n1,2\n", "stands twice"),
        ("a.csv", b"a,b\r1,2\n", "carriage return"),
        ("a.parquet", b"id,text\n", "no whole Parquet"),
        ("a.jsonl.gz", b'{"a":1}\n', "no whole gzip"),
        ("a.jsonl.gz", gzip.compress(b'{"a":1}\n' * 99, mtime=0)[:-9], "no whole gzip"),
        ("a.jsonl.zst", b'{"a":1}\n', "no whole zstd"),
        ("a.xlsx", b"x", "no workbook that can be read"),
        ("a.doc", b"x", "names no row format"),
    ],
)
def test_files_that_are_not_what_they_say(tmp_path: Path, name: str, content: bytes, part: str) -> None:
    with pytest.raises(DataError, match=part) as caught:
        list(read_rows(written(tmp_path, name, content)))
    assert "\n" not in str(caught.value)
    assert name in str(caught.value)


def test_missing_files_and_folders_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no file at"):
        read_rows(tmp_path / "none.csv")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(DataError, match="is no file"):
        read_rows(tmp_path / "folder.csv")


def test_a_zstd_file_cut_off_is_told(tmp_path: Path) -> None:
    zstandard = pytest.importorskip("zstandard")
    whole = zstandard.compress(b'{"a":1}\n' * 2) + zstandard.compress(b'{"a":2}\n')
    assert len(seen(written(tmp_path, "a.jsonl.zst", whole))) == 3
    with pytest.raises(DataError, match="no whole zstd file"):
        list(read_rows(written(tmp_path, "b.jsonl.zst", whole[:-3])))


def test_parquet_values_are_those_of_json(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    table = pa.table(
        {"id": [1, 2], "day": pa.array([0, None], pa.date32()), "tags": [["a"], None], "text": ["x", "\0"]}
    )
    pq.write_table(table, tmp_path / "a.parquet")
    first, second = read_rows(tmp_path / "a.parquet")
    assert first.data == {"id": 1, "day": "1970-01-01", "tags": ["a"], "text": "x"}
    assert (second.number, second.data) == (2, None)
    assert "NUL" in second.error
    assert [row.data for row in read_rows(tmp_path / "a.parquet", ["id", "none"])] == [{"id": 1}, {"id": 2}]


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv"])
def test_a_row_above_the_limit_is_an_error_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(row_bytes, "MAX_ROW_BYTES", 1000)
    rows = [{"text": "short"}, {"text": "x" * 5000}, {"text": "last"}]
    path = tmp_path / name
    if name.endswith(".csv"):
        path.write_text("text\n" + "".join(f'"{row["text"]}"\n' for row in rows))
    else:
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    read = list(read_rows(path))
    assert [row.data for row in read] == [rows[0], None, rows[2]]
    assert "longer than" in read[1].error


def test_folders_are_read_in_order_and_hidden_files_left_out(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    for name in ("b.csv", "a.jsonl", "sub/c.tsv.gz", ".hidden.csv", "notes.txt"):
        (tmp_path / name).write_bytes(b"x")
    assert [str(file.relative_to(tmp_path)) for file in iter_files(tmp_path)] == ["a.jsonl", "b.csv", "sub/c.tsv.gz"]
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="no row file"):
        iter_files(tmp_path / "empty")
    assert ".parquet.zst" in SUFFIXES


@FEWER
@given(st.lists(st.dictionaries(ANY_TEXT, ANY_TEXT, max_size=3), max_size=6))
def test_json_lines_hold_any_text(tmp_path: Path, rows: list[dict[str, str]]) -> None:
    path = tmp_path / "any.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows) + '{"last": 1}\n', encoding="ascii")
    read = list(read_rows(path))
    assert len(read) == len(rows) + 1
    assert read[-1].data == {"last": 1}
    for given_row, row in zip(rows, read, strict=False):
        text = "".join(given_row) + "".join(given_row.values())
        assert bool(row.error) == ("\0" in text)
        if row.data is not None:
            json.dumps(row.data, ensure_ascii=False).encode("utf-8")


@FEWER
@given(st.lists(st.tuples(CLEAN_TEXT, CLEAN_TEXT), min_size=1, max_size=6))
def test_csv_gives_back_what_was_written(tmp_path: Path, rows: list[tuple[str, str]]) -> None:
    buffer = io.StringIO()
    csv.writer(buffer, quoting=csv.QUOTE_ALL).writerows([("one", "two"), *rows])
    path = written(tmp_path, "any.csv", buffer.getvalue().encode())
    assert [row.data for row in read_rows(path)] == [{"one": one, "two": two} for one, two in rows]


@FEWER
@given(st.binary(max_size=60).filter(lambda noise: b'"' not in noise and b"\n" not in noise and b"\r" not in noise))
def test_noise_in_one_csv_line_costs_no_other(tmp_path: Path, noise: bytes) -> None:
    filler = b"".join(b"%d,some longer text to read\n" % number for number in range(20))
    path = written(tmp_path, "noise.csv", b"one,two\n" + filler + noise + b"\nlast,row\n")
    rows = list(read_rows(path))
    assert rows[-1].data == {"one": "last", "two": "row"}
    assert sum(row.data is not None for row in rows) >= 21


@FEWER
@given(st.binary(max_size=200), st.sampled_from([".jsonl", ".json", ".csv", ".tsv", ".parquet", ".csv.gz", ".csv.zst"]))
def test_any_bytes_give_rows_or_one_line(tmp_path: Path, content: bytes, suffix: str) -> None:
    message = ""
    try:
        for row in read_rows(written(tmp_path, f"a{suffix}", content)):
            assert (row.data is None) == bool(row.error)
    except DataError as error:
        message = str(error)
    assert "\n" not in message


def test_reading_text_imports_no_heavy_library(tmp_path: Path) -> None:
    path = written(tmp_path, "a.jsonl", b'{"a": 1}\n')
    code = (
        "import sys; from pathlib import Path; from pipeline.rows.reader import read_rows;"
        "list(read_rows(Path(sys.argv[1])));"
        "print([name for name in ('pandas', 'pyarrow', 'datasets', 'sklearn', 'mlflow') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_two_readers_of_json_say_the_same(tmp_path: Path) -> None:
    """Lines are read by orjson where that says what Python's reader does."""
    from pipeline.rows.json_rows import _parsed, _parsed_by_python

    lines = [
        '{"id": "1", "text": "caf\\u00e9 \\ud83d\\ude00", "ok": true, "none": null}',
        '{"id": 12345678901234567890123, "text": "many digits"}',
        '{"id": 1.10, "text": "a", "text": "b"}',
        '{"id": -0, "topics": ["a", "b"], "marks": [0, 18446744073709551615, true, null]}',
        '{"topics": ["a", 1.5], "regions": [18446744073709551616, [1]]}',
        '{"text": "half \\ud800 of a pair"}',
        '{"text": "nul \\u0000"}',
        '{"text": NaN, "more": [1e999, -0.0]}',
        '{"text": "a tab\tin it"}',
        '{"text": "open',
        '{"nested": ' + "[" * 120 + "]" * 120 + "}",
        '["text", {"label": 1}]',
        '"text"',
        "",
    ]
    for line in [line.encode() for line in lines] + [b'{"text": "\xff"}', b'{"text": "\xc3\x28"}']:
        assert repr(_parsed(line)) == repr(_parsed_by_python(line))
