"""How many rows files hold, near enough for a progress bar, from their first megabytes."""

from __future__ import annotations

import csv
import io
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pipeline.rows.reader import file_format

_HEAD = 1 << 20


def expected_rows(paths: Sequence[Path]) -> int | None:
    """The rows of all files, None where nothing can be said of one."""
    try:
        counts = [_expected_rows(path) for path in paths]
    except OSError:  # reading them will say so
        return None
    return sum(count for count in counts if count) if all(counts) else None


def _expected_rows(path: Path) -> int | None:
    """The rows of a file: counted for Parquet, estimated for lines and tables, None where nothing can be said."""
    form, packing = file_format(path)
    if form == ".parquet":
        return None if packing else _parquet_rows(path)
    if form == ".json":
        return None
    with path.open("rb") as file:
        head = file.read(_HEAD)
    unpacked = _unpacked(head, packing)
    rows = _table_rows(unpacked) if form in (".csv", ".tsv") else unpacked.count(b"\n")
    return max(1, round(rows * path.stat().st_size / max(1, len(head))))


def _parquet_rows(path: Path) -> int | None:
    import pyarrow.parquet as pq
    from pyarrow import ArrowException

    try:
        return int(pq.ParquetFile(path).metadata.num_rows)
    except (ArrowException, OSError):
        return None


def _table_rows(head: bytes) -> int:
    try:
        return sum(1 for _ in csv.reader(io.StringIO(head.decode("utf-8", "replace"), newline=""))) - 1
    except csv.Error:
        return head.count(b"\n")


def _unpacked(head: bytes, packing: str) -> bytes:
    if packing == ".gz":
        return _all_of(lambda: zlib.decompressobj(wbits=31), head, zlib.error)
    if packing == ".zst":
        try:
            import zstandard
        except ImportError:
            return b""
        return _all_of(zstandard.ZstdDecompressor().decompressobj, head, zstandard.ZstdError)
    return head


def _all_of(start: Any, packed: bytes, broken: type[Exception]) -> bytes:
    """The content of the streams in `packed`, one after the other, the last one cut off."""
    found = []
    try:
        while packed:
            stream = start()
            found.append(stream.decompress(packed))
            packed = stream.unused_data
    except broken:
        pass
    return b"".join(found)
