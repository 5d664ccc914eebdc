"""The countries that the names in an article can mean, once what stands beside each name has been looked at."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from pipeline.features.gazetteer import (
    ABBREVIATION,
    CAPITAL,
    CITY,
    COUNTRY,
    CURRENCY,
    DEMONYM,
    LEADER,
    ORG,
    STATE,
    TITLE,
    Entry,
    Gazetteer,
    Mention,
)
from pipeline.features.name_senses import (
    CASED,
    COMMON,
    DOUBTED,
    DROPPED,
    FAMILY_NAME,
    GIVEN,
    GIVEN_NAME,
    LIMIT,
    NEUTRAL,
    OTHER_NAME,
    PLACE_OR_PERSON,
    SURNAME,
    WORD,
    Senses,
)
from pipeline.features.texts import Document
from pipeline.features.tokens import LOWER, UPPER, Tokens

DOUBTFUL = 0.3
PLACES = (COUNTRY, CAPITAL, CITY, STATE, ABBREVIATION)
PARTS = (STATE, ABBREVIATION)
JOINING = ("and", "or")
MOST_BOUND = 64
WRITTEN_SMALL = 100.0
# A country is sure from SURE on: named once as a country, twice by its people or a city. Names that people or common
# words have too count less, beside a name that may be the rest of somebody's they count nothing.
SURE = 2.0
FIRMNESS = {COUNTRY: 2.0, DEMONYM: 1.0, CAPITAL: 1.5, CITY: 1.5, STATE: 1.5, ORG: 1.0, LEADER: 1.0, CURRENCY: 0.0}
AMBIGUOUS_WORD, ONLY_CAPITALS = 0.5, 0.25
PERSONS = (GIVEN_NAME, FAMILY_NAME, OTHER_NAME, PLACE_OR_PERSON)

Bound = dict[int, tuple[int, bool]]


class Use(NamedTuple):
    """One country that a mention can mean, by a name of which kind, how much of the mention goes to it, and how sure
    this alone makes the country: see FIRMNESS."""

    mention: Mention
    code: int
    kind: int
    weight: float
    firmness: float = SURE


def meanings(gazetteer: Gazetteer, doc: Document, mentions: Sequence[Mention]) -> list[Use]:
    """What each mention can mean, in order."""
    senses = gazetteer.senses
    if senses is None:
        return [Use(m, code, kind, share) for m in mentions for code, kind, share in gazetteer.entries[m.name]]
    places = _places(gazetteer, mentions)
    cases = [senses.case(field.words, field.shapes) for field in (doc.title, doc.body)]
    bound = _bound(gazetteer, doc, mentions)
    trust = _trust(gazetteer, senses, doc, mentions, bound, cases, places)
    found = []
    for mention, weight in zip(mentions, trust, strict=True):
        field = doc.title if mention.part == TITLE else doc.body
        stands = senses, field, mention, cases[mention.part], places[mention.part]
        abbreviated = _abbreviated(*stands)
        firm = 1.0 if mention.name in bound else _firm(*stands)
        for code, kind, share in _entries(gazetteer, mention.name, bound) if weight else ():
            if kind != ABBREVIATION or abbreviated:
                meant = STATE if kind == ABBREVIATION else kind
                sure = share * weight * firm * (SURE if mention.length > 1 else FIRMNESS.get(meant, 1.0))
                found.append(Use(mention, code, meant, share * weight, sure))
    return found


def _places(gazetteer: Gazetteer, mentions: Sequence[Mention]) -> tuple[set[int], set[int]]:
    """The tokens of the title and of the body that belong to names of something."""
    found: tuple[set[int], set[int]] = set(), set()
    for mention in mentions:
        if gazetteer.entries[mention.name]:
            found[mention.part].update(range(mention.start, mention.start + mention.length))
    return found


def _bound(gazetteer: Gazetteer, doc: Document, mentions: Sequence[Mention]) -> Bound:
    """Names that another name beside them says more of: the other name, and whether its countries are taken over.

    `Athens, Georgia` tells both names; `Moscow, Idaho` makes Moscow a town of Idaho's country, here and in the rest.
    """
    found: Bound = {}
    for first, second in itertools.pairwise(mentions):
        if not _beside(first, second) or first.name == second.name or len(found) >= MOST_BOUND:
            continue
        ours, theirs = gazetteer.entries[first.name], gazetteer.entries[second.name]
        if not any(kind in PLACES for _, kind, _ in ours) or not _larger(theirs):
            continue
        if _common(ours, theirs):
            found.setdefault(first.name, (second.name, False))
            found.setdefault(second.name, (first.name, False))
        elif not _has(theirs, COUNTRY) and (not _has(ours, COUNTRY) or _single(doc, second)):
            found.setdefault(first.name, (second.name, True))
    return found


def _beside(first: Mention, second: Mention) -> bool:
    return first.part == second.part and first.start + first.length == second.start


def _larger(entries: Sequence[Entry]) -> bool:
    return any(kind in (COUNTRY, *PARTS) for _, kind, _ in entries)


def _has(entries: Sequence[Entry], wanted: int) -> bool:
    return any(kind == wanted for _, kind, _ in entries)


def _common(ours: Sequence[Entry], theirs: Sequence[Entry]) -> list[tuple[int, int]]:
    """The places of the one name that lie in countries of the other's places."""
    codes = {code for code, kind, _ in theirs if kind in PLACES}
    return [(code, kind) for code, kind, _ in ours if kind in PLACES and code in codes]


def _single(doc: Document, mention: Mention) -> bool:
    """Whether a list of names doesn't go on after a mention: `Mexico, California and Texas` has no town of Mexico."""
    words, after = (doc.title if mention.part == TITLE else doc.body).words, mention.start + mention.length
    return after >= len(words) or words[after] not in JOINING


def _entries(gazetteer: Gazetteer, name: int, bound: Mapping[int, tuple[int, bool]]) -> Sequence[Entry]:
    """What a name can mean, if it is bound by another."""
    if name not in bound:
        return gazetteer.entries[name]
    other, taken = bound[name]
    both = _common(gazetteer.entries[name], gazetteer.entries[other])
    if taken:
        both = [(code, CITY) for code, kind, _ in gazetteer.entries[other] if kind in PARTS]
    return [(code, kind, 1 / len(both)) for code, kind in both]


def _trust(
    gazetteer: Gazetteer,
    senses: Senses,
    doc: Document,
    mentions: Sequence[Mention],
    bound: Bound,
    cases: Sequence[int],
    places: Sequence[set[int]],
) -> list[float]:
    """How far each mention is taken for a place: 1, DOUBTFUL or 0. What one mention of a name says, others hear."""
    own: list[float | None] = []
    sums = _against(gazetteer, senses, doc, mentions, cases)
    for mention, following in itertools.zip_longest(mentions, mentions[1:]):
        score = None
        if mention.name not in bound and _may_be_person(gazetteer, mention, cases[mention.part]):
            field = doc.title if mention.part == TITLE else doc.body
            given = field.words, field.shapes, mention.start, cases[mention.part], places[mention.part]
            score = senses.score(*given)
            sums[mention.name] = sums.get(mention.name, 0.0) + score - NEUTRAL
            if score <= DROPPED and following and _beside(mention, following):
                sums[following.name] = sums.get(following.name, 0.0) - LIMIT  # the person's family name
        elif mention.length == 1 and mention.shape != UPPER and sums.get(mention.name, 0.0) <= -WRITTEN_SMALL:
            score = -LIMIT  # a people's name that is a common word here
        own.append(score)
    found = []
    for mention, score in zip(mentions, own, strict=True):
        total = 1.0 if score is None else NEUTRAL + sums[mention.name]
        found.append(1.0 if total > DOUBTED else DOUBTFUL if total > DROPPED else 0.0)
    return found


def _against(
    gazetteer: Gazetteer, senses: Senses, doc: Document, mentions: Sequence[Mention], cases: Sequence[int]
) -> dict[int, float]:
    """What else speaks against names, by name: the same word is written small, or is the last of a person's name."""
    found: dict[int, float] = {}
    for field, case in zip((doc.title, doc.body), cases, strict=True):
        if case == CASED:
            small = {word for word, shape in zip(field.words, field.shapes, strict=True) if shape == LOWER}
            found.update(dict.fromkeys(gazetteer.numbers(small), -WRITTEN_SMALL))
    for mention in mentions:
        words = (doc.title if mention.part == TITLE else doc.body).words
        first, last = words[mention.start], words[mention.start + mention.length - 1]
        if mention.length > 1 and senses.word(first)[0] & (GIVEN | COMMON) == GIVEN and gazetteer.number(last) >= 0:
            found[gazetteer.number(last)] = found.get(gazetteer.number(last), 0.0) - LIMIT
    return found


def _firm(senses: Senses, field: Tokens, mention: Mention, case: int, places: set[int]) -> float:
    """How far a name speaks for itself where it stands: 1, or less if it may be a person's, a word or a thing's."""
    words, shapes, after = field.words, field.shapes, mention.start + mention.length
    if case == CASED and mention.shape == LOWER:
        return 0.0
    if mention.length > 1:
        return 1.0
    if case != CASED:
        return ONLY_CAPITALS
    if mention.shape == UPPER:
        return 1.0
    beside = (senses.side(words, shapes, at, case, places) for at in (mention.start - 1, after))
    if any(side in PERSONS for side in beside):
        return 0.0
    return AMBIGUOUS_WORD if senses.word(words[mention.start])[0] & (GIVEN | SURNAME | COMMON) else 1.0


def _may_be_person(gazetteer: Gazetteer, mention: Mention, case: int) -> bool:
    """Names of one word that aren't acronyms, of countries, cities and states."""
    if mention.length > 1 or (case == CASED and mention.shape == UPPER):
        return False
    return any(kind in (COUNTRY, CAPITAL, CITY, STATE) for _, kind, _ in gazetteer.entries[mention.name])


def _abbreviated(senses: Senses, field: Tokens, mention: Mention, case: int, places: set[int]) -> bool:
    """Whether an abbreviation stands behind a name and before none, as `Troy, N.C.` does."""
    before, after = mention.start - 1, mention.start + mention.length
    if before < 0 or (case == CASED and field.shapes[before] == LOWER):
        return False
    return after >= len(field.words) or senses.side(field.words, field.shapes, after, case, places) <= WORD
