"""Which of many texts `forms.remarks` could have something to say of, told by one compiled walk through their letters.

It errs on one side only: a text that it passes over is a plain article.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pipeline.features.compiled.compiler import compiled, part
from pipeline.features.forms import (
    ENDS,
    FEWEST_CUES,
    FEWEST_HEADLINES,
    FEWEST_MARKS,
    LETTERS,
    MOST_LINES,
    SENTENCES,
    WORDS,
)

_BREAK, _BLANK, _COLON, _DOT, _QUOTE, _LARGER, _BRACE, _Q, _A, _Z = map(ord, '\n :.">{QAZ')
_SMALL_A, _SMALL_Z, _ABOVE_ASCII, _LEAD, _CAPITAL = ord("a"), ord("z"), 0x80, 0xC0, 0xDF
_MARKS = ("[[", "[/", "{{", "==", "](", "**", "``", "# ", "</", *(f"\\{letter}" for letter in "bceist"))
_BETWEEN = ("//", "\u2022", "\u00b7", "\u25cf")
_MARK, _BESIDE = 1, 2
_FEWEST_TURNS = 3  # of two who speak, when one speaks again
_FEWEST_WORDS, _TOO_MANY_WORDS = WORDS.start, WORDS.stop
_NAME, _CLOCK = 70, 9  # letters from a line's beginning to the colon behind a name, bytes to the first one in a time


def _pairs() -> np.ndarray:
    """What two bytes that follow each other say (256, 256), uint8: all signs beyond ASCII that begin alike are one."""
    found = np.zeros((256, 256), np.uint8)
    for signs, kind in ((_MARKS, _MARK), (_BETWEEN, _BESIDE)):
        for first, second, *_ in map(str.encode, signs):
            found[first, second] = kind
    found[ord("|")] = _BESIDE
    return found


_PAIR = _pairs()
_ENDS = np.array([chr(byte) in ENDS for byte in range(256)])
_LOOKED_AT = np.asarray(_PAIR.any(axis=1))
_LOOKED_AT[[_BREAK, _COLON, _DOT, _LARGER, _BRACE]] = True


def remarkable(texts: Sequence[str]) -> np.ndarray:
    """Which texts (n,) may be more than plain articles."""
    fields = [text.encode("utf-8", "surrogatepass") for text in texts]
    bounds = np.zeros(len(fields) + 1, np.int64)
    np.cumsum([len(field) for field in fields], out=bounds[1:])
    places, found = np.empty(max(map(len, fields), default=0) + 1, np.int64), np.zeros(len(fields), np.bool_)
    _look(np.frombuffer(b"".join(fields), np.uint8), bounds, places, found)
    return found


@compiled
def _look(data: Any, bounds: Any, places: Any, found: Any) -> None:
    """Fill in which texts are remarkable; `places` has room for those of a text's signs, found without a branch."""
    for number in range(len(found)):
        begin, end = bounds[number], bounds[number + 1]
        seen = 0
        for at in range(begin, end):
            places[seen] = at
            seen += _LOOKED_AT[data[at]]
        breaks = stops = sentences = colons = turns = times = marks = braces = beside = 0
        line, sure = begin, False
        for place in range(seen):
            at = places[place]
            sign = data[at]
            after = data[at + 1] if at + 1 < end else 0
            marks += _PAIR[sign, after] == _MARK
            beside += _PAIR[sign, after] == _BESIDE
            if sign == _BREAK:
                breaks, line = breaks + 1, at + 1
                turns += _answers(data, line, end)
            elif sign == _DOT:
                stops += after == _BREAK
                sentences += after == _BLANK
                sure |= after == _BLANK and at > begin and data[at - 1] == _Q
            elif sign == _COLON:
                colons += 1
                times += line < at <= line + _CLOCK
                turns += _speaks(data, begin, at)
            elif sign == _LARGER:
                sure |= after == _LARGER
            elif sign == _BRACE:
                braces += 1
        lines = breaks + 1
        marked = marks >= FEWEST_MARKS or (braces and colons >= FEWEST_MARKS)
        timed = times >= FEWEST_CUES and 4 * times >= lines
        spoken = colons >= FEWEST_CUES and (timed or turns + _answers(data, begin, end) >= _FEWEST_TURNS)
        prose = stops > (1 - MOST_LINES) * lines or (not _digit(data, begin, end) and sentences > SENTENCES * lines)
        listed = False
        if not prose:
            listed = beside >= FEWEST_HEADLINES - 1
            if lines >= FEWEST_HEADLINES:
                heads, others = _headlines(data, begin, end)
                listed = heads >= FEWEST_HEADLINES and others <= (1 - MOST_LINES) * lines
        found[number] = sure or marked or spoken or listed


@part
def _digit(data: Any, at: int, end: int) -> bool:
    """Whether a digit may stand there: some are beyond ASCII."""
    return at < end and (data[at] >= _ABOVE_ASCII or ord("0") <= data[at] <= ord("9"))


@part
def _answers(data: Any, line: int, end: int) -> bool:
    """Whether a line begins with `A. `."""
    return line + 2 < end and data[line] == _A and data[line + 1] == _DOT and data[line + 2] == _BLANK


@part
def _speaks(data: Any, begin: int, colon: int) -> bool:
    """Whether the name of somebody who speaks may stand before a colon: in capitals, or at the beginning of a line or
    behind a time."""
    if colon == begin or data[colon - 1] == _BREAK or _A <= data[colon - 1] <= _Z:
        return True
    letters = 0
    for back in range(1, colon - begin + 1):
        sign = data[colon - back]
        letters += sign < _ABOVE_ASCII or sign >= _LEAD
        if letters > _NAME or sign in (ord("?"), ord("!")):
            return False
        if sign == _BREAK:
            return True
        if sign == _COLON:
            return _digit(data, colon - back + 1, colon)
    return True


@part
def _headlines(data: Any, begin: int, end: int) -> Any:
    """How many lines may be headlines, and how many are surely none though they have enough words."""
    heads = others = 0
    line = begin
    while line <= end:
        words = letters = signs = beyond = 0
        at, apart = line, True
        while at < end and data[at] != _BREAK:
            sign = data[at]
            blank = sign == _BLANK or 9 <= sign <= 13 or 28 <= sign <= 31
            words += apart and not blank
            letters += _A <= sign & _CAPITAL <= _Z
            signs += sign != _BLANK
            beyond += sign >= _ABOVE_ASCII
            at, apart = at + 1, blank
        small = at > line and _SMALL_A <= data[line] <= _SMALL_Z
        known = at > line and beyond == 0 and _A <= data[line] & _CAPITAL <= _Z
        ended = at > line and (
            _ENDS[data[at - 1]] or (data[at - 1] == _QUOTE and at > line + 1 and data[at - 2] == _DOT)
        )
        head = not small and not (known and (ended or words >= _TOO_MANY_WORDS or letters < LETTERS * signs))
        others += not head and words >= _FEWEST_WORDS
        heads += head and (not known or words >= _FEWEST_WORDS)
        line = at + 1
    return heads, others
