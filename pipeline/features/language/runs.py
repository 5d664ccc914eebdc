"""Words of scripts that put no blanks between them: overlapping pieces of a run of letters.

A name is cut like the text around it, so that its pieces stand one after the other there too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from pipeline.features.tokens import fold

_HAN = "\u3040-\u30ff\u3099\u309a\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # and kana
_THAI = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\ua9e0-\ua9ff\uaa60-\uaa7f"  # and Lao, Burmese, Khmer
_HAN_PIECE, _THAI_PIECE = 2, 3  # letters; vowel signs count


def has_runs(text: str) -> bool:
    """Whether a text has letters of such a script."""
    return not text.isascii() and _any().search(text) is not None


@cache
def _any() -> re.Pattern[str]:
    """Compiled when it is needed: English never asks."""
    return re.compile(f"[{_HAN}{_THAI}\uff66-\uff9f]")


@cache
def _run() -> re.Pattern[str]:
    return re.compile(f"([{_HAN}]+)|([{_THAI}]+)")


def spaced(text: str) -> tuple[str, list[int]]:
    """The folded text with each run cut into pieces with blanks between, and where each letter of it comes from."""
    plain = fold(text)
    letters: list[str] = []
    places: list[int] = []
    for start, end in _pieces(plain):
        letters += plain[start:end]
        places += range(start, end)
        letters.append(" ")
        places.append(max(start, end - 1))
    return "".join(letters), places


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    """The pieces of runs, and what stands between the runs."""
    done = 0
    for run in _run().finditer(text):
        if done < run.start():
            yield done, run.start()
        size = _HAN_PIECE if run[1] else _THAI_PIECE
        for start in range(run.start(), max(run.start() + 1, run.end() - size + 1)):
            yield start, min(start + size, run.end())
        done = run.end()
    if done < len(text):
        yield done, len(text)
