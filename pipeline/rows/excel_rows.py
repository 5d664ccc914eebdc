"""Rows of workbooks: the first sheet that holds a table, and every other with the same columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any, BinaryIO

from pipeline.common.errors import DataError
from pipeline.common.project import missing
from pipeline.rows.csv_rows import has_header, numbered
from pipeline.rows.json_rows import Parsed

_HEADER_ROWS = 20  # in which a header is looked for: titles and remarks may stand above it


def read(path: Path, stream: BinaryIO) -> Iterator[Parsed]:
    """The rows, numbered as in their sheet. Raises DataError for a workbook that can't be read or holds no table."""
    try:
        from python_calamine import CalamineWorkbook
    except ImportError:
        raise DataError(missing(f"{path}, a workbook,", "excel")) from None
    try:
        book = CalamineWorkbook.from_filelike(stream)
        sheets = [(name, book.get_sheet_by_name(name).to_python(skip_empty_area=False)) for name in book.sheet_names]
    except Exception as error:  # the library raises errors of its own and of its parts
        reason = (str(error).splitlines() or [type(error).__name__])[0][:120]
        raise DataError(
            f"{path} is no workbook that can be read ({reason}): save it again, or export it as CSV"
        ) from None
    header: list[str] = []
    for _, rows in sheets:
        start, names = _header(rows)
        if names and (not header or names == header):
            header = names
            yield from _table(rows, start, names)
    if not header:
        raise DataError(f"{path} holds no table: put the names of the columns into the first row of a sheet")


def _header(rows: Sequence[Sequence[Any]]) -> tuple[int, list[str]]:
    """Where the rows of a table begin, and its columns; empty without a table."""
    for place, row in enumerate(rows[:_HEADER_ROWS]):
        cells = [_plain(cell) for cell in row]
        given = [cell for cell in cells if cell not in (None, "")]
        if len(given) < 2:
            continue
        names = [str(cell or "").strip() or f"column {number}" for number, cell in enumerate(cells, 1)]
        if has_header([str(cell) for cell in given]) and len(set(names)) == len(names):
            return place + 1, [" ".join(name.split()) for name in names]
        return place, numbered(len(cells))
    return 0, []


def _table(rows: Sequence[Sequence[Any]], start: int, names: Sequence[str]) -> Iterator[Parsed]:
    for number, row in enumerate(rows[start:], start + 1):
        cells = [_plain(cell) for cell in row]
        if any(cell not in (None, "") for cell in cells):
            yield number, dict(zip(names, cells, strict=False)), ""


def _plain(cell: Any) -> Any:
    """A cell as CSV and JSON have it: whole numbers without a point, dates and times as text."""
    if isinstance(cell, float) and cell.is_integer():
        return int(cell)
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell) if isinstance(cell, timedelta) else cell
