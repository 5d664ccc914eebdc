"""Rows of fastText's format: `__label__sport __label__golf` and the text, one article per line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from pipeline.rows import streams as row_bytes
from pipeline.rows.json_rows import TOO_LONG, Parsed

MARK = "__label__"


def read(path: Path, stream: BinaryIO) -> Iterator[Parsed]:
    """The text and topics of each line; labels may stand anywhere in it."""
    for number, line in enumerate(row_bytes.lines(path, stream), 1):
        if line is None:
            yield number, None, TOO_LONG
        elif not line.isspace():
            yield number, *_row(line)


def _row(line: bytes) -> tuple[dict[str, object] | None, str]:
    try:
        words = line.decode("utf-8").split()
    except UnicodeDecodeError as error:
        return None, f"not valid UTF-8 at byte {error.start + 1} of the row"
    labels = [word.removeprefix(MARK) for word in words if word.startswith(MARK)]
    text = " ".join(word for word in words if not word.startswith(MARK))
    return ({"text": text, "topics": labels}, "") if "\0" not in text else (None, "holds a NUL character")
