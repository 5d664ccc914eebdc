"""Rows of CSV and TSV: a broken row is told by its line and costs no other row."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from pipeline.common.errors import DataError
from pipeline.rows import streams as row_bytes
from pipeline.rows.json_rows import TOO_LONG, Parsed

_DELIMITERS = ",;\t|"
_SEP_LINE = re.compile(rb"(?:\xef\xbb\xbf)?\"?sep=(.)\"?[,;]*\s*", re.IGNORECASE)
_HEADER_CELL = 100  # characters above which a first line is an article, not a header
_DATA_CELL = re.compile(r"<?https?://\S+|\d+([.,]\d+)?|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([ T].*)?")
_QUOTED = re.compile(r'"[^"]*+(?:"|\Z)')
_CSV_REASONS = {
    "unexpected end of data": "a quote is opened and never closed",
    "new-line character": "a lone carriage return stands outside quotes",
    "expected after": "text follows a closing quote; a quote inside a cell is written twice",
}


class _TooLongError(Exception):
    """A record above the limit."""


class _Feeder:
    """Lines for csv.reader that can be taken back to the one after a broken record's first."""

    def __init__(self, lines: Iterator[bytes | None]) -> None:
        self.number = 0
        self._lines = lines
        self._held: list[bytes | None] = []
        self._again: list[bytes | None] = []
        self._size = 0

    def __iter__(self) -> _Feeder:
        return self

    def __next__(self) -> str:
        line = self._again.pop() if self._again else next(self._lines)
        self.number += 1
        self._held.append(line)
        self._size += len(line or b"")
        if line is None or self._size > row_bytes.MAX_ROW_BYTES:
            raise _TooLongError
        return line.decode("utf-8", "surrogateescape")

    def begin(self) -> int:
        """Forget the record before; the number of the line that the next begins on."""
        self._held.clear()
        self._size = 0
        return self.number + 1

    @property
    def escaped(self) -> bool:
        """Whether a backslash stands before a quote in the record."""
        return any(b'\\"' in line for line in self._held if line)

    def rewind(self, kept: int = 1) -> None:
        """Go back to the line after the record's first, or to the first itself."""
        back = self._held[kept:]
        self.number -= len(back)
        self._again.extend(reversed(back))
        self._held = self._held[:kept]


def read(path: Path, stream: BinaryIO, tabs: bool) -> Iterator[Parsed]:
    """The rows under the header; columns of a file without one are called `column 1` and so on.

    Raises DataError for a header that can't be used.
    """
    csv.field_size_limit(row_bytes.MAX_ROW_BYTES)
    feeder = _Feeder(row_bytes.lines(path, stream))
    header: list[str] = []
    for number, cells, problem in _records(feeder, _sep_line(feeder) or ("\t" if tabs else "")):
        if not header and not problem:
            header = _header(path, number, cells)
            if not has_header(cells):
                yield number, *_row(header, cells)
        elif not header:
            raise DataError(f"{path}:{number}: the header can't be read: {problem}")
        elif problem:
            yield number, None, problem
        else:
            yield number, *_row(header, cells)


def has_header(cells: Sequence[str]) -> bool:
    """Whether a first line names columns: no cell is as long as an article, an address, a number or a date."""
    given = [cell.strip() for cell in cells if cell.strip()]
    return not any(len(cell) > _HEADER_CELL or _DATA_CELL.fullmatch(cell) for cell in given)


def numbered(count: int) -> list[str]:
    """Names for columns that have none."""
    return [f"column {place}" for place in range(1, count + 1)]


def _sep_line(feeder: _Feeder) -> str:
    """The delimiter that a first line such as `sep=;`, which Excel writes, names; empty without one."""
    try:
        line = next(feeder)
    except (StopIteration, _TooLongError):
        feeder.rewind(0)
        return ""
    if match := _SEP_LINE.fullmatch(line.encode("utf-8", "surrogateescape")):
        return match[1].decode("latin-1")
    feeder.rewind(0)
    return ""


def _records(feeder: _Feeder, delimiter: str) -> Iterator[tuple[int, list[str], str]]:
    """Line, cells and problem of each record; without a delimiter, the first line tells it."""
    reader = csv.reader(feeder, delimiter=delimiter or _sniffed(feeder), strict=True)
    dialect: Any = reader.dialect
    while True:
        number = feeder.begin()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except (csv.Error, _TooLongError) as error:
            if feeder.escaped and dialect.escapechar is None:
                dialect = _escaping(dialect.delimiter)
                feeder.rewind(0)
                reader = csv.reader(feeder, dialect)
                continue
            yield number, [], TOO_LONG if isinstance(error, _TooLongError) else _in_words(error)
            feeder.rewind()
            reader = csv.reader(feeder, dialect)
        else:
            if cells:
                yield number, cells, ""


def _escaping(delimiter: str) -> type[csv.Dialect]:
    """How Spark and MySQL write a quote in a cell: with a backslash before it."""
    return type("Escaping", (csv.excel,), {"delimiter": delimiter, "escapechar": "\\", "strict": True})


def _sniffed(feeder: _Feeder) -> str:
    """The usual delimiter that stands most often in the header, outside quotes; a comma before others."""
    try:
        line = next(feeder)
    except StopIteration:
        return ","
    except _TooLongError:
        line = ","
    feeder.rewind(0)
    bare = _QUOTED.sub("", line)
    return max(_DELIMITERS, key=bare.count)


def _header(path: Path, number: int, cells: list[str]) -> list[str]:
    if not has_header(cells):
        return numbered(len(cells))
    names = [" ".join(name.split()) or f"column {place}" for place, name in enumerate(cells, 1)]
    _, problem = _row(names, names)
    twice = next((name for name in names if names.count(name) > 1), None)
    if problem or twice:
        raise DataError(f"{path}:{number}: the header can't be used: {problem or f'column {twice!r} stands twice'}")
    return names


def _row(header: Sequence[str], cells: list[str]) -> tuple[dict[str, Any] | None, str]:
    if len(cells) != len(header):
        return None, f"{len(cells)} cells, but the header has {len(header)}"
    for name, cell in zip(header, cells, strict=True):
        if "\0" in cell:
            return None, f"column {name!r} holds a NUL character"
        if not _encodable(cell):
            return None, f"column {name!r} is not valid UTF-8"
    return dict(zip(header, cells, strict=True)), ""


def _encodable(cell: str) -> bool:
    if cell.isascii():
        return True
    try:
        cell.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _in_words(error: Exception) -> str:
    message = str(error)
    return next((words for part, words in _CSV_REASONS.items() if part in message), message)
