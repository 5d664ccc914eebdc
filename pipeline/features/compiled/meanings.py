"""What names mean in batches of articles, compiled: the same as `pipeline.features.meanings`."""

from __future__ import annotations

from typing import Any

import numpy as np

from pipeline.features.compiled.compiler import part
from pipeline.features.compiled.name_finder import one_word
from pipeline.features.compiled.name_senses import score_of, side, told_case
from pipeline.features.gazetteer import ABBREVIATION, CITY, COUNTRY, KINDS, STATE
from pipeline.features.meanings import (
    AMBIGUOUS_WORD,
    DOUBTFUL,
    FIRMNESS,
    MOST_BOUND,
    ONLY_CAPITALS,
    PERSONS,
    PLACES,
    SURE,
    WRITTEN_SMALL,
)
from pipeline.features.name_senses import CASED, COMMON, DOUBTED, DROPPED, GIVEN, LIMIT, NEUTRAL, SURNAME, WORD
from pipeline.features.tokens import LOWER, UPPER

_PERSONS = sum(1 << one for one in PERSONS)
_PARTS, _PLACES = 1 << STATE | 1 << ABBREVIATION, sum(1 << one for one in PLACES)
_A_PLACE, _A_COUNTRY, _OF_OTHERS, _WRITTEN_OUT = 1, 2, 4, 8
_BEGIN, _KEPT, _TAKEN = np.int64(0), np.int64(0), np.int64(1)  # typed: a plain number would be a type of its own
_UNTOLD = 2 * LIMIT
_FIRMNESS = np.array([FIRMNESS.get(kind, 1.0) for kind in range(len(KINDS))])


@part
def _place(kind: int) -> bool:
    return 1 << kind & _PLACES != 0


@part
def _kinds_of(name: int, first_entry: Any, kinds: Any) -> int:
    """What a name can be, as bits: a place, a country, a place that others lie in, a place but no abbreviation."""
    found = 0
    for entry in range(first_entry[name], first_entry[name + 1]):
        kind = kinds[entry]
        if _place(kind):
            found |= _A_PLACE
            if kind != ABBREVIATION:
                found |= _WRITTEN_OUT
        if kind == COUNTRY:
            found |= _A_COUNTRY | _OF_OTHERS
        if 1 << kind & _PARTS:
            found |= _OF_OTHERS
    return found


@part
def _shared(entry: int, other: int, first_entry: Any, codes: Any, kinds: Any) -> bool:
    """Whether an entry is a place in a country of the other name's places."""
    if not _place(kinds[entry]):
        return False
    for place in range(first_entry[other], first_entry[other + 1]):
        if codes[place] == codes[entry] and _place(kinds[place]):
            return True
    return False


@part
def _share_any(name: int, other: int, first_entry: Any, codes: Any, kinds: Any) -> bool:
    for entry in range(first_entry[name], first_entry[name + 1]):
        if _shared(entry, other, first_entry, codes, kinds):
            return True
    return False


@part
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
        named, others = _kinds_of(name, first_entry, kinds), _kinds_of(other, first_entry, kinds)
        if not named & _A_PLACE or not others & _OF_OTHERS:
            continue
        if _share_any(name, other, first_entry, codes, kinds):
            count += _set_bound(name, other, _KEPT, other_of, taken)
            count += _set_bound(other, name, _KEPT, other_of, taken)
        elif not others & _A_COUNTRY:
            begin, end = (0, split) if mention < in_title else (split, len(words))
            after = begin + mentions[1, mention + 1] + mentions[2, mention + 1]
            listed = after < end and (words[after] == joining[0] or words[after] == joining[1])
            if not listed or not named & _A_COUNTRY:
                count += _set_bound(name, other, _TAKEN, other_of, taken)


@part
def _set_bound(name: int, other: int, take: int, other_of: Any, taken: Any) -> int:
    if other_of[name] >= 0:
        return 0
    other_of[name], taken[name] = other, take
    return 1


@part
def _trusts(
    words: Any, shapes: Any, split: int, mentions: Any, in_title: int, cases: Any, places: Any, table: Any,
    senses: Any, other_of: Any, sums: Any, finder: Any, found: Any, marked: Any,
) -> None:  # fmt: skip
    """Fill in how far each mention is taken for a place: 1, DOUBTFUL or 0."""
    first_entry, _, kinds, _ = table
    classes, said_before, said_after, sides, weights = senses
    own = found  # above LIMIT: nothing is to be said
    for mention in range(mentions.shape[1]):
        own[mention] = _UNTOLD
    _against(words, shapes, split, mentions, in_title, cases, classes, finder, sums, marked)
    for mention in range(mentions.shape[1]):
        name = mentions[0, mention]
        begin, end, case = (_BEGIN, split, cases[0]) if mention < in_title else (split, len(words), cases[1])
        acronym = case == CASED and mentions[3, mention] == UPPER
        if (
            other_of[name] >= 0
            or mentions[2, mention] > 1
            or acronym
            or not (_kinds_of(name, first_entry, kinds) & _WRITTEN_OUT)
        ):
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
    for mention in range(mentions.shape[1]):
        total = NEUTRAL + sums[mentions[0, mention]]
        found[mention] = 1.0 if own[mention] == _UNTOLD or total > DOUBTED else DOUBTFUL if total > DROPPED else 0.0


@part
def _against(
    words: Any, shapes: Any, split: int, mentions: Any, in_title: int, cases: Any, classes: Any, finder: Any, sums: Any,
    marked: Any,
) -> None:  # fmt: skip
    """What else speaks against names: the same word is written small, or is the last of a person's name. `marked` gets
    the names it says something of, behind where they end."""
    count = 1
    for at in range(len(words)):
        if shapes[at] == LOWER and (cases[0] if at < split else cases[1]) == CASED:
            name = one_word(words[at], finder)
            if name >= 0:
                sums[name] = -WRITTEN_SMALL
                marked[count] = name
                count += 1
    for mention in range(mentions.shape[1]):
        start, length = mentions[1, mention] + (0 if mention < in_title else split), mentions[2, mention]
        kind = classes[words[start]] if words[start] < len(classes) else 0
        if length > 1 and kind & (GIVEN | COMMON) == GIVEN:
            name = one_word(words[start + length - 1], finder)
            if name >= 0:
                sums[name] -= LIMIT
                marked[count] = name
                count += 1
    marked[0] = count


@part
def places_of(words: Any, split: int, mentions: Any, in_title: int, first_entry: Any) -> Any:
    """Which tokens of a document belong to names of something."""
    found = np.zeros(len(words), np.bool_)
    for mention in range(mentions.shape[1]):
        name, begin = mentions[0, mention], mentions[1, mention] + (0 if mention < in_title else split)
        if first_entry[name + 1] > first_entry[name]:
            for at in range(begin, begin + mentions[2, mention]):
                found[at] = True
    return found


@part
def _abbreviated(
    words: Any, shapes: Any, begin: int, end: int, at: int, length: int, case: int, places: Any, classes: Any
) -> bool:
    """Whether an abbreviation stands behind a name and before none."""
    if at == begin or (case == CASED and shapes[at - 1] == LOWER):
        return False
    after = at + length
    return after >= end or side(words, shapes, begin, end, after, case, places, classes) <= WORD


@part
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
    before = side(words, shapes, begin, end, at - 1, case, places, classes)
    if (1 << before | 1 << side(words, shapes, begin, end, at + length, case, places, classes)) & _PERSONS:
        return 0.0
    kind = classes[words[at]] if words[at] < len(classes) else 0
    return AMBIGUOUS_WORD if kind & (GIVEN | SURNAME | COMMON) else 1.0


@part
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
    cases = (
        told_case(words, shapes, _BEGIN, split, classes),
        told_case(words, shapes, split, len(shapes), classes),
    )
    places = places_of(words, split, mentions, in_title, first_entry)
    _bind(words, split, mentions, in_title, joining, table, other_of, taken)
    trust, marked = np.empty(mentions.shape[1]), np.empty(1 + len(words) + mentions.shape[1], np.int64)
    _trusts(
        words, shapes, split, mentions, in_title, cases, places, table, senses, other_of, sums, finder, trust, marked
    )
    total = 0
    for mention in range(mentions.shape[1]):
        name = mentions[0, mention]
        other = other_of[name]
        total += first_entry[name + 1] - first_entry[name]
        total += first_entry[other + 1] - first_entry[other] if other >= 0 else 0
    found, use = np.zeros((total, 6)), np.int64(0)
    for mention in range(mentions.shape[1]):
        name = mentions[0, mention]
        begin, end, case = (_BEGIN, split, cases[0]) if mention < in_title else (split, len(words), cases[1])
        at, length = begin + mentions[1, mention], mentions[2, mention]
        abbreviated = _abbreviated(words, shapes, begin, end, at, length, case, places, classes)
        first = use
        given = other_of[name] if other_of[name] >= 0 and taken[name] else name
        for entry in range(first_entry[given], first_entry[given + 1]):
            kind, weight = kinds[entry], shares[entry]
            if other_of[name] >= 0:
                weight = 0.0
                if taken[name]:
                    weight, kind = (1.0, CITY) if 1 << kind & _PARTS else (0.0, kind)
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
    _clear(mentions, bound, marked)
    return found[:use]


@part
def _clear(mentions: Any, bound: Any, marked: Any) -> None:
    """Leave the arrays by name as they were."""
    other_of, taken, sums = bound
    for place in range(1, marked[0]):
        sums[marked[place]] = 0.0
    for mention in range(mentions.shape[1]):
        name = mentions[0, mention]
        other_of[name], taken[name], sums[name] = -1, 0, 0.0


@part
def _weigh(found: Any, first: int, end: int, trust: float, bound: bool, abbreviated: bool) -> int:
    """Weigh the uses of a mention from `first` to `end`, take out those without weight; where they end now."""
    kept, share = first, 1.0 / (end - first) if end > first else 1.0
    for use in range(first, end):
        if trust == 0 or (found[use, 2] == ABBREVIATION and not abbreviated):
            continue
        for column in range(found.shape[1]):
            found[kept, column] = found[use, column]
        found[kept, 4] = (share if bound else found[use, 4]) * trust
        if found[kept, 2] == ABBREVIATION:
            found[kept, 2] = STATE
        kept += 1
    return kept
