"""The encoding of texts whose writers didn't say: by mark, as UTF-8 or UTF-16 if they can be, else the likeliest."""

from __future__ import annotations

import codecs

from pipeline.common.errors import DataError
from pipeline.common.patterns import lazily

BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LOOKED_AT = 8192
_PRINTABLE = 0.9
# What English and its neighbours write above ASCII, and what shows that the bytes were read with the wrong table.
_USUAL = lazily(
    "(?<![a-z])[\u00c0-\u00d6\u00d8-\u00de]"
    "|[\u00df-\u00f6\u00f8-\u00ff\u0153\u2013\u2014\u2018\u2019\u201c\u201d\u2022\u2026\u20ac\u00a3\u00a7\u00a9\u00ab\u00b0\u00bb]"
)
_ODD = lazily(
    "[a-z][\u00c0-\u00de\u0152\u0160\u0178\u017d\u201a\u201e\u2026\u02c6\u2030\u2020\u2021\u2039][a-z ]"
    "|[\u2026\u0192\u201a\u201e][A-Z]"
)
_ONE_BYTE_TABLES = ("cp1252", "mac_roman", "cp850")
_NO_TEXT = "holds no text; give a text file, or rows with --input"


def encoding_of(content: bytes, name: str = "the text") -> str:
    """The encoding of bytes, which may be cut off at the end. Raises DataError for bytes that are no text."""
    for bom, encoding in BOMS:
        if content.startswith(bom):
            return encoding
    if b"\0" in content:
        return _with_zeros(content, name)
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        tables = {table: content.decode(table, errors="replace") for table in _ONE_BYTE_TABLES}
        return "utf-8" if _is_damaged_utf8(content) else max(tables, key=lambda table: _likely(tables[table]))
    return "utf-8"


def _with_zeros(content: bytes, name: str) -> str:
    """UTF-16 without a mark has a zero in every other byte of English."""
    head = content[: _LOOKED_AT // 2 * 2]
    for encoding, zeros in (("utf-16-le", head[1::2]), ("utf-16-be", head[::2])):
        if zeros.count(0) > 0.6 * len(zeros) and head.count(0) < 0.7 * len(head):
            text = content.decode(encoding, errors="replace")
            if sum(sign.isprintable() or sign.isspace() for sign in text) > _PRINTABLE * len(text):
                return encoding
    raise DataError(f"{name} {_NO_TEXT}")


def _is_damaged_utf8(content: bytes) -> bool:
    """UTF-8 with a little damage, as when it was cut off within a character; it is another table otherwise."""
    text = content.decode("utf-8", errors="replace")
    whole = sum(sign > "\x7f" and sign != "\ufffd" for sign in text)
    return text.count("\ufffd") * 3 <= whole


def _likely(text: str) -> int:
    return len(_USUAL.findall(text)) - 2 * len(_ODD.findall(text))
