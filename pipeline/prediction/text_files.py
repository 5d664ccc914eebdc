"""The texts people have: files of unknown encoding, HTML pages, standard input, folders."""

from __future__ import annotations

import codecs
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pipeline.common.encodings import encoding_of
from pipeline.common.errors import DataError
from pipeline.common.project import missing
from pipeline.features.texts import Text, as_text
from pipeline.rows.news.news_rows import is_news_xml

STDIN = "-"
TEXT_SUFFIXES = (".txt", ".text", ".md", ".htm", ".html", ".xhtml")
_HTML_SUFFIXES = (".htm", ".html", ".xhtml")
_HTML_START = re.compile(
    rb"\s*(<\?xml[^>]*>\s*)?(<!--(?>.*?-->)\s*)*+<(!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.S
)
_NO_TEXTS = {
    b"%PDF": "a PDF: save it as text",
    b"PK\x03\x04": "a zip file or an office document: save it as text",
    b"\xd0\xcf\x11\xe0": "an office document: save it as text",
    b"{\\rtf": "an RTF document: save it as text",
    b"\x1f\x8b": "a gzip file: unpack it, or give rows with --input",
    b"\x28\xb5\x2f\xfd": "a zstd file: unpack it, or give rows with --input",
    b"PAR1": "a Parquet file: give it with --input",
}
_LOOKED_AT = 8192


def files_in(paths: Iterable[Path]) -> list[Path]:
    """The files named, and those of the folders named that hold a text or a page, sorted. Raises DataError if none."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = [file for file in sorted(path.rglob("*")) if _is_text(file, path)]
            if not inside:
                raise DataError(f"no text in {path}: give a folder with files that end in {', '.join(TEXT_SUFFIXES)}")
            found += inside
        else:
            found.append(path)
    return found


def read_text(path: Path | str) -> Text:
    """A text file, an HTML page or `-` (standard input) as what is tagged. Raises DataError."""
    name = "stdin" if str(path) == STDIN else str(path)
    try:
        if str(path) == STDIN and sys.stdin is None:
            raise DataError("standard input is closed: give a text or --file F")
        content = sys.stdin.buffer.read() if str(path) == STDIN else Path(path).read_bytes()
    except OSError as error:
        raise DataError(f"{name} can't be read: {error.strerror}") from None
    if is_news_xml(content):
        raise DataError(f"{name} is a feed or news XML of several articles: give it with --input")
    if is_html(name, content):
        return _from_html(name, content)
    try:
        return as_text(decode(content, name))
    except DataError as error:
        raise error if name in str(error) else DataError(f"{name}: {error}") from None


def is_html(name: str, content: bytes) -> bool:
    """Whether a file is an HTML page, by its ending or its beginning."""
    if name.lower().endswith(_HTML_SUFFIXES):
        return True
    return bool(_HTML_START.match(content[:_LOOKED_AT].removeprefix(codecs.BOM_UTF8)))


def decode(content: bytes, name: str = "the text") -> str:
    """Bytes as text: by their byte order mark, as UTF-8 or UTF-16 if they can be, else by the likeliest old table.

    Raises DataError for bytes that are no text.
    """
    for magic, meaning in _NO_TEXTS.items():
        if content.startswith(magic):
            raise DataError(f"{name} is {meaning}")
    return content.decode(encoding_of(content, name), errors="replace")


def _from_html(name: str, content: bytes) -> Text:
    try:
        from trafilatura import bare_extraction
    except ImportError:
        raise DataError(missing(f"{name}, an HTML page,", "html")) from None
    found: Any = bare_extraction(content, with_metadata=True, include_comments=False, include_tables=False)
    text = (found.text or "").strip() if found else ""
    if not found or not text:
        raise DataError(f"{name}: no article found in this HTML page; save its text in a file and give that")
    title = (found.title or "").strip()
    return Text(text.removeprefix(title).lstrip() or text, title)


def _is_text(file: Path, folder: Path) -> bool:
    shown = not any(part.startswith(".") for part in file.relative_to(folder).parts)
    return shown and file.is_file() and file.name.lower().endswith(TEXT_SUFFIXES)
