"""Pair features of batches of articles, compiled: the same features as `pairs.pair_features`."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from pipeline.features import country_features
from pipeline.features.compiled import country_feature_numbers as k
from pipeline.features.compiled.batch import Batch
from pipeline.features.compiled.compiler import compiled, part
from pipeline.features.compiled.country_feature_writers import (
    FIRMNESS,
    FIRST,
    LOWERS,
    NUSES,
    ORDER,
    RANK,
    SCORE,
    put,
    put_context,
    put_standing,
    put_sureness,
    put_text,
    put_variety,
    put_zones,
)
from pipeline.features.compiled.meanings import meanings
from pipeline.features.compiled.name_finder import Names, find_names, one_word
from pipeline.features.compiled.name_senses import told_case
from pipeline.features.gazetteer import ALL_CAPITALS, CAPITAL, COMMON_WORD, CURRENCY, KINDS
from pipeline.features.meanings import DOUBTFUL
from pipeline.features.name_senses import CASED
from pipeline.features.tokens import LOWER

_KINDS = len(KINDS)
_HEADLINE, _LEAD, _OPENING, _REST = (
    country_features.HEADLINE,
    country_features.LEAD,
    country_features.OPENING,
    country_features.REST,
)
_LEAD_END, _OPENING_END, _BEFORE_BODY = (
    country_features.LEAD_END,
    country_features.OPENING_END,
    country_features.BEFORE_BODY,
)
_DOUBTFUL, _PLAUSIBLE, _MOST = DOUBTFUL, country_features.PLAUSIBLE, country_features.MOST_CANDIDATES
_FEWEST_WORDS = country_features.FEWEST_WORDS
_ZONE_WEIGHTS = np.array(country_features.ZONE_WEIGHTS)
_NUMBER, _PAIRS, _USED, _PAIRS_ROOM, _ROOM = range(5)  # where a walk through a batch stands, and the room it needs
_FEW_PAIRS, _FEW_FEATURES = 4, 512  # of an article: room to begin with
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
    finder = names.opening, names.table.slots, names.table.values, names.cases
    facts = np.zeros((labels, 4)), np.zeros((labels, _KINDS * 4)), np.zeros((labels, 7))
    scratch = *facts, np.zeros(labels, np.int64), np.zeros(labels, np.bool_), np.empty(_MOST, np.int64)
    given = finder, names.entries, names.senses, names.told, names.joining, np.ascontiguousarray(scores, np.float64)
    fixed = *tokens, *given, scored.astype(np.int64), scratch, names.scratch()
    whole = [np.zeros(_MOST + len(scored) + _FEW_PAIRS * len(batch), np.int64) for _ in range(3)]
    parts = [np.empty(_FEW_FEATURES * (128 + len(batch)), kind) for kind in (np.int64, np.float64)]
    state = np.zeros(5, np.int64)
    while _find_pairs(*fixed, *whole, *parts, state):
        whole = [_longer(array, int(state[_PAIRS_ROOM]) + 1) for array in whole]
        parts = [_longer(array, int(state[_ROOM])) for array in parts]
    lengths = state[_PAIRS], state[_PAIRS], state[_PAIRS] + 1, state[_USED], state[_USED]
    return Pairs(*(array[:length].copy() for array, length in zip([*whole, *parts], lengths, strict=True)))


def _longer(array: np.ndarray, least: int) -> np.ndarray:
    if len(array) >= least:
        return array
    longer = np.empty(max(2 * len(array), least), array.dtype)
    longer[: len(array)] = array
    return longer


@compiled
def _find_pairs(
    words: Any, shapes: Any, starts: Any, rows: Any, finder: Any, table: Any, senses: Any, told: bool, joining: Any,
    scores: Any, scored: Any, scratch: Any, bound: Any, pair_rows: Any, pair_columns: Any, ends: Any, keys: Any,
    values: Any, state: Any,
) -> bool:  # fmt: skip
    """Go on from `state` until there is no more room, which is what it says, or no more article."""
    pairs_found, used = state[_PAIRS], state[_USED]
    for number in range(state[_NUMBER], len(rows)):
        bounds = starts[2 * rows[number] : 2 * rows[number] + 3]
        mentions, in_title = _mentions(words, shapes, bounds, finder, senses[0], told)
        if told:
            doc = words[bounds[0] : bounds[2]], shapes[bounds[0] : bounds[2]], bounds[1] - bounds[0]
            uses = meanings(*doc, mentions, in_title, table, senses, joining, bound, finder)
        else:
            uses = _uses(mentions, table)
        near = _set_zones(uses, mentions, in_title)
        most = min(_MOST, len(uses)) + len(scored)
        room = most * _FIXED + 6 * near
        if used + room > len(keys) or pairs_found + most >= len(pair_rows):
            state[_NUMBER], state[_PAIRS], state[_USED] = number, pairs_found, used
            state[_PAIRS_ROOM], state[_ROOM] = pairs_found + most, used + room
            return True
        before = pairs_found
        pairs_found, used = _document_pairs(
            words, shapes, bounds, mentions, uses, scratch, scores[number], scored,
            pair_columns, ends, keys, values, pairs_found, used, finder, table, told,
        )  # fmt: skip
        for pair in range(before, pairs_found):
            pair_rows[pair] = number
    state[_PAIRS], state[_USED] = pairs_found, used
    return False


@part
def _mentions(words: Any, shapes: Any, bounds: Any, finder: Any, classes: Any, told: bool) -> Any:
    """Names, first tokens, lengths and shapes (4, n), and how many of these are in the title."""
    found = np.empty((4, bounds[2] - bounds[0]), np.int64)
    title, count = np.int64(0), np.int64(0)
    for field in range(2):
        title, begin, end = count, bounds[field], bounds[field + 1]
        case = told_case(words, shapes, begin, end, classes) if told else CASED
        count = find_names(words, shapes, begin, end, finder, found, count, case)
    return found[:, :count], title


@part
def _uses(mentions: Any, table: Any) -> Any:
    """What each mention can mean where nothing is known of senses, in order: (mention, code, kind, 0, weight, 0)."""
    first_entry, codes, kinds, shares = table
    total = 0
    for mention in range(mentions.shape[1]):
        name = mentions[0, mention]
        total += first_entry[name + 1] - first_entry[name]
    found, use = np.zeros((total, 6)), 0
    for mention in range(mentions.shape[1]):
        name = mentions[0, mention]
        for entry in range(first_entry[name], first_entry[name + 1]):
            found[use, 0], found[use, 1], found[use, 2], found[use, 4] = (
                mention,
                codes[entry],
                kinds[entry],
                shares[entry],
            )
            use += 1
    return found


@part
def _set_zones(uses: Any, mentions: Any, in_title: int) -> int:
    """Fill in the zones, and lower the weight of doubtful names; how many uses stand outside the rest."""
    near = 0
    for use in range(len(uses)):
        mention = int(uses[use, 0])
        start = mentions[1, mention]
        zone = _LEAD if start < _LEAD_END else _OPENING if start < _OPENING_END else _REST
        if mention < in_title and zone != _REST:
            zone = _HEADLINE
        near += zone != _REST
        uses[use, 3] = zone
        if uses[use, 2] == CURRENCY or mentions[3, mention] == LOWER:
            uses[use, 4] *= _DOUBTFUL
    return near


@part
def _document_pairs(  # noqa: PLR0912, PLR0915 (calls that pass arrays cost more than the work)
    words: Any, shapes: Any, bounds: Any, mentions: Any, uses: Any, scratch: Any, scores: Any, scored: Any,
    pair_columns: Any, ends: Any, keys: Any, values: Any, pair: int, used: int, finder: Any, table: Any, told: bool,
) -> Any:  # fmt: skip
    zones, kind_zones, facts, found, called, chosen = scratch
    count = _candidates(mentions, uses, scratch)
    totals, all_scores = np.zeros(4), 0.0
    best = second = -1.0
    strong = 0
    for place in range(count):
        code = found[place]
        for zone in range(4):
            totals[zone] += zones[code, zone]
        if facts[code, RANK] < len(chosen):
            chosen[int(facts[code, RANK])] = code
        score = facts[code, SCORE]
        all_scores += score
        strong += score >= 2
        if score > best:
            best, second = score, best
        elif score > second:
            second = score
    text_best, text_second = _two_best(scores)
    body = bounds[2] - bounds[1]
    common = math.log1p(count), min(strong, 6), math.log1p(body)
    for rank in range(min(count, len(chosen))):
        code = chosen[rank]
        used = _put_common(keys, values, used, code, common)
        share = facts[code, SCORE] / (all_scores + 1e-9)
        used = put_text(keys, values, used, code, scores, scored, text_best, text_second, share)
        others = second if facts[code, SCORE] == best else best
        used = put_zones(keys, values, used, zones[code], kind_zones[code], totals)
        used = put_standing(keys, values, used, zones[code], facts[code], max(others, 0.0), share, count)
        used = put_variety(keys, values, used, code, mentions, uses)
        used = put_context(keys, values, used, code, mentions, uses, words, shapes, bounds)
        if told:
            used = put_sureness(keys, values, used, facts[code, FIRMNESS])
        pair_columns[pair] = code
        pair += 1
        ends[pair] = used
    looked = not told
    enough = not told or bounds[2] - bounds[0] >= _FEWEST_WORDS
    for place in range(len(scored) if enough else 0):
        code = scored[place]
        if scores[place] > _PLAUSIBLE and facts[code, NUSES] == 0:
            if not looked:
                _mark_called(words, bounds[0], bounds[2], finder, table, called)
                looked = True
            if called[code]:
                continue
            used = _put_common(keys, values, used, code, common)
            used = put_text(keys, values, used, code, scores, scored, text_best, text_second, -1.0)
            used = put(keys, values, used, k.UNMENTIONED, k.PLAIN, 1.0)
            pair_columns[pair] = code
            pair += 1
            ends[pair] = used
    for place in range(count):
        _clear(zones, found[place])
        _clear(kind_zones, found[place])
        _clear(facts, found[place])
    for code in range(len(called)):
        called[code] = False
    return pair, used


@part
def _clear(array: Any, row: int) -> None:
    for column in range(array.shape[1]):
        array[row, column] = 0.0


@part
def _put_common(keys: Any, values: Any, used: int, code: int, common: Any) -> int:
    """What holds for all pairs of a document."""
    used = put(keys, values, used, k.CANDIDATES, k.PLAIN, common[0])
    used = put(keys, values, used, k.STRONG, common[1], 1.0)
    used = put(keys, values, used, k.LENGTH, k.PLAIN, common[2])
    return put(keys, values, used, k.LABEL, code, 0.3)


@part
def _mark_called(words: Any, begin: int, end: int, finder: Any, table: Any, called: Any) -> None:
    """Mark the labels whose country, people or capital a single word is called like."""
    first_entry, codes, kinds, _ = table
    for at in range(begin, end):
        name = one_word(words[at], finder)
        if name >= 0 and finder[3][name] % COMMON_WORD != ALL_CAPITALS:
            for entry in range(first_entry[name], first_entry[name + 1]):
                if kinds[entry] <= CAPITAL:
                    called[codes[entry]] = True


@part
def _candidates(mentions: Any, uses: Any, scratch: Any) -> Any:
    """How many countries are mentioned; which, in order, and what the mentions say of each, goes into `scratch`."""
    zones, kind_zones, facts, found, _, _ = scratch
    count = 0
    for use in range(len(uses)):
        mention, code, kind, zone = int(uses[use, 0]), int(uses[use, 1]), int(uses[use, 2]), int(uses[use, 3])
        first = 0 if zone == _HEADLINE else mentions[1, mention] + _BEFORE_BODY
        if facts[code, NUSES] == 0:
            found[count] = code
            count += 1
            facts[code, FIRST] = first
        zones[code, zone] += uses[use, 4]
        kind_zones[code, 4 * kind + zone] += uses[use, 4]
        facts[code, NUSES] += 1
        facts[code, FIRST] = min(facts[code, FIRST], first)
        facts[code, LOWERS] += mentions[3, mention] == LOWER
        facts[code, FIRMNESS] += uses[use, 5]
    for place in range(count):
        code, score = found[place], 0.0
        for zone in range(4):
            score += _ZONE_WEIGHTS[zone] * zones[code, zone]
        facts[code, SCORE] = score
    for place in range(count):
        code = found[place]
        rank = order_of = 0
        for beside in range(count):
            other = found[beside]
            ahead, sooner = facts[other, SCORE] - facts[code, SCORE], facts[code, FIRST] - facts[other, FIRST]
            rank += ahead > 0 or (ahead == 0 and other < code)
            order_of += sooner > 0 or (sooner == 0 and other < code)
        facts[code, RANK], facts[code, ORDER] = rank, order_of
    return count


@part
def _two_best(scores: Any) -> Any:
    best = second = -np.inf
    for place in range(len(scores)):
        score = scores[place]
        if score > best:
            best, second = score, best
        elif score > second:
            second = score
    return best, second
