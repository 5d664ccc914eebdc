"""A word's stem by a few suffix rules, plain enough for a compiled scanner."""

from __future__ import annotations

SHORTEST_STEM = 3
# The first suffix that fits is taken off: (suffix, what takes its place).
_SUFFIXES = (
    ("sses", "ss"),
    ("ies", "y"),
    ("ied", "y"),
    ("ings", ""),
    ("ing", ""),
    ("edly", ""),
    ("ed", ""),
    ("ly", ""),
    ("ers", "er"),
    ("es", "e"),
    ("s", ""),
)


_BY_LAST = {
    last: tuple((suffix, len(suffix), instead) for suffix, instead in _SUFFIXES if suffix[-1] == last)
    for last in {suffix[-1] for suffix, _ in _SUFFIXES}
}


def stem(word: str) -> str:
    """The stem of a lower-case word; the shape of a number, such as `#4` for a year and `#x` for 1st or 3d.

    Light on purpose: plurals, -ing, -ed and -ly. Anything heavier merges words that belong to different topics.
    """
    found = _STEMS.get(word)
    if found is None:
        found = stem_anew(word)
        if len(_STEMS) < MEMORY:
            _STEMS[word] = found
    return found


MEMORY = 200_000  # words whose stems are remembered
_STEMS: dict[str, str] = {}


def stem_anew(word: str) -> str:
    """The same, for words each of which is asked for once: nothing is remembered."""
    if word[0].isdigit():
        return f"#{len(word)}" if word.isdigit() else "#x"
    letters = len(word)
    if letters <= SHORTEST_STEM:
        return word
    if word[-1] in _BY_LAST and not word.endswith("ss"):
        for suffix, length, instead in _BY_LAST[word[-1]]:
            if letters - length >= SHORTEST_STEM and word.endswith(suffix):
                word = word[:-length] + instead
                letters = len(word)
                break
    if word[-1] == "e":
        return word[:-1] if letters > SHORTEST_STEM else word
    return word[:-1] if letters > SHORTEST_STEM + 1 and word[-1] == word[-2] and word[-1] not in "ls" else word


ACRONYM_LETTERS = 4


COUNTRY = "@country"
