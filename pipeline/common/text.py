"""Repairs to an article's text before anything else reads it."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

from pipeline.common.patterns import lazily

_STRAY = lazily(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\ufffd\ufff9-\ufffb]"
)
_SURROGATE = lazily("[\ud800-\udfff]")
_BLANKS = lazily(r"[^\S\n]{2,}|[^\S\n ]")  # a single blank needs no repair, which makes this five times faster
_PRINTED = bytes(range(32, 127)) + b"\n"  # of ASCII
_BREAKS = lazily(r" ?\n[ \n]*")
# Control characters, which a terminal would obey, and those that reorder what is read.
UNSAFE = lazily("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_JOINERS = "\u200c\u200d"  # which shape letters of Persian, Arabic and Indian scripts, and move nothing
_MOST_MARKS = 30  # on one letter, as in Unicode's Stream-Safe Text Format (UAX #15): sorting them takes quadratic time
_MANY_MARKS = lazily(rf"[^\w\x00-\u02ff]{{{_MOST_MARKS + 1},}}")  # at least: every combining mark is one of these


def clean(text: str) -> str:
    """`text` in NFC, one blank or line break between words; control, zero-width and replacement characters gone.

    Paragraphs are kept as single line breaks. A replacement character between words counts as a blank.
    """
    if "  " not in text and _is_plain(text):  # most texts, for which this is ten times faster
        return normalized("\n".join(filter(None, map(str.strip, text.split("\n")))))
    text = _SURROGATE.sub(" ", text).replace("\r\n", "\n").replace("\r", "\n").replace("\x85", "\n")
    text = _STRAY.sub(lambda match: " " if match.group() == "\ufffd" else "", text)
    return _BREAKS.sub("\n", _BLANKS.sub(" ", normalized(text))).strip()


def _is_plain(text: str) -> bool:
    """Whether a text holds nothing but signs that can be printed, blanks and line breaks."""
    if text.isascii():
        return not text.encode().translate(None, _PRINTED)
    return "\ufffd" not in text and all(map(str.isprintable, text.split("\n")))


def clean_line(text: str) -> str:
    """`text` cleaned and on one line, as a title is."""
    return clean(text).replace("\n", " ")


def safe(text: str) -> str:
    """`text` with every character that a terminal would obey replaced, one for one."""
    return UNSAFE.sub("\ufffd", text.replace("\r\n", " \n").replace("\r", "\n"))


def plain(text: str) -> str:
    """One line that does a terminal no harm: control characters, escape codes and direction marks become �."""
    return "".join(char if char.isprintable() or char in _JOINERS else " " if char.isspace() else "�" for char in text)


def normalized(text: str, form: Literal["NFC", "NFD", "NFKC", "NFKD"] = "NFC") -> str:
    """`text` in a Unicode form, in linear time: marks on one letter beyond the thirtieth go, as sorting them is not."""
    return text if text.isascii() else unicodedata.normalize(form, _MANY_MARKS.sub(_fewer_marks, text))


def _fewer_marks(match: re.Match[str]) -> str:
    kept, marks = [], 0
    for sign in match.group():
        for part in unicodedata.normalize("NFD", sign):  # some marks without a class of their own are made of marks
            marks = marks + 1 if unicodedata.combining(part) else 0
        if marks <= _MOST_MARKS:
            kept.append(sign)
    return "".join(kept)
