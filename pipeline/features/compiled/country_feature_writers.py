"""What the compiled functions write of one (document, candidate) pair: `pairs.pair_features` by number."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from pipeline.features import country_features
from pipeline.features.compiled import country_feature_numbers as k
from pipeline.features.compiled.compiler import part
from pipeline.features.country_feature_names import OTHER, PEOPLE, PLACE
from pipeline.features.gazetteer import AREA, CURRENCY, DEMONYM, LEADER, ORG
from pipeline.features.meanings import DOUBTFUL, SURE
from pipeline.features.tokens import CAPITALISED, LOWER

NUSES, LOWERS, FIRST, SCORE, RANK, ORDER, FIRMNESS = range(7)  # what is known of a candidate beside its zones
_HEADLINE, _LEAD, _OPENING, _REST = (
    country_features.HEADLINE,
    country_features.LEAD,
    country_features.OPENING,
    country_features.REST,
)
_DOUBTFUL, _FIRM = DOUBTFUL, country_features.FIRM
_WORDED = 1 << k.WORD_BIT
_OTHERS = 1 << ORG | 1 << LEADER | 1 << CURRENCY | 1 << AREA


@part
def put(keys: Any, values: Any, used: int, family: int, rest: int, value: float) -> int:
    keys[used] = family << k.FAMILY | rest
    values[used] = value
    return used + 1


@part
def put_text(
    keys: Any, values: Any, used: int, code: int, scores: Any, scored: Any, best: float, second: float, share: float,
) -> int:  # fmt: skip
    """What the one-vs-rest scores say of one country; `share` is below 0 for one that isn't mentioned."""
    place = -1
    for number in range(len(scored)):
        if scored[number] == code:
            place = number
    if place < 0:
        used = put(keys, values, used, k.NO_TEXT, k.PLAIN, 1.0)
        return put(keys, values, used, k.BEST_OTHER, k.PLAIN, best if len(scored) else -2.0)
    score = scores[place]
    others = second if score == best else best
    if len(scored) == 1:
        others = -2.0
    rank = 0
    for number in range(len(scored)):
        rank += scores[number] > score or (scores[number] == score and scored[number] < code)
    used = put(keys, values, used, k.TEXT, k.PLAIN, score)
    used = put(keys, values, used, k.TEXT_ABOVE, k.PLAIN, score if score > 0 else 0.0)
    used = put(keys, values, used, k.TEXT_BELOW, k.PLAIN, 0.0 if score > 0 else -1.2 if score < -1.2 else score)
    used = put(keys, values, used, k.TEXT_RANK, min(rank, 4), 1.0)
    used = put(keys, values, used, k.TEXT_GAP, k.PLAIN, score - others)
    level = round(score * 4)
    used = put(keys, values, used, k.TEXT_LEVEL, (-6 if level < -6 else 6 if level > 6 else level) + 6, 1.0)
    used = put(keys, values, used, k.TEXT_OF, code, score / 2)
    used = put(keys, values, used, k.BEST_OTHER, k.PLAIN, others)
    if share >= 0:
        return put(keys, values, used, k.TEXT_SHARE, k.PLAIN, score * share)
    return put(keys, values, used, k.TEXT_UNMENTIONED, k.PLAIN, score)


@part
def put_zones(keys: Any, values: Any, used: int, zones: Any, kind_zones: Any, totals: Any) -> int:
    for place in range(len(kind_zones)):
        if kind_zones[place] > 0:
            used = put(keys, values, used, k.KIND_COUNT, place, math.log1p(kind_zones[place]))
            used = put(keys, values, used, k.KIND_HAS, place, min(1.0, kind_zones[place]))
    for zone in range(4):
        weight = zones[zone]
        if weight > 0:
            used = put(keys, values, used, k.ZONE_COUNT, zone, math.log1p(weight))
            used = put(keys, values, used, k.ZONE_SHARE, zone, weight / totals[zone])
            used = put(keys, values, used, k.ZONE_HAS, zone, min(1.0, weight))
            used = put(keys, values, used, k.ZONE_LEVEL, 8 * zone + min(4, math.ceil(weight)), 1.0)
    return used


@part
def put_standing(
    keys: Any, values: Any, used: int, zones: Any, facts: Any, others: float, share: float, candidates: int
) -> int:
    """How the country stands beside the others in the text."""
    score, rank, first = facts[SCORE], int(facts[RANK]), facts[FIRST]
    early = zones[_HEADLINE] + zones[_LEAD] + zones[_OPENING]
    used = put(keys, values, used, k.SCORE, k.PLAIN, math.log1p(score))
    used = put(keys, values, used, k.SHARE, k.PLAIN, share)
    used = put(keys, values, used, k.SHARE_SQUARED, k.PLAIN, share * share)
    used = put(keys, values, used, k.SHARE_ROOT, k.PLAIN, math.sqrt(share))
    used = put(keys, values, used, k.RATIO, k.PLAIN, score / (score + others + 1e-9))
    used = put(keys, values, used, k.GAP, k.PLAIN, math.log1p(score) - math.log1p(others))
    used = put(keys, values, used, k.EARLY, k.PLAIN, math.log1p(early))
    used = put(keys, values, used, k.LATE, k.PLAIN, 1.0 if early < _DOUBTFUL else 0.0)
    used = put(keys, values, used, k.FIRST, k.PLAIN, math.log1p(first))
    used = put(keys, values, used, k.FIRST_LEVEL, min(7, int(math.log2(1 + first))), 1.0)
    used = put(keys, values, used, k.RANK, min(rank, 5), 1.0)
    used = put(keys, values, used, k.RANK_OF, 8 * min(rank, 3) + min(candidates, 5), 1.0)
    used = put(keys, values, used, k.ORDER, min(int(facts[ORDER]), 4), 1.0)
    return put(keys, values, used, k.LOWER_CASE, k.PLAIN, facts[LOWERS] / facts[NUSES])


@part
def put_variety(keys: Any, values: Any, used: int, code: int, mentions: Any, uses: Any) -> int:
    """By how many names, and names of which kinds, the country is meant."""
    names, distinct, kinds, count = np.empty(4, np.int64), 0, 0, 0
    for use in range(len(uses)):
        if uses[use, 1] != code or uses[use, 4] <= _FIRM:
            continue
        if not kinds >> int(uses[use, 2]) & 1:
            kinds |= 1 << int(uses[use, 2])
            count += 1
        name = mentions[0, int(uses[use, 0])]
        new = distinct < 4
        for other in range(distinct):
            new = new and names[other] != name
        if new:
            names[distinct] = name
            distinct += 1
    used = put(keys, values, used, k.NAMES, distinct, 1.0)
    used = put(keys, values, used, k.KINDS_COUNT, min(4, count), 1.0)
    return put(keys, values, used, k.KINDS_SET, kinds, 0.7)


@part
def put_sureness(keys: Any, values: Any, used: int, firmness: float) -> int:
    """How sure it is that the names mean the country."""
    used = put(keys, values, used, k.SURE_LEVEL, min(4, int(firmness)), 1.0)
    return put(keys, values, used, k.UNSURE, k.PLAIN, 1.0) if firmness < SURE else used


@part
def _once(keys: Any, values: Any, first: int, used: int, family: int, rest: int, value: float) -> int:
    """Add a feature unless the pair has it, `first` being where to look from."""
    number = family << k.FAMILY | rest
    for place in range(first, used):
        if keys[place] == number:
            return used
    return put(keys, values, used, family, rest, value)


@part
def put_context(
    keys: Any, values: Any, used: int, code: int, mentions: Any, uses: Any, words: Any, shapes: Any, bounds: Any
) -> int:
    """The words before and after, and the names themselves, outside the rest of the body."""
    start = used
    for use in range(len(uses)):
        if uses[use, 1] != code or uses[use, 3] == _REST:
            continue
        mention, kind = int(uses[use, 0]), int(uses[use, 2])
        title = 1 if uses[use, 3] == _HEADLINE else 0
        if uses[use, 4] >= _DOUBTFUL:
            begin, end = (bounds[0], bounds[1]) if title else (bounds[1], bounds[2])
            what = PEOPLE if kind == DEMONYM else PLACE
            if 1 << kind & _OTHERS:
                what = OTHER
            mark = what << k.WHAT_BITS | title << k.WHERE_BITS | _WORDED
            before, after = begin + mentions[1, mention] - 1, begin + mentions[1, mention] + mentions[2, mention]
            word = words[before] + 1 if before >= begin else 0
            used = _once(keys, values, start, used, k.BEFORE, word | mark, 0.5)
            word = words[after] + 1 if after < end else 0
            if 0 < word <= 3:  # such a name says the same both ways round
                mark = (word - 1) << k.WHAT_BITS | title << k.WHERE_BITS | _WORDED
                used = _once(keys, values, start, used, k.BEFORE, (what + 1) | mark, 0.5)
            else:
                used = _once(keys, values, start, used, k.AFTER, word | mark, 0.5)
            if before > begin and shapes[before] == CAPITALISED:
                used = _once(keys, values, start, used, k.CAPITAL_BEFORE, what, 1.0)
            if after < end and shapes[after] == CAPITALISED:
                used = _once(keys, values, start, used, k.CAPITAL_AFTER, what, 1.0)
        lower = 1 if mentions[3, mention] == LOWER else 0
        rest = mentions[0, mention] | code << k.CODE_BITS | title << k.TITLE_BIT | lower << k.LOWER_BIT | _WORDED
        used = _once(keys, values, start, used, k.NAME, rest, 0.5)
    return used
