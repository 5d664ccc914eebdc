"""The reader of people's row files: JSONL, JSON, CSV, TSV and Parquet, gzip and zstd, in constant memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from pipeline.common.errors import DataError
from pipeline.rows import json_rows as row_json
from pipeline.rows import streams as row_bytes

PACKINGS = (".gz", ".zst")
_READ_PACKINGS = (*PACKINGS, ".bz2", ".xz", ".zip")
SAMPLE, _SAMPLE_LETTERS = 1000, 1 << 26
_LINES = (".jsonl", ".ndjson")
_PLAIN = (*_LINES, ".json", ".csv", ".tsv", ".parquet")
_ARROW = (".arrow", ".feather")
_BOOKS = (".xlsx", ".xlsm", ".xls", ".ods")
_NEWS = (".xml", ".rss", ".atom", ".html", ".htm", ".xhtml", ".warc")
_TEXTS = (".txt", ".ft", ".train", ".valid", ".test")  # fastText's, which are known by their first word
_ONE_TEXT = ".text"  # a text file of a folder
_BESIDE = ("dataset_info.json", "dataset_dict.json", "state.json")  # what datasets' save_to_disk puts there
_FORMATS = (*_PLAIN, *_ARROW, *_BOOKS, *_NEWS)
SUFFIXES = tuple(form + packing for form in _PLAIN for packing in ("", *PACKINGS))
"""The endings that a row file can have when it is written."""
READ_SUFFIXES = tuple(form + packing for form in _FORMATS for packing in ("", *_READ_PACKINGS))
"""The endings that a row file can have when it is read."""


@dataclass(slots=True)
class Row:
    """One row: its line (its position in Parquet), counted from 1, and its fields or what is wrong with it."""

    file: str
    number: int
    data: dict[str, Any] | None
    error: str = ""

    @property
    def where(self) -> str:
        """The row's place, as `file:line`."""
        return f"{self.file}:{self.number}"


def read_rows(path: Path, columns: Sequence[str] | None = None, encoding: str = "") -> Iterator[Row]:
    """The rows of a file in order, only `columns` of them when given; a bad row has an error and stops nothing.

    Text is in the `encoding` named, else in the one that its bytes show. Raises DataError at once for a file that is
    missing, a folder, or of no known ending, and while reading for one that is not what its ending says, is cut off, or
    has no usable header.
    """
    if not path.exists():
        raise _missing(path)
    if not path.is_file():
        raise DataError(f"{path} is no file: give a file that ends in {', '.join(_FORMATS)}")
    form, packing = read_format(path)
    return _rows(path, form, packing, columns, encoding)


def file_format(path: Path) -> tuple[str, str]:
    """The format and packing that rows are written in, as `(".csv", ".gz")`. Raises DataError for another ending."""
    return _by_ending(path, _PLAIN, PACKINGS)


def read_format(path: Path) -> tuple[str, str]:
    """The format and the packing of a file that is read. Raises DataError for one that holds no rows."""
    if path.name.lower().endswith(_TEXTS) and _is_fasttext(path):
        return ".txt", ""
    return (_ONE_TEXT, "") if _is_text(path) else _by_ending(path, _FORMATS, _READ_PACKINGS)


def _by_ending(path: Path, formats: Sequence[str], packings: Sequence[str]) -> tuple[str, str]:
    name = path.name.lower()
    packing = next((packing for packing in packings if name.endswith(packing)), "")
    form = next((form for form in formats if name.removesuffix(packing).endswith(form)), "")
    if not form:
        packed = f"{', '.join(packings[:-1])} or {packings[-1]}"
        raise DataError(f"{path}: its ending names no row format: use {', '.join(formats)} (packed: {packed} after it)")
    return form, packing


def first_rows(rows: Iterator[Row]) -> tuple[list[Row], DataError | None]:
    """The next rows, enough to see what a file holds, and what broke off the file behind them. Raises DataError when
    it has none."""
    found: list[Row] = []
    letters = 0
    try:
        for row in rows:
            found.append(row)
            letters += sum(len(value) for value in (row.data or {}).values() if isinstance(value, str))
            if len(found) >= SAMPLE or letters > _SAMPLE_LETTERS:
                break
    except DataError as problem:
        if not found:
            raise
        return found, problem
    return found, None


def iter_files(path: Path) -> list[Path]:
    """The file itself, or the row files of a folder and its subfolders, sorted; where there are none, its texts.

    Raises DataError when there is nothing to read.
    """
    if not path.is_dir():
        if not path.exists() or (_is_text(path) and not _is_fasttext(path)):
            _by_ending(path, (*_FORMATS, *(_TEXTS if not path.exists() else ())), _READ_PACKINGS)
            raise _missing(path)
        return [path]
    shown = sorted(file for file in path.rglob("*") if _shown(file, path))
    texts = [file for file in shown if _is_text(file) and not _is_fasttext(file)]
    of_texts = {file.with_suffix("") for file in texts}
    found = [file for file in shown if _has_rows(file) and file.with_suffix("") not in of_texts] or texts
    if not found:
        raise DataError(f"no row file in {path}: put files there that end in {', '.join(_FORMATS)}")
    return found


def _is_text(file: Path) -> bool:
    return file.name.lower().endswith(".txt")


def _missing(path: Path) -> DataError:
    return DataError(f"no file at {path}: check the path")


def _has_rows(file: Path) -> bool:
    name = file.name.lower()
    return (name.endswith(READ_SUFFIXES) and name not in _BESIDE) or (name.endswith(_TEXTS) and _is_fasttext(file))


def _is_fasttext(file: Path) -> bool:
    try:
        with file.open("rb") as stream:
            return stream.read(32).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"__label__")
    except OSError:
        return False


def _shown(file: Path, folder: Path) -> bool:
    return file.is_file() and not any(part.startswith(".") for part in file.relative_to(folder).parts)


def _rows(path: Path, form: str, packing: str, columns: Sequence[str] | None, encoding: str) -> Iterator[Row]:
    wanted = None if columns is None else list(columns)
    name = str(path)
    for number, data, error in _parsed(path, form, packing, wanted, encoding):
        if data is None or wanted is None:
            yield Row(name, number, data, error)
        else:
            yield Row(name, number, {key: data[key] for key in wanted if key in data}, error)


def _parsed(path: Path, form: str, packing: str, columns: list[str] | None, encoding: str) -> Iterator[row_json.Parsed]:
    with row_bytes.opened(path, packing) as stream:
        if form == ".parquet":
            from pipeline.rows import parquet_rows as row_parquet

            yield from row_parquet.read(path, stream, packing, columns)
        elif form in _ARROW:
            from pipeline.rows import parquet_rows as row_parquet

            yield from row_parquet.read_arrow(path, stream, columns)
        elif form in _BOOKS:
            from pipeline.rows import excel_rows

            yield from excel_rows.read(path, stream)
        elif form in _NEWS:
            from pipeline.rows.news import news_rows

            yield from news_rows.read(path, stream, form)
        else:
            yield from _text_rows(path, form, row_bytes.as_utf8(path, stream, encoding))


def _text_rows(path: Path, form: str, stream: BinaryIO) -> Iterator[row_json.Parsed]:
    if form in (".csv", ".tsv"):
        from pipeline.rows import csv_rows

        return csv_rows.read(path, stream, tabs=form == ".tsv")
    if form == ".txt":
        from pipeline.rows import fasttext_rows

        return fasttext_rows.read(path, stream)
    if form == _ONE_TEXT:
        from pipeline.rows import text_folders

        return text_folders.read(path, stream)
    if form == ".json" and row_json.begins_array(stream):
        return row_json.read_array(stream)
    return row_json.read_document(path, stream) if form == ".json" else row_json.read_lines(path, stream)
