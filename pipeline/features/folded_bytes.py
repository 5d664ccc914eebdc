"""A text's folded letters as bytes for the compiled scanner, without a walk through letters that need no folding."""

from __future__ import annotations

import codecs
import unicodedata

from pipeline.common.text import clean
from pipeline.features.tokens import fold

_ERRORS = "dateline.fold"
_LONGEST, _MEMORY = 16, 50_000
_RUNS: dict[str, bytes] = {}
_JAMO = ((0x1100, 0x11FF), (0xA960, 0xA97F), (0xD7B0, 0xD7FF))  # which make one letter with what stands before


def folded_bytes(text: str) -> bytes:
    """Bytes with the tokens of `fold(clean(text))` in UTF-8, once ASCII's control codes are taken out of them.

    Python's encoder copies ASCII and asks for what stands between, mostly quotation marks and dashes, which are folded
    once. Texts in which cleaning joins or reorders letters, and other scripts, are cleaned and folded as a whole.
    """
    try:
        return text.encode("ascii", _ERRORS)
    except UnicodeEncodeError:
        return fold(clean(text)).encode()


def _folded(error: UnicodeError) -> tuple[str | bytes, int]:
    """What takes the place of letters beyond ASCII; raises the error for those that must be seen with their text."""
    assert isinstance(error, UnicodeEncodeError)
    run = error.object[error.start : error.end]
    found = _RUNS.get(run)
    if found is None:
        if len(run) > _LONGEST or not all(map(_stands_alone, run)):
            raise error
        found = fold(run).encode()
        if len(_RUNS) < _MEMORY:
            _RUNS[run] = found
    return found, error.end


def _stands_alone(sign: str) -> bool:
    """Whether a sign is cleaned and folded alike wherever it stands: no mark, control code or half of a pair."""
    kind = unicodedata.category(sign)
    if kind[0] not in "LNPSZ" and kind != "Cf":
        return False
    joins = any(first <= ord(sign) <= last for first, last in _JAMO)
    return not joins and not unicodedata.combining(sign) and unicodedata.is_normalized("NFC", sign)


codecs.register_error(_ERRORS, _folded)
