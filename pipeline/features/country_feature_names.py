"""The names of country features: written here, read here, and what each says in plain words."""

from __future__ import annotations

from collections.abc import Container
from typing import NamedTuple

PEOPLE, OTHER, PLACE = range(3)
USES = ("people", "other", "place")  # how a name stands in the text, in the features of the words beside it
WHERE = ("body", "title")
_BESIDE, _NAMED = ({f"{what} {where}" for where in WHERE} for what in ("word", "name"))
UNSURE = "unsure"  # a country that nothing but doubtful names stand for
END = "."  # stands for the word beyond either end of the text

_NAMES = "the names, and the words beside them"
_WORDING = "the wording of the whole text"
_PLACES = "where and how often it is named"
_STANDING = "how it stands beside the other countries"
# What a feature says, by the first word of its name.
_MEANINGS = (
    ("text best no", _WORDING),
    ("unmentioned", "named nowhere"),
    ("sure unsure", "how sure it is that the names mean it"),
    ("label", "how often it is the subject of the news"),
    ("candidates strong length", "how many countries are named in how long a text"),
    ("name word Capital", _NAMES),
    ("names kinds", "by how many names it is called"),
    ("rank order ratio gap share", _STANDING),
    ("count has score early late first lower", _PLACES),
)
_REASONS = {first: meaning for words, meaning in _MEANINGS for first in words.split()}


class NamedPlace(NamedTuple):
    """A feature of one name that stands for one label, in the title or not, in lower case or not."""

    name: str
    label: str
    title: bool
    lower: bool


class Beside(NamedTuple):
    """A feature of the word before or after a name, a name of one of the USES."""

    word: str
    use: int
    title: bool
    before: bool


def level(name: str, number: int) -> str:
    """A feature that is 1 at one level of a measure."""
    return f"{name}={number}"


def in_zone(name: str, zone: int) -> str:
    """A measure of one zone of the text."""
    return f"{name} {zone}"


def of_kind(name: str, kind: int, zone: int) -> str:
    """A measure of the names of one kind in one zone."""
    return f"{name} {kind} {zone}"


def kinds(found: list[int]) -> str:
    """The kinds of names that a country has in the text."""
    return "kinds " + " ".join(map(str, found))


def rank_of(rank: int, most: int) -> str:
    """The rank among so many candidates."""
    return f"rank={rank} of {most}"


def label(code: str) -> str:
    """The country itself."""
    return f"label={code}"


def text_of(code: str) -> str:
    """The country's score by the wording."""
    return f"text of {code}"


def capital(side: str, use: int) -> str:
    """A capitalised word before or after a name."""
    return f"Capital {side} {USES[use]}"


def beside(word: str, use: int, title: bool, before: bool) -> str:
    """The word before or after a name."""
    said = f"{word} {USES[use]}" if before else f"{USES[use]} {word}"
    return f"word {WHERE[title]}: {said}"


def named(name: str, code: str, title: bool, lower: bool) -> str:
    """The name itself, as one that stands for the country."""
    return f"name {WHERE[title]}: {name}={code}{' lower' if lower else ''}"


def read_beside(feature: str) -> Beside | None:
    """What `beside` wrote; None for other features."""
    head, _, said = feature.partition(": ")
    if head not in _BESIDE:
        return None
    first, _, second = said.partition(" ")
    before = second in USES
    word, use = (first, second) if before else (second, first)
    return Beside(word, USES.index(use), head.endswith("title"), before)


def read_named(feature: str, codes: Container[str] = ()) -> NamedPlace | None:
    """What `named` wrote; None for other features. A label in `codes` may itself end in " lower"."""
    head, _, said = feature.partition(": ")
    name, equals, code = said.partition("=")
    if not equals or head not in _NAMED:
        return None
    lower = code not in codes and code.endswith(" lower")
    return NamedPlace(name, code.removesuffix(" lower") if lower else code, head.endswith("title"), lower)


def meaning(feature: str) -> str:
    """What a feature says, in plain words."""
    return _REASONS.get(feature.partition("=")[0].partition(" ")[0], "other clues")
