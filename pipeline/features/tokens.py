"""Text to tokens: words with their case, dotted acronyms whole, offsets for marking.

The definition is on folded text, in which every character above ASCII is a letter or digit, so that a compiled scanner
over UTF-8 bytes gives the same tokens.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.common.patterns import lazily

LOWER, CAPITALISED, UPPER = 0, 1, 2

_ABOVE_ASCII = re.compile(r"[^\x00-\x7f]+")
_LETTER = r"[^\x00-/:-@\[-`{-\x7f]"  # a digit, a letter or above ASCII: said so, it is compiled in a tenth of the time
_TOKEN = re.compile(rf"(?:[A-Za-z]\.)+[A-Za-z](?!{_LETTER})\.?|{_LETTER}+(?:'{_LETTER}+)*")  # U.S., a.m or a word
_PUNCTUATION = {0x2018: "'", 0x2019: "'", 0x201B: "'", 0x02BC: "'", 0x00DF: "ss", 0x0131: "i"}
_PUNCTUATION |= {0x00E6: "ae", 0x00C6: "AE", 0x0153: "oe", 0x0152: "OE", 0x00F8: "o", 0x00D8: "O", 0x0142: "l"}
_PUNCTUATION |= {0x0141: "L", 0x0111: "d", 0x0110: "D", 0x2026: "..."}


# Marks that are letters: vowel signs of India and South-East Asia, and the voiced sounds of kana.
_SIGNS = lazily("[\u0900-\u109f\u1780-\u17ff\u1b00-\u1cff\ua800-\uabff\u3099\u309a]")


class _Fold(dict[int, str]):
    """Each character's folded form, made on first use."""

    def __missing__(self, code: int) -> str:
        folded = "".join(map(_fold_part, unicodedata.normalize("NFKD", chr(code))))
        self[code] = folded
        return folded


def _fold_part(part: str) -> str:
    if part.isascii():
        return part
    kind = unicodedata.category(part)
    if kind == "Mc" or (kind == "Mn" and _SIGNS.match(part)):
        return part
    if unicodedata.combining(part) or kind in ("Mn", "Cf"):
        return ""
    return part.lower() if part.isalnum() else " "


_FOLD = _Fold(_PUNCTUATION)


def fold(text: str) -> str:
    """`text` without accents and typographic marks; letters outside Latin stay, in lower case."""
    if text.isascii():
        return text
    return _ABOVE_ASCII.sub(lambda run: run.group().translate(_FOLD), text)


@dataclass(slots=True)
class Tokens:
    """The tokens of one text: lower-cased words and their shapes.

    `folded` is the text they were found in, and `places` where each of its characters stands in the text itself, unless
    it stands at the same place.
    """

    words: list[str]
    shapes: list[int]
    folded: str = ""
    places: Sequence[int] | None = None

    @property
    def spans(self) -> list[tuple[int, int]]:
        """Start and end of each token in the text, found anew: few texts are asked for them."""
        found, places = [match.span() for match in _TOKEN.finditer(self.folded)], self.places
        return found if places is None else [(places[start], places[end - 1] + 1) for start, end in found]


def tokenize(text: str) -> Tokens:
    """Tokens of `text`: possessive 's dropped, apostrophes and acronym dots taken out."""
    folded = fold(text)
    found = _TOKEN.findall(folded)
    if not found:
        return Tokens([], [], folded)
    written = [word if word.isalnum() else _plain(word) for word in found]
    words = " ".join(written).lower().split(" ")  # at once: a call for each word takes five times as long
    shapes = [LOWER if lower == word else _shape(word) for lower, word in zip(words, written, strict=True)]
    return Tokens(words, shapes, folded)


def _plain(raw: str) -> str:
    if "." in raw:
        return raw.replace(".", "")
    if "'" in raw:
        head, _, tail = raw.rpartition("'")
        return (head if tail in ("s", "S") else raw).replace("'", "")
    return raw


def _shape(word: str) -> int:
    if word.isascii() and word.isupper() and len(word) > 1:
        return UPPER
    return CAPITALISED if "A" <= word[0] <= "Z" else LOWER
