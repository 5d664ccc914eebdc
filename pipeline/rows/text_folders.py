"""Folders of text files: labels lie beside them, as Annif has it, or are the name of the folder that they are in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from pipeline.common.encodings import encoding_of
from pipeline.common.errors import DataError
from pipeline.rows.json_rows import Parsed
from pipeline.rows.streams import MAX_ROW_BYTES

_BESIDE = (".tsv", ".key")


def read(path: Path, stream: BinaryIO) -> Iterator[Parsed]:
    """The one article of a text file. Raises DataError for one that is too large."""
    content = stream.read(MAX_ROW_BYTES + 1)
    if len(content) > MAX_ROW_BYTES:
        raise DataError(f"{path} has more than {MAX_ROW_BYTES >> 20} MB: that is no article")
    yield 1, _row(path, content.decode("utf-8-sig", "replace")), ""


def _row(path: Path, text: str) -> dict[str, Any]:
    beside = next((file for ending in _BESIDE if (file := path.with_suffix(ending)).is_file()), None)
    labels = [path.resolve().parent.name] if beside is None else _labels(beside)
    return {"id": path.stem, "text": text, "topics": labels}


def _labels(path: Path) -> list[str]:
    """One label per line: a name, or an address and a name, of which the address is the label."""
    content = path.read_bytes()
    lines = content.decode(encoding_of(content, str(path)), "replace").splitlines()
    return [label for line in lines if (label := line.partition("\t")[0].strip())]
