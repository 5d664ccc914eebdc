"""What a text is if it is no plain article: one with markup, a list of headlines, a transcript."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

HTML = "the text held HTML, which was taken out"
MARKUP = "the text holds {} markup, which was read as words"
HEADLINES = "the text looks like a list of headlines: its tags are those of all of them together"
TRANSCRIPT = "the text looks like a transcript: what is said in passing counts as much as what it is about"

# Patterns are compiled, and remembered, by `re` when a text first asks for them: that takes longer than to tag it.
_MARKUP = {
    "wiki": r"(?m)\[\[[^\[\]\n]{1,200}\]\]|\{\{[^{}\n]{1,300}\}\}|^==[^=\n]{1,100}==",
    "Markdown": r"(?m)\[[^\[\]\n]{1,200}\]\((?:https?:|/|#)[^()\s]{0,500}\)|^#{1,6} \S|\*\*\S[^*\n]{0,200}\*\*|^```",
    "BBCode": r"(?i)\[/(?:b|i|u|url|img|quote|size|color|list|center)\]",
    "XML": r"</[a-zA-Z][\w.:-]{0,60}>",
    "JSON": r"[{,]\s{0,20}\"[\w .@:-]{1,60}\"\s{0,5}:\s{0,5}[\"{\[\dtfn-]",
    "LaTeX": r"\\(?:begin|end|section|subsection|textbf|emph|cite|item)\b",
}
_SIGNS = {
    "wiki": ("[[", "{{", "=="),
    "Markdown": ("](", "**", "`", "# "),
    "BBCode": ("[/",),
    "XML": ("</",),
    "JSON": ("{",),
    "LaTeX": ("\\",),
}
FEWEST_MARKS = 2

_SPEAKER = (  # before a colon, on a line of its own or, in capitals, after a sentence
    r"(?:\n[ \t>*_-]{0,5}|^\d\d[\])]?[ \t-]{1,3})[*_]{0,2}([A-Z][^\n?!]{0,60})$"
    r"|(?:\n|[.?!\"\u201d)\]\u2026-] )([QA]|[A-Z][A-Z .'\u2019-]{1,40}[A-Z])$"
)
_ASKED = ("Q. ", "A. ")
_CUE = r"(?:\d\d:)?\d\d:\d\d[.,]\d{3} --> |[\[(]?\d?\d:\d\d(?::\d\d)?[\])]?$|>> ?\S"
_STAGE = (
    r"(?i)[(\[](?:crosstalk|inaudible|applause|laughter|laughs|music|unintelligible|"
    r"(?:begin|end) (?:video|audio)\w*)[)\]]"
)
_FEWEST_TURNS, FEWEST_CUES = 4, 3
_REPEATED = 0.6  # of the turns that are of speakers who speak again: keys of a table are all different
_WORDS_OF_NAME, _REACH = 7, 80
_LONGEST_TURN = 700  # characters, on average

_BULLET = r"(?:[-*>\u2022\u00b7\u2013\u2014\u25cf\u25aa]+\s*|\(?\d{1,3}[.)]\s+|\d{1,2}[:.]\d\d\s+)+"
_BESIDE = r"\s(?:[|\u2022\u00b7\u25cf]|\*{3}|///?)\s"
_BETWEEN = ("|", "\u2022", "\u00b7", "\u25cf", " *** ", " // ", " /// ")
_BESIDE_SIGNS = "|/*\u2022\u00b7\u25cf"
ENDS = (".", ",", ";", ":", "-", ".\u201d", '."')
_FIRST = "0123456789'\"\u2018\u201c$\u00a3\u20ac"
FEWEST_HEADLINES = 4
WORDS = range(4, 23)  # of a headline
MOST_LINES = 0.85  # of the lines that must be headlines, or too short to tell
SENTENCES = 0.25  # sentences for each line, that end within it
LETTERS = 0.75  # of a headline's characters that are letters: fewer in a table


def remarks(text: str, html: bool = False) -> tuple[str, ...]:
    """What a reader should know of a text, `html` if tags were taken out of it; nothing of a plain article.

    Time grows with the length of the text.
    """
    kind = _markup(text)
    found = [HTML] * html
    if kind:
        found.append(MARKUP.format(kind))
    if _is_transcript(text):
        found.append(TRANSCRIPT)
    elif _is_headlines(text):
        found.append(HEADLINES)
    return tuple(found)


def _markup(text: str) -> str:
    """Which markup a text holds, that nothing has taken out."""
    if not _any_of(text, "[{=*`#\\") and not ("<" in text and "</" in text):
        return ""
    for kind, signs in _SIGNS.items():
        if _any_in(text, signs) and len(re.findall(_MARKUP[kind], text)) >= FEWEST_MARKS:
            return kind
    return ""


def _any_of(text: str, signs: str) -> bool:
    for sign in signs:  # noqa: SIM110 (a loop takes half as long)
        if sign in text:
            return True
    return False


def _any_in(text: str, signs: Sequence[str]) -> bool:
    return any(sign[-1] in text and sign.strip()[0] in text and sign in text for sign in signs)


def _often(text: str, sign: str, times: int) -> bool:
    """Whether a sign stands in a text so many times, which is found faster than it is counted."""
    at = -1
    for _ in range(times):
        at = text.find(sign, at + 1)
        if at < 0:
            return False
    return True


def _is_transcript(text: str) -> bool:
    cued, asked = ">" in text and ">>" in text, "Q" in text and "Q. " in text
    if not (cued or asked or _often(text, ":", FEWEST_CUES)):
        return False
    colons, lines = text.count(":"), text.split("\n")
    if len(lines) >= FEWEST_CUES and (4 * colons >= len(lines) or cued):
        cues = sum(map(bool, map(re.compile(_CUE).match, lines)))
        if cues >= FEWEST_CUES and 4 * cues >= len(lines):
            return True
    letters = text.count("Q. ") * asked + sum(line.startswith("A. ") for line in lines[1:])
    few = max(_FEWEST_TURNS, len(text) // _LONGEST_TURN)
    if colons + 2 * letters < min(few, _FEWEST_TURNS - 1):
        return False
    counts = Counter(_speakers(text, lines))
    turns, again = counts.total(), sum(count for count in counts.values() if count > 1)
    return len(counts) > 1 and again >= _REPEATED * turns and turns + 2 * len(re.findall(_STAGE, text)) >= few


def _speakers(text: str, lines: Sequence[str]) -> list[str]:
    """Who speaks, turn by turn; what else stands before a colon as a name would is among them."""
    parts = f"\n{text}".split(":")[:-1]
    find = re.compile(_SPEAKER).search
    before = [match[1] or match[2] for part in parts if (match := find(part, max(0, len(part) - _REACH)))]
    names = [name.strip("*_ ") for name in before if len(name.split()) <= _WORDS_OF_NAME]
    return names + [line[0] for line in lines if line.startswith(_ASKED)]


def _is_headlines(text: str) -> bool:
    if not _often(text, "\n", FEWEST_HEADLINES - 1) and not (_any_of(text, _BESIDE_SIGNS) and _any_in(text, _BETWEEN)):
        return False
    breaks = text.count("\n")
    if text.count(".\n") > (1 - MOST_LINES) * (breaks + 1) or (
        not text[:1].isdigit() and text.count(". ") > SENTENCES * (breaks + 1)
    ):
        return False
    lines = text.split("\n") if breaks + 1 >= FEWEST_HEADLINES else re.split(_BESIDE, text)
    heads, others = 0, (1 - MOST_LINES) * len(lines)  # so many others may be among them
    for line in lines:
        bare = line if line[:1].isalpha() else re.sub(_BULLET, "", line.strip(), count=1)
        if _is_headline(bare):
            heads += 1
        elif len(bare.split(None, WORDS.start)) >= WORDS.start:
            others -= 1
            if others < 0:
                return False
    return heads >= FEWEST_HEADLINES


def _is_headline(line: str) -> bool:
    """Whether a line of some words is no sentence, no piece of one, and no row of a table."""
    if not line or line.endswith(ENDS) or not (line[0].isupper() or line[0] in _FIRST):
        return False
    signs = line.replace(" ", "")
    return len(line.split(None, WORDS.stop)) in WORDS and sum(map(str.isalpha, signs)) >= LETTERS * len(signs)
