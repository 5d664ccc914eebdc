"""Pair features of batches of articles, compiled: the same features as `pairs.pair_features`."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from pipeline.features import country_features
from pipeline.features.compiled import country_feature_numbers as k
from pipeline.features.compiled.batch import Batch
from pipeline.features.compiled.compiler import compiled
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
    finder = names.longest, names.table.slots, names.table.values, names.cases
    given = finder, names.entries, names.senses, names.told, names.joining
    found = np.ascontiguousarray(scores), scored.astype(np.int64)
    return Pairs(*_find_pairs(*tokens, *given, labels, *found, names.scratch()))


@compiled
def _find_pairs(
    words: Any, shapes: Any, starts: Any, rows: Any, finder: Any, table: Any, senses: Any, told: bool, joining: Any,
    labels: int, scores: Any, scored: Any, bound: Any,
) -> Any:  # fmt: skip
    facts = np.zeros((labels, 4)), np.zeros((labels, _KINDS * 4)), np.zeros((labels, 7))
    scratch = facts[0], facts[1], facts[2], np.zeros(labels, np.int64), np.zeros(labels, np.bool_)
    pair_rows, pair_columns = np.empty(64, np.int64), np.empty(64, np.int64)
    ends = np.zeros(65, np.int64)
    keys, values = np.empty(8192, np.int64), np.empty(8192, np.float64)
    pairs_found = used = 0
    for number in range(len(rows)):
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
        while used + room > len(keys):
            keys, values = _longer(keys, used + room), _longer(values, used + room)
        while pairs_found + most > len(pair_rows):
            pair_rows, pair_columns = _longer(pair_rows, pairs_found + most), _longer(pair_columns, pairs_found + most)
            ends = _longer(ends, len(pair_rows) + 1)
        before = pairs_found
        pairs_found, used = _document_pairs(
            words, shapes, bounds, mentions, uses, scratch, scores[number], scored,
            pair_columns, ends, keys, values, pairs_found, used, finder, table, told,
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
def _mentions(words: Any, shapes: Any, bounds: Any, finder: Any, classes: Any, told: bool) -> Any:
    """Names, first tokens, lengths and shapes (4, n), and how many of these are in the title."""
    found = np.empty((4, bounds[2] - bounds[0]), np.int64)
    longest, slots, numbers, cases = finder
    given = longest, slots, numbers, cases
    case = told_case(words, shapes, bounds[0], bounds[1], classes) if told else CASED
    title = find_names(words, shapes, bounds[0], bounds[1], *given, found, case)
    case = told_case(words, shapes, bounds[1], bounds[2], classes) if told else CASED
    body = find_names(words, shapes, bounds[1], bounds[2], *given, found[:, title:], case)
    return found[:, : title + body], title


@compiled
def _uses(mentions: Any, table: Any) -> Any:
    """What each mention can mean where nothing is known of senses, in order: (mention, code, kind, 0, weight, 0)."""
    first_entry, codes, kinds, shares = table
    total = 0
    for name in mentions[0]:
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


@compiled
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


@compiled
def _document_pairs(  # noqa: PLR0915 (calls that pass arrays cost more than the work)
    words: Any, shapes: Any, bounds: Any, mentions: Any, uses: Any, scratch: Any, scores: Any, scored: Any,
    pair_columns: Any, ends: Any, keys: Any, values: Any, pair: int, used: int, finder: Any, table: Any, told: bool,
) -> Any:  # fmt: skip
    zones, kind_zones, facts, _, called = scratch
    found = _candidates(mentions, uses, scratch)
    totals, all_scores = np.zeros(4), 0.0
    best = second = -1.0
    strong = 0
    for code in found:
        totals += zones[code]
        score = facts[code, SCORE]
        all_scores += score
        strong += score >= 2
        if score > best:
            best, second = score, best
        elif score > second:
            second = score
    text_best, text_second = _two_best(scores)
    body = bounds[2] - bounds[1]
    common = math.log1p(len(found)), min(strong, 6), math.log1p(body)
    chosen = found[np.argsort(facts[found, RANK])][:_MOST]
    for code in chosen:
        used = put(keys, values, used, k.CANDIDATES, 0, common[0])
        used = put(keys, values, used, k.STRONG, common[1], 1.0)
        used = put(keys, values, used, k.LENGTH, 0, common[2])
        used = put(keys, values, used, k.LABEL, code, 0.3)
        share = facts[code, SCORE] / (all_scores + 1e-9)
        used = put_text(keys, values, used, code, scores, scored, text_best, text_second, share, True)
        others = second if facts[code, SCORE] == best else best
        used = put_zones(keys, values, used, zones[code], kind_zones[code], totals)
        used = put_standing(keys, values, used, zones[code], facts[code], max(others, 0.0), share, len(found))
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
                _mark_called(words[bounds[0] : bounds[2]], finder, table, called)
                looked = True
            if called[code]:
                continue
            used = put(keys, values, used, k.CANDIDATES, 0, common[0])
            used = put(keys, values, used, k.STRONG, common[1], 1.0)
            used = put(keys, values, used, k.LENGTH, 0, common[2])
            used = put(keys, values, used, k.LABEL, code, 0.3)
            used = put_text(keys, values, used, code, scores, scored, text_best, text_second, 0.0, False)
            used = put(keys, values, used, k.UNMENTIONED, 0, 1.0)
            pair_columns[pair] = code
            pair += 1
            ends[pair] = used
    for code in found:
        zones[code] = 0.0
        kind_zones[code] = 0.0
        facts[code] = 0.0
    called[:] = False
    return pair, used


@compiled
def _mark_called(words: Any, finder: Any, table: Any, called: Any) -> None:
    """Mark the labels whose country, people or capital a single word is called like."""
    first_entry, codes, kinds, _ = table
    for word in words:
        name = one_word(word, finder)
        if name >= 0 and finder[3][name] % COMMON_WORD != ALL_CAPITALS:
            for entry in range(first_entry[name], first_entry[name + 1]):
                if kinds[entry] <= CAPITAL:
                    called[codes[entry]] = True


@compiled
def _candidates(mentions: Any, uses: Any, scratch: Any) -> Any:
    """The countries that are mentioned, in order; what the mentions say of each goes into `scratch`."""
    zones, kind_zones, facts, order, _ = scratch
    count = 0
    for use in range(len(uses)):
        mention, code, kind, zone = int(uses[use, 0]), int(uses[use, 1]), int(uses[use, 2]), int(uses[use, 3])
        first = 0 if zone == _HEADLINE else mentions[1, mention] + _BEFORE_BODY
        if facts[code, NUSES] == 0:
            order[count] = code
            count += 1
            facts[code, FIRST] = first
        zones[code, zone] += uses[use, 4]
        kind_zones[code, 4 * kind + zone] += uses[use, 4]
        facts[code, NUSES] += 1
        facts[code, FIRST] = min(facts[code, FIRST], first)
        facts[code, LOWERS] += mentions[3, mention] == LOWER
        facts[code, FIRMNESS] += uses[use, 5]
    found = order[:count].copy()
    for code in found:
        score = 0.0
        for zone in range(4):
            score += _ZONE_WEIGHTS[zone] * zones[code, zone]
        facts[code, SCORE] = score
    for code in found:
        rank = order_of = 0
        for other in found:
            ahead, sooner = facts[other, SCORE] - facts[code, SCORE], facts[code, FIRST] - facts[other, FIRST]
            rank += ahead > 0 or (ahead == 0 and other < code)
            order_of += sooner > 0 or (sooner == 0 and other < code)
        facts[code, RANK], facts[code, ORDER] = rank, order_of
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
