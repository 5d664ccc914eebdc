"""The writer of row files: JSONL, JSON, CSV, TSV and Parquet, packed when the ending says so, whole or not at all."""

from __future__ import annotations

import csv
import gzip
import io
import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Protocol, cast

from pipeline.common.errors import DataError
from pipeline.common.files import writing, written_whole
from pipeline.common.project import missing
from pipeline.common.text import UNSAFE
from pipeline.rows.reader import file_format
from pipeline.rows.spool import Spool

_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # full-width ones too

Types = Callable[[], Mapping[str, Any]]
"""What gives each column's type of Arrow when it is asked for."""


class _Format(Protocol):
    def write(self, row: Mapping[str, Any]) -> None: ...

    def finish(self) -> None: ...


class RowWriter:
    """Takes rows one at a time; `open_writer` makes it."""

    def __init__(self, path: Path, form: _Format) -> None:
        self.count = 0
        self._path = path
        self._form = form

    def write(self, row: Mapping[str, Any]) -> None:
        """Write one row. Raises DataError when the disk does not take it."""
        with writing(self._path):
            self._form.write(row)
        self.count += 1


@contextmanager
def open_writer(path: Path, columns: Sequence[str] | None = None, types: Types | None = None) -> Iterator[RowWriter]:
    """A writer of the format that the ending names; the file appears when the block ends well.

    `columns` are the ones of CSV, TSV and Parquet, in order; without them a file has every column that a row brings,
    in the order of appearance. `types` gives those of Parquet; without it they are found in the rows. Cells of CSV and
    TSV that a spreadsheet would run as a formula get an apostrophe, and nested values are JSON text. Raises DataError
    for an unknown ending or a file that can't be written.
    """
    form, packing = file_format(path)
    with ExitStack() as stack:
        with writing(path):
            temporary = stack.enter_context(written_whole(path))
            stream = stack.enter_context(_packed(temporary, packing))
            target = stack.enter_context(_format(form, stream, columns, types))
        yield RowWriter(path, target)
        with writing(path):
            target.finish()


@contextmanager
def _format(form: str, stream: BinaryIO, columns: Sequence[str] | None, types: Types | None) -> Iterator[_Format]:
    if form == ".json":
        yield _JsonArray(stream)
    elif form in (".csv", ".tsv"):
        with Spool() as spool:
            yield _Csv(stream, "\t" if form == ".tsv" else ",", columns, spool)
    elif form == ".parquet":
        from pipeline.rows.parquet_writer import ParquetFormat

        with Spool() as spool:
            yield ParquetFormat(stream, columns, spool, types() if types else None)
    else:
        yield _JsonLines(stream)


class _JsonLines:
    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def write(self, row: Mapping[str, Any]) -> None:
        self._stream.write(json_text(row).encode("utf-8", "replace") + b"\n")

    def finish(self) -> None:
        """Nothing is left to write."""


class _JsonArray:
    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._before = b"[\n"

    def write(self, row: Mapping[str, Any]) -> None:
        self._stream.write(self._before + json_text(row).encode("utf-8", "replace"))
        self._before = b",\n"

    def finish(self) -> None:
        self._stream.write(b"[]\n" if self._before.startswith(b"[") else b"\n]\n")


class _PlainEnds:
    """Ends rows with a line feed; told to do so itself, csv.writer would leave carriage returns in cells unquoted."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text

    def write(self, row: str) -> None:
        self._text.write(row.removesuffix("\r\n") + "\n")


class _Csv:
    """Streams when the columns are known, else waits for the last row to know them."""

    def __init__(self, stream: BinaryIO, delimiter: str, columns: Sequence[str] | None, spool: Spool) -> None:
        self._text = io.TextIOWrapper(stream, "utf-8", errors="replace", newline="", write_through=True)
        self._writer = csv.writer(_PlainEnds(self._text), delimiter=delimiter)
        self._columns = columns
        self._spool = spool
        if columns is not None:
            self._writer.writerow(map(cell, columns))

    def write(self, row: Mapping[str, Any]) -> None:
        if self._columns is None:
            self._spool.write(row)
        else:
            self._writer.writerow([cell(row.get(name)) for name in self._columns])

    def finish(self) -> None:
        if self._columns is None:
            columns = list(self._spool.columns)
            self._writer.writerow(map(cell, columns))
            self._writer.writerows([cell(row.get(name)) for name in columns] for row in self._spool.rows())
        self._text.flush()
        self._text.detach()


def cell(value: Any) -> str:
    """A value as a CSV cell that no spreadsheet takes for a formula."""
    if value is None:
        return ""
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA_SIGNS) else value
    return json_text(value) if isinstance(value, bool | dict | list | tuple) else str(value)


def json_text(value: Any) -> str:
    """One line of JSON; what JSON has no form for becomes text, NaN and infinity null.

    What a terminal would obey is spelled as `\\u` and a number: JSON itself asks for that with a part of it only.
    """
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, default=str)
    except ValueError:
        text = json.dumps(_finite(value), ensure_ascii=False, default=str)
    return text if text.isprintable() else spelled(text)


def spelled(text: str) -> str:
    """JSON in which what a terminal would obey is spelled as `\\u` and a number."""
    return UNSAFE.sub(lambda sign: f"\\u{ord(sign.group()):04x}", text)


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: _finite(item) for key, item in value.items()}
    return [_finite(item) for item in value] if isinstance(value, list | tuple) else value


@contextmanager
def _packed(path: Path, packing: str) -> Iterator[BinaryIO]:
    with path.open("wb") as file:
        if packing == ".gz":
            with gzip.GzipFile("", "wb", 6, file, mtime=0) as stream:
                yield cast("BinaryIO", stream)
        elif packing == ".zst":
            with _zstd(file) as stream:
                yield cast("BinaryIO", stream)
        else:
            yield file


def _zstd(file: BinaryIO) -> Any:
    try:
        import zstandard
    except ImportError:
        raise DataError(missing("a .zst file", "data")) from None
    return zstandard.ZstdCompressor().stream_writer(file, closefd=False)
