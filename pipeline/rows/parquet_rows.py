"""Rows of Parquet and Arrow files, a small batch in memory at a time."""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.common.errors import DataError
from pipeline.rows import streams as row_bytes
from pipeline.rows.json_rows import TOO_LONG, Parsed

_MAX_UNPACKED = 8 << 30
_BATCH = 256


def read(path: Path, stream: BinaryIO, packing: str, columns: list[str] | None) -> Iterator[Parsed]:
    """The rows, numbered from 1. Raises DataError when the file is not Parquet or damaged, wherever that shows."""
    try:
        if not packing:
            yield from _rows(path, columns)
            return
        with tempfile.TemporaryFile() as unpacked:
            row_bytes.unpack_to(path, stream, unpacked, _MAX_UNPACKED)
            yield from _rows(unpacked, columns)
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"{path} is no whole Parquet file ({_reason(error)}): write it again") from None


def _reason(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:120]


def read_arrow(path: Path, stream: BinaryIO, columns: list[str] | None) -> Iterator[Parsed]:
    """The rows of a file of Arrow's own format, as `save_to_disk` and Feather write it. Raises DataError."""
    try:
        begins = stream.peek(6)[:6] if isinstance(stream, io.BufferedReader) else b""
        open_ = pa.ipc.open_file if begins == b"ARROW1" else pa.ipc.open_stream
        with pa.memory_map(str(path)) as source, open_(source) as reader:
            yield from _numbered(_batches(reader), reader.schema, columns)
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"{path} is no whole Arrow file ({_reason(error)}): write it again") from None


def _batches(reader: Any) -> Iterator[pa.RecordBatch]:
    stream = reader if hasattr(reader, "read_next_batch") else map(reader.get_batch, range(reader.num_record_batches))
    for batch in stream:
        yield from (batch.slice(start, _BATCH) for start in range(0, batch.num_rows, _BATCH))


def _rows(source: Any, columns: list[str] | None) -> Iterator[Parsed]:
    with pq.ParquetFile(source) as file:
        names = file.schema_arrow.names
        kept = names if columns is None else [name for name in names if name in columns]
        yield from _numbered(file.iter_batches(_BATCH, columns=kept), file.schema_arrow, None)


def _numbered(batches: Iterable[pa.RecordBatch], schema: pa.Schema, columns: list[str] | None) -> Iterator[Parsed]:
    classes = _classes(schema.metadata)
    number = 0
    for batch in batches:
        kept = batch if columns is None else batch.select([name for name in batch.schema.names if name in columns])
        for data, problem in _values(kept):
            number += 1
            named = {name: class_names(data[name], classes[name]) for name in classes if data and name in data}
            yield number, data and data | named, problem


def class_names(value: Any, names: list[str]) -> list[str] | None:
    """Always a list, so that no sign in a class's name is taken for a separator; None for a row without a class."""
    numbers = value if isinstance(value, list) else [value]
    known = [names[number] for number in numbers if isinstance(number, int) and 0 <= number < len(names)]
    return known if known or isinstance(value, list) else None


def _classes(metadata: dict[bytes, bytes] | None) -> dict[str, list[str]]:
    """The names of the classes in columns of numbers, which Hugging Face's datasets write beside the schema."""
    try:
        features = json.loads((metadata or {})[b"huggingface"])["info"]["features"]
        inner = {name: one.get("feature", one) if isinstance(one, dict) else one[0] for name, one in features.items()}
        return {name: one["names"] for name, one in inner.items() if isinstance(one.get("names"), list)}
    except (KeyError, ValueError, TypeError, AttributeError, IndexError):
        return {}


def _values(batch: pa.RecordBatch) -> Iterator[tuple[dict[str, Any] | None, str]]:
    plain = pa.RecordBatch.from_arrays([_plain(column) for column in batch.columns], names=batch.schema.names)
    try:
        for row in plain.to_pylist() if plain.num_columns else [{}] * batch.num_rows:
            yield _checked(row)
    except UnicodeDecodeError:
        for place in range(plain.num_rows):
            yield _alone(plain.slice(place, 1))


def _alone(row: pa.RecordBatch) -> tuple[dict[str, Any] | None, str]:
    try:
        return _checked(row.to_pylist()[0])
    except UnicodeDecodeError:
        return None, "not valid UTF-8"


def _plain(column: pa.Array) -> pa.Array:
    """Dates, times and decimals as text, bytes as they are: values that JSON and CSV have too."""
    kind = column.type
    if not (pa.types.is_temporal(kind) or pa.types.is_decimal(kind)):
        return column
    try:
        return column.cast(pa.string())
    except pa.ArrowInvalid:
        if not pa.types.is_timestamp(kind):
            raise
        return column.cast(pa.timestamp(kind.unit, "UTC")).cast(pa.string())  # of a time zone that nobody knows


def _checked(row: dict[str, Any]) -> tuple[dict[str, Any] | None, str]:
    size = 0
    for name, value in row.items():
        if isinstance(value, str):
            size += len(value)
            if "\0" in value:
                return None, f"column {name!r} holds a NUL character"
        elif isinstance(value, bytes):
            return None, f"column {name!r} holds bytes, not text"
    return (None, TOO_LONG) if size > row_bytes.MAX_ROW_BYTES else (row, "")
