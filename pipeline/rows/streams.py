"""Bytes of people's files: opened through gzip and zstd, looked at for what they are, cut into bounded lines."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from pipeline.common.errors import DataError
from pipeline.common.project import missing

MAX_ROW_BYTES = 64 << 20
"""A line or row above this is an error of its own instead of a full memory."""

_MAX_SKIPPED = 16 * MAX_ROW_BYTES
_LOOKED_AT = 8192
_CHUNK = 1 << 20
_PACKED_CHUNK = 1 << 10
_BINARY_SHARE = 0.3
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r\f\x1b\b"))
_MAGIC = {
    b"PK\x03\x04": "a zip file or an Excel workbook: export it as CSV",
    b"\x1f\x8b": "a gzip file: name it with .gz at the end",
    b"\x28\xb5\x2f\xfd": "a zstd file: name it with .zst at the end",
    b"PAR1": "a Parquet file: name it .parquet",
    b"\xd0\xcf\x11\xe0": "an Excel workbook: export it as CSV",
    b"%PDF": "a PDF: export the articles as CSV or JSONL",
    b"SQLite format 3": "an SQLite database: export a table as CSV",
    b"\xff\xfe": "UTF-16 text: save it as UTF-8",
    b"\xfe\xff": "UTF-16 text: save it as UTF-8",
}
BOM = b"\xef\xbb\xbf"


@contextmanager
def opened(path: Path, packing: str) -> Iterator[BinaryIO]:
    """The unpacked bytes of a file; `packing` is "", ".gz" or ".zst".

    Raises DataError when the file can't be read or is not packed the way its name says, at whichever byte that shows.
    """
    try:
        with path.open("rb") as file:
            yield _unpacked(file, packing)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(f"{path} is no whole gzip file ({error}): fetch or write it again") from None
    except OSError as error:
        raise DataError(f"{path} can't be read: {error.strerror or error}") from None


def check_text(path: Path, stream: BinaryIO) -> None:
    """Raises DataError when the first bytes are those of a format that is no text, or of none at all."""
    head = cast("io.BufferedReader", stream).peek(_LOOKED_AT)[:_LOOKED_AT]
    if not head:
        raise DataError(f"{path} is empty: write at least one row into it")
    for magic, meaning in _MAGIC.items():
        if head.startswith(magic):
            raise DataError(f"{path} is not what its name says but {meaning}")
    controls = len(head) - len(head.translate(None, _CONTROLS))
    if controls > _BINARY_SHARE * len(head):
        raise DataError(f"{path} is binary, not text: give a JSONL, CSV, TSV or Parquet file")


def lines(path: Path, stream: BinaryIO) -> Iterator[bytes | None]:
    """The lines with their ends, without a byte order mark; None stands for one above MAX_ROW_BYTES."""
    line = stream.readline(MAX_ROW_BYTES + 1).removeprefix(BOM)
    while line:
        if len(line) > MAX_ROW_BYTES:
            _skip_line(path, stream, line[-1:])
            yield None
        else:
            yield line
        line = stream.readline(MAX_ROW_BYTES + 1)


def unpack_to(path: Path, stream: BinaryIO, target: BinaryIO, limit: int) -> None:
    """Copy a packed file's bytes to `target`. Raises DataError above `limit` bytes."""
    copied = 0
    while chunk := stream.read(_CHUNK):
        copied += len(chunk)
        if copied > limit:
            raise DataError(f"{path} unpacks to more than {limit >> 30} GB: unpack it and give the file itself")
        target.write(chunk)
    target.seek(0)


def _unpacked(file: BinaryIO, packing: str) -> BinaryIO:
    if packing == ".gz":
        return cast("BinaryIO", io.BufferedReader(cast("io.RawIOBase", gzip.GzipFile(fileobj=file)), _CHUNK))
    if packing == ".zst":
        return cast("BinaryIO", io.BufferedReader(_Zstd(file), _CHUNK))
    return cast("BinaryIO", io.BufferedReader(cast("io.RawIOBase", file), _CHUNK))


class _Zstd(io.RawIOBase):
    """A zstd stream that tells a file that is cut off; the library's own reader takes that for the end."""

    def __init__(self, file: BinaryIO) -> None:
        try:
            import zstandard
        except ImportError:
            raise DataError(missing(file.name, "data")) from None
        self._file = file
        self._error = zstandard.ZstdError
        self._start_frame = zstandard.ZstdDecompressor().decompressobj
        self._frame = self._start_frame()
        self._packed = b""
        self._unpacked = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        try:
            while not self._unpacked and self._take():
                pass
        except self._error as error:
            raise self._broken(str(error)) from None
        count = min(len(buffer), len(self._unpacked))
        buffer[:count] = self._unpacked[:count]
        self._unpacked = self._unpacked[count:]
        return count

    def _take(self) -> bool:
        """Unpack a little more; False at the end."""
        if self._frame.eof:
            self._packed = self._frame.unused_data or b""
        self._packed = self._packed or self._file.read(_PACKED_CHUNK)
        if not self._packed:
            if not self._frame.eof:
                raise self._broken("it is cut off")
            return False
        if self._frame.eof:
            self._frame = self._start_frame()
        self._unpacked = self._frame.decompress(self._packed)
        self._packed = b""
        return True

    def _broken(self, reason: str) -> DataError:
        return DataError(f"{self._file.name} is no whole zstd file ({reason}): fetch or write it again")


def _skip_line(path: Path, stream: BinaryIO, last: bytes) -> None:
    skipped = 0
    while last and last != b"\n":
        piece = stream.readline(_CHUNK)
        skipped += len(piece)
        last = piece[-1:]
        if skipped > _MAX_SKIPPED:
            raise DataError(f"{path} has a line of more than {_MAX_SKIPPED >> 30} GB: that is no file of rows")
