"""What names mean in batches of articles, compiled: the same as `pipeline.features.meanings`."""

from __future__ import annotations

from typing import Any

import numpy as np

from pipeline.features.compiled.compiler import compiled
from pipeline.features.compiled.name_finder import one_word
from pipeline.features.compiled.name_senses import score_of, side, told_case
from pipeline.features.gazetteer import ABBREVIATION, CAPITAL, CITY, COUNTRY, KINDS, STATE
from pipeline.features.meanings import (
    AMBIGUOUS_WORD,
    DOUBTFUL,
    FIRMNESS,
    MOST_BOUND,
    ONLY_CAPITALS,
    PERSONS,
    SURE,
    WRITTEN_SMALL,
)
from pipeline.features.name_senses import CASED, COMMON, DOUBTED, DROPPED, GIVEN, LIMIT, NEUTRAL, SURNAME, WORD
from pipeline.features.tokens import LOWER, UPPER

_FIRMNESS = np.array([FIRMNESS.get(kind, 1.0) for kind in range(len(KINDS))])


@compiled
def _place(kind: int) -> bool:
    return kind == COUNTRY or kind == CAPITAL or kind == CITY or kind == STATE or kind == ABBREVIATION  # noqa: PLR1714


@compiled
def _has(name: int, which: int, first_entry: Any, kinds: Any) -> bool:
    """Whether a name is of a kind: a place (0), a country (1), a place that others lie in (2), a place but no
    abbreviation (3)."""
    for entry in range(first_entry[name], first_entry[name + 1]):
        kind = kinds[entry]
        if which == 0 and _place(kind):
            return True
        if which != 0 and kind == COUNTRY:
            return True
        if which == 2 and (kind in (STATE, ABBREVIATION)):
            return True
        if which == 3 and _place(kind) and kind != ABBREVIATION:
            return True
    return False


@compiled
def _shared(entry: int, other: int, first_entry: Any, codes: Any, kinds: Any) -> bool:
    """Whether an entry is a place in a country of the other name's places."""
    if not _place(kinds[entry]):
        return False
    for place in range(first_entry[other], first_entry[other + 1]):
        if codes[place] == codes[entry] and _place(kinds[place]):
            return True
    return False


@compiled
def _share_any(name: int, other: int, first_entry: Any, codes: Any, kinds: Any) -> bool:
    for entry in range(first_entry[name], first_entry[name + 1]):
        if _shared(entry, other, first_entry, codes, kinds):
            return True
    return False


@compiled
def _bind(
    words: Any, split: int, mentions: Any, in_title: int, joining: Any, table: Any, other_of: Any, taken: Any
) -> None:
    """Fill, for names that another beside them says more of, `other_of` and whether its countries are taken over."""
    first_entry, codes, kinds, _ = table
    count = 0
    for mention in range(mentions.shape[1] - 1):
        name, other = mentions[0, mention], mentions[0, mention + 1]
        apart = mention + 1 == in_title or mentions[1, mention] + mentions[2, mention] != mentions[1, mention + 1]
        if apart or name == other or count >= MOST_BOUND:
            continue
        if not _has(name, 0, first_entry, kinds) or not _has(other, 2, first_entry, kinds):
            continue
        if _share_any(name, other, first_entry, codes, kinds):
            count += _set_bound(name, other, 0, other_of, taken) + _set_bound(other, name, 0, other_of, taken)
        elif not _has(other, 1, first_entry, kinds):
            begin, end = (0, split) if mention < in_title else (split, len(words))
            after = begin + mentions[1, mention + 1] + mentions[2, mention + 1]
            listed = after < end and (words[after] == joining[0] or words[after] == joining[1])
            if not listed or not _has(name, 1, first_entry, kinds):
                count += _set_bound(name, other, 1, other_of, taken)


@compiled
def _set_bound(name: int, other: int, take: int, other_of: Any, taken: Any) -> int:
    if other_of[name] >= 0:
        return 0
    other_of[name], taken[name] = other, take
    return 1


@compiled
def _trusts(
    words: Any, shapes: Any, split: int, mentions: Any, in_title: int, cases: Any, places: Any, table: Any,
    senses: Any, other_of: Any, sums: Any, finder: Any,
) -> Any:  # fmt: skip
    """How far each mention is taken for a place: 1, DOUBTFUL or 0."""
    first_entry, _, kinds, _ = table
    classes, said_before, said_after, sides, weights = senses
    own = np.full(mentions.shape[1], np.nan)
    _against(words, shapes, split, mentions, in_title, cases, classes, finder, sums)
    for mention in range(mentions.shape[1]):
        name = mentions[0, mention]
        begin, end, case = (0, split, cases[0]) if mention < in_title else (split, len(words), cases[1])
        acronym = case == CASED and mentions[3, mention] == UPPER
        if other_of[name] >= 0 or mentions[2, mention] > 1 or acronym or not _has(name, 3, first_entry, kinds):
            if mentions[2, mention] == 1 and mentions[3, mention] != UPPER and sums[name] <= -WRITTEN_SMALL:
                own[mention] = -LIMIT
            continue
        own[mention] = score_of(
            words, shapes, begin, end, begin + mentions[1, mention], case, places,
            classes, said_before, said_after, sides, weights[0], weights[1],
        )  # fmt: skip
        sums[name] += own[mention] - NEUTRAL
        following = mentions[1, mention] + mentions[2, mention]
        more = mention + 1 < mentions.shape[1] and mention + 1 != in_title
        if own[mention] <= DROPPED and more and mentions[1, mention + 1] == following:
            sums[mentions[0, mention + 1]] -= LIMIT
    found = np.ones(mentions.shape[1])
    for mention in range(mentions.shape[1]):
        if not np.isnan(own[mention]):
            total = NEUTRAL + sums[mentions[0, mention]]
            found[mention] = 1.0 if total > DOUBTED else DOUBTFUL if total > DROPPED else 0.0
    return found


@compiled
def _against(
    words: Any, shapes: Any, split: int, mentions: Any, in_title: int, cases: Any, classes: Any, finder: Any, sums: Any
) -> None:
    """What else speaks against names: the same word is written small, or is the last of a person's name."""
    for at in range(len(words)):
        if shapes[at] == LOWER and cases[0 if at < split else 1] == CASED:
            name = one_word(words[at], finder)
            if name >= 0:
                sums[name] = -WRITTEN_SMALL
    for mention in range(mentions.shape[1]):
        start, length = mentions[1, mention] + (0 if mention < in_title else split), mentions[2, mention]
        kind = classes[words[start]] if words[start] < len(classes) else 0
        if length > 1 and kind & (GIVEN | COMMON) == GIVEN:
            name = one_word(words[start + length - 1], finder)
            if name >= 0:
                sums[name] -= LIMIT


@compiled
def places_of(words: Any, split: int, mentions: Any, in_title: int, first_entry: Any) -> Any:
    """Which tokens of a document belong to names of something."""
    found = np.zeros(len(words), np.bool_)
    for mention in range(mentions.shape[1]):
        name, begin = mentions[0, mention], mentions[1, mention] + (0 if mention < in_title else split)
        if first_entry[name + 1] > first_entry[name]:
            found[begin : begin + mentions[2, mention]] = True
    return found


@compiled
def _abbreviated(
    words: Any, shapes: Any, begin: int, end: int, at: int, length: int, case: int, places: Any, classes: Any
) -> bool:
    """Whether an abbreviation stands behind a name and before none."""
    if at == begin or (case == CASED and shapes[at - 1] == LOWER):
        return False
    after = at + length
    return after >= end or side(words, shapes, begin, end, after, case, places, classes) <= WORD


@compiled
def _firm(
    words: Any, shapes: Any, begin: int, end: int, at: int, length: int, shape: int, case: int, places: Any,
    classes: Any,
) -> float:  # fmt: skip
    """How far a name speaks for itself where it stands."""
    if case == CASED and shape == LOWER:
        return 0.0
    if length > 1:
        return 1.0
    if case != CASED:
        return ONLY_CAPITALS
    if shape == UPPER:
        return 1.0
    if (
        side(words, shapes, begin, end, at - 1, case, places, classes) in PERSONS
        or side(words, shapes, begin, end, at + length, case, places, classes) in PERSONS
    ):
        return 0.0
    kind = classes[words[at]] if words[at] < len(classes) else 0
    return AMBIGUOUS_WORD if kind & (GIVEN | SURNAME | COMMON) else 1.0


@compiled
def meanings(
    words: Any,
    shapes: Any,
    split: int,
    mentions: Any,
    in_title: int,
    table: Any,
    senses: Any,
    joining: Any,
    bound: Any,
    finder: Any,
) -> Any:
    """What each mention of a document can mean, in order: (mention, code, kind, 0, weight, firmness).

    `words` and `shapes` are the document's, the body from `split` on; `bound` holds an array of -1, one of flags and
    one of zeros by name, which are left as they were.
    """
    other_of, taken, sums = bound
    first_entry, codes, kinds, shares = table
    classes = senses[0]
    cases = np.array(
        [told_case(words, shapes, 0, split, classes), told_case(words, shapes, split, len(shapes), classes)]
    )
    places = places_of(words, split, mentions, in_title, first_entry)
    _bind(words, split, mentions, in_title, joining, table, other_of, taken)
    trust = _trusts(words, shapes, split, mentions, in_title, cases, places, table, senses, other_of, sums, finder)
    total = 0
    for name in mentions[0]:
        other = other_of[name]
        total += first_entry[name + 1] - first_entry[name]
        total += first_entry[other + 1] - first_entry[other] if other >= 0 else 0
    found, use = np.zeros((total, 6)), 0
    for mention in range(mentions.shape[1]):
        name = mentions[0, mention]
        begin, end, case = (0, split, cases[0]) if mention < in_title else (split, len(words), cases[1])
        at, length = begin + mentions[1, mention], mentions[2, mention]
        abbreviated = _abbreviated(words, shapes, begin, end, at, length, case, places, classes)
        first = use
        given = other_of[name] if other_of[name] >= 0 and taken[name] else name
        for entry in range(first_entry[given], first_entry[given + 1]):
            kind, weight = kinds[entry], shares[entry]
            if other_of[name] >= 0:
                weight = 0.0
                if taken[name]:
                    weight, kind = (1.0, CITY) if kind in (STATE, ABBREVIATION) else (0.0, kind)
                elif _shared(entry, other_of[name], first_entry, codes, kinds):
                    weight = 1.0
            if weight > 0:
                found[use, 0], found[use, 1], found[use, 2], found[use, 4] = mention, codes[entry], kind, weight
                use += 1
        use = _weigh(found, first, use, trust[mention], other_of[name] >= 0, abbreviated)
        firm = 1.0
        if other_of[name] < 0 and use > first:
            firm = _firm(words, shapes, begin, end, at, length, mentions[3, mention], case, places, classes)
        for meant in range(first, use):
            kind_firm = SURE if length > 1 else _FIRMNESS[int(found[meant, 2])]
            found[meant, 5] = found[meant, 4] * firm * kind_firm
    for name in mentions[0]:
        other_of[name], taken[name] = -1, 0
    sums[:] = 0.0
    return found[:use]


@compiled
def _weigh(found: Any, first: int, end: int, trust: float, bound: bool, abbreviated: bool) -> int:
    """Weigh the uses of a mention from `first` to `end`, take out those without weight; where they end now."""
    kept, share = first, 1.0 / max(1, end - first)
    for use in range(first, end):
        if trust == 0 or (found[use, 2] == ABBREVIATION and not abbreviated):
            continue
        found[kept] = found[use]
        found[kept, 4] = (share if bound else found[use, 4]) * trust
        if found[kept, 2] == ABBREVIATION:
            found[kept, 2] = STATE
        kept += 1
    return kept
