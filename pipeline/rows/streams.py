"""Bytes of people's files: unpacked, looked at for what they are, turned into UTF-8, cut into bounded lines."""

from __future__ import annotations

import bz2
import codecs
import gzip
import io
import lzma
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

from pipeline.common.encodings import encoding_of
from pipeline.common.errors import DataError
from pipeline.common.project import missing
from pipeline.rows.gzip_bytes import GzipBytes

MAX_ROW_BYTES = 64 << 20
"""A line or row above this is an error of its own instead of a full memory."""

_MAX_SKIPPED = 16 * MAX_ROW_BYTES
_LOOKED_AT = 8192
_CHUNK = 1 << 20
_SAMPLE = 1 << 22
_BINARY = "is binary, not text: give a JSONL, CSV, TSV, Parquet or Excel file"
_BINARY_SHARE = 0.3
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r\f\x1b\b"))
_MAGIC = {
    b"PK\x03\x04": "a zip file or an Excel workbook: name it .csv.zip or .xlsx, or export it as CSV",
    b"\x1f\x8b": "a gzip file: name it with .gz at the end",
    b"\x28\xb5\x2f\xfd": "a zstd file: name it with .zst at the end",
    b"PAR1": "a Parquet file: name it .parquet",
    b"\xd0\xcf\x11\xe0": "an Excel workbook: name it .xls, or export it as CSV",
    b"%PDF": "a PDF: export the articles as CSV or JSONL",
    b"SQLite format 3": "an SQLite database: export a table as CSV",
}
BOM = b"\xef\xbb\xbf"
_KINDS = {".gz": "gzip", ".zst": "zstd", ".bz2": "bzip2", ".xz": "xz", ".zip": "zip"}


@contextmanager
def opened(path: Path, packing: str) -> Iterator[BinaryIO]:
    """The unpacked bytes of a file; `packing` is "", ".gz", ".zst", ".bz2", ".xz" or ".zip" (of one file).

    Raises DataError when the file can't be read or is not packed the way its name says, at whichever byte that shows.
    """
    try:
        with path.open("rb") as file, _unpacked(path, file, packing) as stream:
            yield cast("BinaryIO", stream)
            if isinstance(stream.raw, GzipBytes) and stream.raw.problem:
                raise stream.raw.problem
    except (EOFError, zlib.error, gzip.BadGzipFile, lzma.LZMAError, _bad_zip()) as error:
        raise DataError(f"{path} is no whole {_KINDS[packing]} file ({error}): fetch or write it again") from None
    except (NotImplementedError, RuntimeError) as error:
        if packing != ".zip":
            raise
        raise DataError(f"{path} can't be unpacked ({error}): unpack it yourself and give the folder") from None
    except OSError as error:
        if packing and error.errno is None:
            raise DataError(f"{path} is no whole {_KINDS[packing]} file ({error}): fetch or write it again") from None
        raise DataError(f"{path} can't be read: {error.strerror or error}") from None


def as_utf8(path: Path, stream: BinaryIO, encoding: str = "") -> BinaryIO:
    """The bytes as UTF-8, from the encoding named or the one that a mark or the first megabytes show.

    Raises DataError when the first bytes are those of a format that is no text, or of none at all.
    """
    head = cast("io.BufferedReader", stream).peek(_LOOKED_AT)[:_LOOKED_AT]
    if not head:
        raise DataError(f"{path} is empty: write at least one row into it")
    for magic, meaning in _MAGIC.items():
        if head.startswith(magic):
            raise DataError(f"{path} is not what its name says but {meaning}")
    if not encoding and not head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and _zeros_are_few(head):
        controls = len(head) - len(head.translate(None, _CONTROLS))
        if controls > _BINARY_SHARE * len(head):
            raise DataError(f"{path} {_BINARY}")
    found, first = encoding, b""
    if not encoding:
        first = stream.read(_SAMPLE)
        found = _found(path, first)
    if found.replace("_", "-").lower() in ("utf-8", "utf8", "utf-8-sig"):
        kind = _OldLines if b"\r" in first and b"\n" not in first else _Joined
        return cast("BinaryIO", io.BufferedReader(kind(first, stream), _CHUNK)) if first else stream
    return cast("BinaryIO", io.BufferedReader(_Recoded(path, first, stream, found), _CHUNK))


def _found(path: Path, sample: bytes) -> str:
    if _is_utf8(sample) and not _zeros_are_many(sample):
        return "utf-8"
    few = sample if _zeros_are_many(sample) else sample.replace(b"\0", b"")  # a row with one is a bad row
    try:
        return encoding_of(few, str(path))
    except DataError:
        raise DataError(f"{path} {_BINARY}") from None


def _is_utf8(sample: bytes) -> bool:
    """Whether bytes that may be cut off within a character are UTF-8."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        return False
    return True


def _zeros_are_many(sample: bytes) -> bool:
    return sample[:_LOOKED_AT].count(0) * 4 > len(sample[:_LOOKED_AT])


def _zeros_are_few(sample: bytes) -> bool:
    return not _zeros_are_many(sample)


class _Joined(io.RawIOBase):
    """Bytes that were read already, and the stream that they came from."""

    def __init__(self, first: bytes, rest: BinaryIO) -> None:
        self._held, self._rest = first, rest

    def readable(self) -> bool:
        return True

    def more(self) -> bytes:
        """The next bytes; empty at the end."""
        held, self._held = self._held, b""
        return held or self._rest.read(_CHUNK)

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        content = self.more()
        count = min(len(buffer), len(content))
        buffer[:count], self._held = content[:count], content[count:]
        return count


class _OldLines(_Joined):
    """Lines that end with a lone carriage return, as Excel for the Mac writes them."""

    def more(self) -> bytes:
        """The next bytes, with line feeds; empty at the end."""
        return super().more().replace(b"\r", b"\n")


class _Recoded(_Joined):
    """A stream of another encoding as UTF-8; what can't be decoded becomes the replacement character."""

    def __init__(self, path: Path, first: bytes, rest: BinaryIO, encoding: str) -> None:
        super().__init__(b"", rest)
        try:
            self._decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
        except LookupError:
            raise DataError(f"{path}: there is no encoding '{encoding}'; such as utf-8, utf-16, cp1252") from None
        self._first, self._ended = first, False

    def more(self) -> bytes:
        """The next bytes of UTF-8; empty at the end."""
        held, self._held = self._held, b""
        while not held and not self._ended:
            packed, self._first = self._first or self._rest.read(_CHUNK), b""
            self._ended = not packed
            held = self._decoder.decode(packed, final=self._ended).encode("utf-8", "replace")
        return held


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


def _unpacked(path: Path, file: BinaryIO, packing: str) -> io.BufferedReader:
    openers: dict[str, Callable[[], Any]] = {
        "": lambda: file,
        ".gz": lambda: GzipBytes(file),
        ".zst": lambda: _zstd(file),
        ".bz2": lambda: bz2.BZ2File(file),
        ".xz": lambda: lzma.LZMAFile(file),  # noqa: SIM115
        ".zip": lambda: _zipped(path, file),
    }
    return io.BufferedReader(openers[packing](), _CHUNK)


def _bad_zip() -> type[Exception]:
    from zipfile import BadZipFile

    return BadZipFile


def _zipped(path: Path, file: BinaryIO) -> Any:
    """The one file in a zip file, as spreadsheets and pandas write it; what a Mac puts beside it doesn't count."""
    from zipfile import ZipFile

    archive = ZipFile(file)
    names = [one for one in archive.namelist() if not one.endswith("/") and not one.startswith(("__MACOSX/", "."))]
    if len(names) != 1:
        raise DataError(f"{path} holds {len(names)} files: unpack it, and give the folder")
    return archive.open(names[0])


def _zstd(file: BinaryIO) -> BinaryIO:
    try:
        import pyarrow
    except ImportError:
        raise DataError(missing(f"{file.name}, a zstd file,", "bulk")) from None
    return cast("BinaryIO", pyarrow.input_stream(file, compression="zstd"))


def _skip_line(path: Path, stream: BinaryIO, last: bytes) -> None:
    skipped = 0
    while last and last != b"\n":
        piece = stream.readline(_CHUNK)
        skipped += len(piece)
        last = piece[-1:]
        if skipped > _MAX_SKIPPED:
            raise DataError(f"{path} has a line of more than {_MAX_SKIPPED >> 30} GB: that is no file of rows")
