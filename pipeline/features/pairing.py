"""Pair features of batches of articles, compiled: the same features as `pairs.pair_features`."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from pipeline.features import pair_keys as k
from pipeline.features import pairs
from pipeline.features.batch import Batch
from pipeline.features.compiled import compiled
from pipeline.features.lexicon import OTHER, PEOPLE, PLACE
from pipeline.features.naming import Names, find_names
from pipeline.features.places import AREA, CURRENCY, DEMONYM, KINDS, LEADER, ORG
from pipeline.features.tokens import CAPITALISED, LOWER

_KINDS = len(KINDS)
_HEADLINE, _LEAD, _OPENING, _REST = pairs.HEADLINE, pairs.LEAD, pairs.OPENING, pairs.REST
_LEAD_END, _OPENING_END, _BEFORE_BODY = pairs.LEAD_END, pairs.OPENING_END, pairs.BEFORE_BODY
_DOUBTFUL, _FIRM, _PLAUSIBLE, _MOST = pairs.DOUBTFUL, pairs.FIRM, pairs.PLAUSIBLE, pairs.MOST_CANDIDATES
_ZONE_WEIGHTS = np.array(pairs.ZONE_WEIGHTS)
_WORDED = 1 << k.WORD_BIT
_FIXED = 140  # more features than a pair has besides those of its mentions


@dataclass(frozen=True, slots=True)
class Pairs:
    """(document, candidate) pairs: rows and columns (pairs,), and features (int64 keys, float64 values) from `ends[i]`
    to `ends[i + 1]`."""

    rows: np.ndarray
    columns: np.ndarray
    ends: np.ndarray
    keys: np.ndarray
    values: np.ndarray


def find_pairs(batch: Batch, names: Names, labels: int, scores: np.ndarray, scored: np.ndarray) -> Pairs:
    """All pairs of a batch; `scores` (n, T) are one-vs-rest scores of the whole text for the labels `scored` (T,)."""
    tokens = batch.words, batch.shapes, batch.starts, batch.rows
    table = names.longest, names.table.slots, names.table.values, names.cases, *names.entries
    return Pairs(*_find_pairs(*tokens, *table, labels, np.ascontiguousarray(scores), scored.astype(np.int64)))


@compiled
def _find_pairs(
    words: Any, shapes: Any, starts: Any, rows: Any,
    longest: Any, slots: Any, numbers: Any, cases: Any, first_entry: Any, codes: Any, kinds: Any, shares: Any,
    labels: int, scores: Any, scored: Any,
) -> Any:  # fmt: skip
    table = first_entry, codes, kinds, shares
    scratch = np.zeros((labels, 4)), np.zeros((labels, _KINDS * 4)), np.zeros((labels, 6)), np.zeros(labels, np.int64)
    pair_rows, pair_columns = np.empty(64, np.int64), np.empty(64, np.int64)
    ends = np.zeros(65, np.int64)
    keys, values = np.empty(8192, np.int64), np.empty(8192, np.float64)
    pairs_found = used = 0
    for number in range(len(rows)):
        bounds = starts[2 * rows[number] : 2 * rows[number] + 3]
        mentions, in_title = _mentions(words, shapes, bounds, longest, slots, numbers, cases)
        uses = _uses(mentions, in_title, table)
        most = len(uses) + len(scored)
        room = most * _FIXED + 6 * len(uses)
        while used + room > len(keys):
            keys, values = _longer(keys, used + room), _longer(values, used + room)
        while pairs_found + most > len(pair_rows):
            pair_rows, pair_columns = _longer(pair_rows, pairs_found + most), _longer(pair_columns, pairs_found + most)
            ends = _longer(ends, len(pair_rows) + 1)
        before = pairs_found
        pairs_found, used = _document_pairs(
            words, shapes, bounds, mentions, uses, scratch, scores[number], scored,
            pair_columns, ends, keys, values, pairs_found, used,
        )  # fmt: skip
        pair_rows[before:pairs_found] = number
    return (
        pair_rows[:pairs_found].copy(),
        pair_columns[:pairs_found].copy(),
        ends[: pairs_found + 1].copy(),
        keys[:used].copy(),
        values[:used].copy(),
    )


@compiled
def _longer(array: Any, least: int) -> Any:
    longer = np.zeros(max(2 * len(array), least), array.dtype)
    longer[: len(array)] = array
    return longer


@compiled
def _mentions(words: Any, shapes: Any, bounds: Any, longest: Any, slots: Any, numbers: Any, cases: Any) -> Any:
    """Names, first tokens, lengths and shapes (4, n), and how many of these are in the title."""
    found = np.empty((4, bounds[2] - bounds[0]), np.int64)
    title = find_names(words, shapes, bounds[0], bounds[1], longest, slots, numbers, cases, found)
    body = find_names(words, shapes, bounds[1], bounds[2], longest, slots, numbers, cases, found[:, title:])
    return found[:, : title + body], title


@compiled
def _uses(mentions: Any, in_title: int, table: Any) -> Any:
    """What each mention can mean, in order: (mention, code, kind, zone, weight), weights in the last column."""
    first_entry, codes, kinds, shares = table
    total = 0
    for mention in range(mentions.shape[1]):
        total += first_entry[mentions[0, mention] + 1] - first_entry[mentions[0, mention]]
    found = np.empty((total, 5), np.float64)
    use = 0
    for mention in range(mentions.shape[1]):
        zone = _HEADLINE
        if mention >= in_title:
            start = mentions[1, mention]
            zone = _LEAD if start < _LEAD_END else _OPENING if start < _OPENING_END else _REST
        name = mentions[0, mention]
        for entry in range(first_entry[name], first_entry[name + 1]):
            doubtful = kinds[entry] == CURRENCY or mentions[3, mention] == LOWER
            found[use, 0], found[use, 1], found[use, 2], found[use, 3] = mention, codes[entry], kinds[entry], zone
            found[use, 4] = shares[entry] * _DOUBTFUL if doubtful else shares[entry]
            use += 1
    return found


_NUSES, _LOWERS, _FIRST, _SCORE, _RANK, _ORDER = range(6)


@compiled
def _document_pairs(
    words: Any, shapes: Any, bounds: Any, mentions: Any, uses: Any, scratch: Any, scores: Any, scored: Any,
    pair_columns: Any, ends: Any, keys: Any, values: Any, pair: int, used: int,
) -> Any:  # fmt: skip
    zones, kind_zones, facts, _ = scratch
    found = _candidates(mentions, uses, scratch)
    totals, all_scores = np.zeros(4), 0.0
    best = second = -1.0
    strong = 0
    for code in found:
        totals += zones[code]
        score = facts[code, _SCORE]
        all_scores += score
        strong += score >= 2
        if score > best:
            best, second = score, best
        elif score > second:
            second = score
    text_best, text_second = _two_best(scores)
    body = bounds[2] - bounds[1]
    common = math.log1p(len(found)), min(strong, 6), math.log1p(body)
    chosen = found[np.argsort(facts[found, _RANK])][:_MOST]
    for code in chosen:
        used = _put(keys, values, used, k.CANDIDATES, 0, common[0])
        used = _put(keys, values, used, k.STRONG, common[1], 1.0)
        used = _put(keys, values, used, k.LENGTH, 0, common[2])
        used = _put(keys, values, used, k.LABEL, code, 0.3)
        share = facts[code, _SCORE] / (all_scores + 1e-9)
        used = _text(keys, values, used, code, scores, scored, text_best, text_second, share, True)
        others = second if facts[code, _SCORE] == best else best
        used = _zones(keys, values, used, zones[code], kind_zones[code], totals)
        used = _standing(keys, values, used, zones[code], facts[code], max(others, 0.0), share, len(found))
        used = _variety(keys, values, used, code, mentions, uses)
        used = _context(keys, values, used, code, mentions, uses, words, shapes, bounds)
        pair_columns[pair] = code
        pair += 1
        ends[pair] = used
    for place in range(len(scored)):
        code = scored[place]
        if scores[place] > _PLAUSIBLE and facts[code, _NUSES] == 0:
            used = _put(keys, values, used, k.CANDIDATES, 0, common[0])
            used = _put(keys, values, used, k.STRONG, common[1], 1.0)
            used = _put(keys, values, used, k.LENGTH, 0, common[2])
            used = _put(keys, values, used, k.LABEL, code, 0.3)
            used = _text(keys, values, used, code, scores, scored, text_best, text_second, 0.0, False)
            used = _put(keys, values, used, k.UNMENTIONED, 0, 1.0)
            pair_columns[pair] = code
            pair += 1
            ends[pair] = used
    for code in found:
        zones[code] = 0.0
        kind_zones[code] = 0.0
        facts[code] = 0.0
    return pair, used


@compiled
def _put(keys: Any, values: Any, used: int, family: int, rest: int, value: float) -> int:
    keys[used] = family << k.FAMILY | rest
    values[used] = value
    return used + 1


@compiled
def _candidates(mentions: Any, uses: Any, scratch: Any) -> Any:
    """The countries that are mentioned, in order; what the mentions say of each goes into `scratch`."""
    zones, kind_zones, facts, order = scratch
    count = 0
    for use in range(len(uses)):
        mention, code, kind, zone = int(uses[use, 0]), int(uses[use, 1]), int(uses[use, 2]), int(uses[use, 3])
        first = 0 if zone == _HEADLINE else mentions[1, mention] + _BEFORE_BODY
        if facts[code, _NUSES] == 0:
            order[count] = code
            count += 1
            facts[code, _FIRST] = first
        zones[code, zone] += uses[use, 4]
        kind_zones[code, 4 * kind + zone] += uses[use, 4]
        facts[code, _NUSES] += 1
        facts[code, _FIRST] = min(facts[code, _FIRST], first)
        facts[code, _LOWERS] += mentions[3, mention] == LOWER
    found = order[:count].copy()
    for code in found:
        score = 0.0
        for zone in range(4):
            score += _ZONE_WEIGHTS[zone] * zones[code, zone]
        facts[code, _SCORE] = score
    for code in found:
        rank = order_of = 0
        for other in found:
            ahead, sooner = facts[other, _SCORE] - facts[code, _SCORE], facts[code, _FIRST] - facts[other, _FIRST]
            rank += ahead > 0 or (ahead == 0 and other < code)
            order_of += sooner > 0 or (sooner == 0 and other < code)
        facts[code, _RANK], facts[code, _ORDER] = rank, order_of
    return found


@compiled
def _two_best(scores: Any) -> Any:
    best = second = -np.inf
    for score in scores:
        if score > best:
            best, second = score, best
        elif score > second:
            second = score
    return best, second


@compiled
def _text(
    keys: Any, values: Any, used: int, code: int, scores: Any, scored: Any, best: float, second: float, share: float,
    mentioned: bool,
) -> int:  # fmt: skip
    """What the one-vs-rest scores say of one country."""
    place = -1
    for number in range(len(scored)):
        if scored[number] == code:
            place = number
    if place < 0:
        used = _put(keys, values, used, k.NO_TEXT, 0, 1.0)
        return _put(keys, values, used, k.BEST_OTHER, 0, best if len(scored) else -2.0)
    score = scores[place]
    others = second if score == best else best
    if len(scored) == 1:
        others = -2.0
    rank = 0
    for number in range(len(scored)):
        rank += scores[number] > score or (scores[number] == score and scored[number] < code)
    used = _put(keys, values, used, k.TEXT, 0, score)
    used = _put(keys, values, used, k.TEXT_ABOVE, 0, max(0.0, score))
    used = _put(keys, values, used, k.TEXT_BELOW, 0, max(-1.2, min(score, 0.0)))
    used = _put(keys, values, used, k.TEXT_RANK, min(rank, 4), 1.0)
    used = _put(keys, values, used, k.TEXT_GAP, 0, score - others)
    used = _put(keys, values, used, k.TEXT_LEVEL, int(max(-6.0, min(6.0, np.rint(score * 4)))) + 6, 1.0)
    used = _put(keys, values, used, k.TEXT_OF, code, score / 2)
    used = _put(keys, values, used, k.BEST_OTHER, 0, others)
    if mentioned:
        return _put(keys, values, used, k.TEXT_SHARE, 0, score * share)
    return _put(keys, values, used, k.TEXT_UNMENTIONED, 0, score)


@compiled
def _zones(keys: Any, values: Any, used: int, zones: Any, kind_zones: Any, totals: Any) -> int:
    for place in range(len(kind_zones)):
        if kind_zones[place] > 0:
            used = _put(keys, values, used, k.KIND_COUNT, place, math.log1p(kind_zones[place]))
            used = _put(keys, values, used, k.KIND_HAS, place, min(1.0, kind_zones[place]))
    for zone in range(4):
        weight = zones[zone]
        if weight > 0:
            used = _put(keys, values, used, k.ZONE_COUNT, zone, math.log1p(weight))
            used = _put(keys, values, used, k.ZONE_SHARE, zone, weight / totals[zone])
            used = _put(keys, values, used, k.ZONE_HAS, zone, min(1.0, weight))
            used = _put(keys, values, used, k.ZONE_LEVEL, 8 * zone + min(4, math.ceil(weight)), 1.0)
    return used


@compiled
def _standing(
    keys: Any, values: Any, used: int, zones: Any, facts: Any, others: float, share: float, candidates: int
) -> int:
    """How the country stands beside the others in the text."""
    score, rank, first = facts[_SCORE], int(facts[_RANK]), facts[_FIRST]
    early = zones[_HEADLINE] + zones[_LEAD] + zones[_OPENING]
    used = _put(keys, values, used, k.SCORE, 0, math.log1p(score))
    used = _put(keys, values, used, k.SHARE, 0, share)
    used = _put(keys, values, used, k.SHARE_SQUARED, 0, share * share)
    used = _put(keys, values, used, k.SHARE_ROOT, 0, math.sqrt(share))
    used = _put(keys, values, used, k.RATIO, 0, score / (score + others + 1e-9))
    used = _put(keys, values, used, k.GAP, 0, math.log1p(score) - math.log1p(others))
    used = _put(keys, values, used, k.EARLY, 0, math.log1p(early))
    used = _put(keys, values, used, k.LATE, 0, 1.0 if early < _DOUBTFUL else 0.0)
    used = _put(keys, values, used, k.FIRST, 0, math.log1p(first))
    used = _put(keys, values, used, k.FIRST_LEVEL, min(7, int(math.log2(1 + first))), 1.0)
    used = _put(keys, values, used, k.RANK, min(rank, 5), 1.0)
    used = _put(keys, values, used, k.RANK_OF, 8 * min(rank, 3) + min(candidates, 5), 1.0)
    used = _put(keys, values, used, k.ORDER, min(int(facts[_ORDER]), 4), 1.0)
    return _put(keys, values, used, k.LOWER_CASE, 0, facts[_LOWERS] / facts[_NUSES])


@compiled
def _variety(keys: Any, values: Any, used: int, code: int, mentions: Any, uses: Any) -> int:
    """By how many names, and names of which kinds, the country is meant."""
    names, distinct, kinds, count = np.empty(4, np.int64), 0, 0, 0
    for use in range(len(uses)):
        if uses[use, 1] != code or uses[use, 4] <= _FIRM:
            continue
        if not kinds >> int(uses[use, 2]) & 1:
            kinds |= 1 << int(uses[use, 2])
            count += 1
        name = mentions[0, int(uses[use, 0])]
        if distinct < 4 and not (names[:distinct] == name).any():
            names[distinct] = name
            distinct += 1
    used = _put(keys, values, used, k.NAMES, distinct, 1.0)
    used = _put(keys, values, used, k.KINDS_COUNT, min(4, count), 1.0)
    return _put(keys, values, used, k.KINDS_SET, kinds, 0.7)


@compiled
def _once(keys: Any, values: Any, first: int, used: int, family: int, rest: int, value: float) -> int:
    """Add a feature unless the pair has it, `first` being where to look from."""
    number = family << k.FAMILY | rest
    for place in range(first, used):
        if keys[place] == number:
            return used
    return _put(keys, values, used, family, rest, value)


@compiled
def _context(
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
            if kind in (ORG, LEADER, CURRENCY, AREA):
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
