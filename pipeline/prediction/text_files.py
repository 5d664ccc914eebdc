"""The texts people have: files of unknown encoding, HTML pages, standard input, folders."""

from __future__ import annotations

import codecs
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pipeline.common.errors import DataError
from pipeline.common.project import missing
from pipeline.features.texts import Text, as_text

STDIN = "-"
TEXT_SUFFIXES = (".txt", ".text", ".md", ".htm", ".html", ".xhtml")
_HTML_SUFFIXES = (".htm", ".html", ".xhtml")
_HTML_START = re.compile(
    rb"\s*(<\?xml[^>]*>\s*)?(<!--(?>.*?-->)\s*)*+<(!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.S
)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
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
_PRINTABLE = 0.9
# What English and its neighbours write above ASCII, and what shows that the bytes were read with the wrong table.
_USUAL = re.compile(
    "(?<![a-z])[\u00c0-\u00d6\u00d8-\u00de]"
    "|[\u00df-\u00f6\u00f8-\u00ff\u0153\u2013\u2014\u2018\u2019\u201c\u201d\u2022\u2026\u20ac\u00a3\u00a7\u00a9\u00ab\u00b0\u00bb]"
)
_ODD = re.compile(
    "[a-z][\u00c0-\u00de\u0152\u0160\u0178\u017d\u201a\u201e\u2026\u02c6\u2030\u2020\u2021\u2039][a-z ]"
    "|[\u2026\u0192\u201a\u201e][A-Z]"
)
_ONE_BYTE_TABLES = ("cp1252", "mac_roman", "cp850")


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
        content = sys.stdin.buffer.read() if str(path) == STDIN else Path(path).read_bytes()
    except OSError as error:
        raise DataError(f"{name} can't be read: {error.strerror}") from None
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
    for bom, encoding in _BOMS:
        if content.startswith(bom):
            return content.decode(encoding, errors="replace")
    for magic, meaning in _NO_TEXTS.items():
        if content.startswith(magic):
            raise DataError(f"{name} is {meaning}")
    if b"\0" in content:
        return _with_zeros(content, name)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return _damaged_utf8(content) or max(_old_tables(content), key=_likely)


def _with_zeros(content: bytes, name: str) -> str:
    """UTF-16 without a mark has a zero in every other byte of English."""
    head = content[: _LOOKED_AT // 2 * 2]
    for encoding, zeros in (("utf-16-le", head[1::2]), ("utf-16-be", head[::2])):
        if zeros.count(0) > 0.6 * len(zeros) and head.count(0) < 0.7 * len(head):
            text = content.decode(encoding, errors="replace")
            if sum(sign.isprintable() or sign.isspace() for sign in text) > _PRINTABLE * len(text):
                return text
    raise DataError(f"{name} holds no text; give a text file, or rows with --input")


def _damaged_utf8(content: bytes) -> str:
    """UTF-8 with a little damage, as when it was cut off within a character; nothing when it is another table."""
    text = content.decode("utf-8", errors="replace")
    whole = sum(sign > "\x7f" and sign != "\ufffd" for sign in text)
    return text if text.count("\ufffd") * 3 <= whole else ""


def _old_tables(content: bytes) -> Iterator[str]:
    return (content.decode(table, errors="replace") for table in _ONE_BYTE_TABLES)


def _likely(text: str) -> int:
    return len(_USUAL.findall(text)) - 2 * len(_ODD.findall(text))


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
