"""Where the words of a cleaned and folded text stand in the text as it was given."""

from __future__ import annotations

from functools import cache

import numpy as np

from pipeline.common.text import clean
from pipeline.features.tokens import Tokens, fold


def spans(original: str, cleaned: str, tokens: Tokens) -> list[tuple[int, int]]:
    """Start and end in `original` of each of `tokens`, which were made of `cleaned`.

    Cleaning and folding change blanks, and take characters out or turn one into several, each on its own: the visible
    characters that are left stand in the same order on both sides.
    """
    if original == cleaned and original.isascii():
        return tokens.spans
    places = _places(original)
    visible = np.concatenate(([0], np.cumsum([not sign.isspace() for sign in fold(cleaned)], dtype=np.int64)))
    if visible[-1] != len(places):
        return [(0, 0)] * len(tokens.spans)
    return [(int(places[visible[start]]), int(places[visible[end] - 1]) + 1) for start, end in tokens.spans]


def _places(original: str) -> np.ndarray:
    """The position in `original` of each visible character of its folded form."""
    codes = np.frombuffer(original.encode("utf-32-le", "surrogatepass"), "<u4")
    known, which = np.unique(codes, return_inverse=True)
    widths = np.array([_width(code) for code in known.tolist()], dtype=np.int64)
    return np.repeat(np.arange(len(codes)), widths[which])


@cache
def _width(code: int) -> int:
    """How many visible characters one character becomes."""
    alone = clean(f"x{chr(code)}x")  # a combining mark that stands first would be kept
    return sum(not sign.isspace() for sign in fold(alone)) - 2
