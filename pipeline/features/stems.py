"""A word's stem by a few suffix rules, plain enough for a compiled scanner."""

from __future__ import annotations

_SHORTEST_STEM = 3
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


_LAST = frozenset(suffix[-1] for suffix, _ in _SUFFIXES)


def stem(word: str) -> str:
    """The stem of a lower-case word; the shape of a number, such as `#4` for a year and `#x` for 1st or 3d.

    Light on purpose: plurals, -ing, -ed and -ly. Anything heavier merges words that belong to different topics.
    """
    found = _STEMS.get(word)
    if found is None:
        found = _stem(word)
        if len(_STEMS) < _MEMORY:
            _STEMS[word] = found
    return found


_MEMORY = 200_000
_STEMS: dict[str, str] = {}


def _stem(word: str) -> str:
    if word[0].isdigit():
        return f"#{len(word)}" if word.isdigit() else "#x"
    if len(word) <= _SHORTEST_STEM:
        return word
    base = _without_suffix(word)
    if base.endswith("e") and len(base) > _SHORTEST_STEM:
        return base[:-1]
    if len(base) > _SHORTEST_STEM + 1 and base[-1] == base[-2] and base[-1] not in "ls":
        return base[:-1]
    return base


def _without_suffix(word: str) -> str:
    if word[-1] not in _LAST or word.endswith("ss"):
        return word
    for suffix, instead in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= _SHORTEST_STEM:
            return word[: len(word) - len(suffix)] + instead
    return word


ACRONYM_LETTERS = 4


COUNTRY = "@country"
