"""Where names of people and of places stand in training articles, compiled: what `training.fit_senses` learns from."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from pipeline.features.compiled.batch import Batch
from pipeline.features.compiled.compiler import compiled, part
from pipeline.features.compiled.meanings import places_of
from pipeline.features.compiled.name_finder import Names, find_names
from pipeline.features.compiled.name_senses import field_case, side
from pipeline.features.gazetteer import CAPITAL, CITY, COUNTRY, STATE
from pipeline.features.name_senses import CASED, FAMILY_NAME, GIVEN, GIVEN_NAME, OTHER_NAME, PLACE_OR_PERSON
from pipeline.features.tokens import LOWER

_FIRST, _A_PERSON, _A_PLACE = np.int64(0), np.int64(0), np.int64(1)  # typed: a plain number would be a type of its own
_NUMBER, _COUNT, _ROOM = range(3)  # where a walk through a batch stands, and the room it needs
_FEW = 1024  # contexts: room to begin with
_SURNAMES = 1 << FAMILY_NAME | 1 << OTHER_NAME | 1 << PLACE_OR_PERSON
_FAMILIES = 1 << FAMILY_NAME | 1 << OTHER_NAME
_PLACES = 1 << COUNTRY | 1 << CAPITAL | 1 << CITY | 1 << STATE


@dataclass(frozen=True, slots=True)
class Contexts:
    """Names in their places (n,): whether each is a place's, the sides before and after, the words' numbers there (-1
    beyond an end), and whether it is a given name itself."""

    place: np.ndarray
    before: np.ndarray
    after: np.ndarray
    word_before: np.ndarray
    word_after: np.ndarray
    given: np.ndarray


def small_words(batch: Batch) -> tuple[np.ndarray, np.ndarray]:
    """How often each of the lexicon's words stands in fields where capitals count, and how often without one."""
    every, small = (np.zeros(len(batch.lexicon), np.int64) for _ in range(2))
    _small_words(batch.words, batch.shapes, batch.starts, batch.rows, every, small)
    return every, small


def find_contexts(batch: Batch, names: Names, gold: np.ndarray) -> Contexts:
    """Names of places that lie in one of an article's countries, `gold` (n, labels), and names of people in all."""
    tokens = batch.words, batch.shapes, batch.starts, batch.rows
    finder = names.opening, names.table.slots, names.table.values, names.cases
    given = *tokens, finder, names.entries, names.senses[0], gold, np.full(len(batch.lexicon), -1, np.int64)
    found, state = np.empty((_FEW, len(fields(Contexts))), np.int64), np.zeros(3, np.int64)
    while _find_contexts(*given, found, state):
        longer = np.empty((2 * len(found) + int(state[_ROOM]), found.shape[1]), np.int64)
        longer[: state[_COUNT]] = found[: state[_COUNT]]
        found = longer
    return Contexts(*found[: state[_COUNT]].T.astype(np.int32))


def name_counts(batch: Batch, names: Names, gold: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """In how many articles each name stands (names,), and in how many of them with one of its countries in `gold`."""
    tokens = batch.words, batch.shapes, batch.starts, batch.rows
    finder = names.opening, names.table.slots, names.table.values, names.cases
    seen, right = (np.zeros(len(names.cases), np.int64) for _ in range(2))
    _name_counts(*tokens, finder, names.entries, gold, seen, right, np.full(len(names.cases), -1, np.int64))
    return seen, right


@compiled
def _name_counts(
    words: Any,
    shapes: Any,
    starts: Any,
    rows: Any,
    finder: Any,
    table: Any,
    gold: Any,
    seen: Any,
    right: Any,
    last: Any,
) -> None:
    first_entry, codes, _, _ = table
    for number in range(len(rows)):
        for field in range(2):
            begin, end = starts[2 * rows[number] + field], starts[2 * rows[number] + field + 1]
            mentions = np.empty((4, end - begin), np.int64)
            count = find_names(words, shapes, begin, end, finder, mentions, _FIRST, CASED)
            for mention in range(count):
                name = mentions[0, mention]
                if last[name] == number:
                    continue
                last[name] = number
                seen[name] += 1
                for entry in range(first_entry[name], first_entry[name + 1]):
                    if gold[number, codes[entry]]:
                        right[name] += 1
                        break


@compiled
def _small_words(words: Any, shapes: Any, starts: Any, rows: Any, every: Any, small: Any) -> None:
    for row in rows:
        for field in range(2):
            begin, end = starts[2 * row + field], starts[2 * row + field + 1]
            if field_case(shapes, begin, end) == CASED:
                for at in range(begin, end):
                    every[words[at]] += 1
                    small[words[at]] += shapes[at] == LOWER


@compiled
def _find_contexts(
    words: Any, shapes: Any, starts: Any, rows: Any, finder: Any, table: Any, classes: Any, gold: Any, surname_in: Any,
    found: Any, state: Any,
) -> bool:  # fmt: skip
    """Go on from `state` until there is no more room, which is what it says, or no more article."""
    first_entry, codes, kinds, _ = table
    count = state[_COUNT]
    for number in range(state[_NUMBER], len(rows)):
        most = 3 * (starts[2 * rows[number] + 2] - starts[2 * rows[number]])
        if count + most > len(found):
            state[_NUMBER], state[_COUNT], state[_ROOM] = number, count, most
            return True
        for field in range(2):
            begin, end = starts[2 * rows[number] + field], starts[2 * rows[number] + field + 1]
            if field_case(shapes, begin, end) != CASED:
                continue
            mentions = np.empty((4, end - begin), np.int64)
            named = find_names(words, shapes, begin, end, finder, mentions, _FIRST, CASED)
            mentions = mentions[:, :named]
            here, forms = words[begin:end], shapes[begin:end]
            places = places_of(here, _FIRST, mentions, _FIRST, first_entry)
            for mention in range(named):
                if mentions[2, mention] == 1 and _stands_for(
                    mentions[0, mention], first_entry, codes, kinds, gold[number]
                ):
                    _write(found[count], _A_PLACE, here, forms, mentions[1, mention], places, classes)
                    count += 1
            for at in range(len(here) - 1):
                after = side(here, forms, _FIRST, len(here), at + 1, CASED, places, classes)
                if side(here, forms, _FIRST, len(here), at, CASED, places, classes) == GIVEN_NAME and (
                    1 << after & _SURNAMES
                ):
                    _write(found[count], _A_PERSON, here, forms, at, places, classes)
                    _write(found[count + 1], _A_PERSON, here, forms, at + 1, places, classes)
                    surname_in[here[at + 1]] = number
                    count += 2
            for at in range(1, len(here)):
                what = side(here, forms, _FIRST, len(here), at, CASED, places, classes)
                alone = side(here, forms, _FIRST, len(here), at - 1, CASED, places, classes) != GIVEN_NAME
                if alone and surname_in[here[at]] == number and 1 << what & _FAMILIES:
                    _write(found[count], _A_PERSON, here, forms, at, places, classes)
                    count += 1
    state[_COUNT] = count
    return False


@part
def _stands_for(name: int, first_entry: Any, codes: Any, kinds: Any, gold: Any) -> bool:
    """Whether a name is a place's in one of an article's countries."""
    for entry in range(first_entry[name], first_entry[name + 1]):
        if gold[codes[entry]] and 1 << kinds[entry] & _PLACES:
            return True
    return False


@part
def _write(row: Any, place: int, words: Any, shapes: Any, at: int, places: Any, classes: Any) -> None:
    begin, end = _FIRST, len(words)
    row[0] = place
    row[1] = side(words, shapes, begin, end, at - 1, CASED, places, classes)
    row[2] = side(words, shapes, begin, end, at + 1, CASED, places, classes)
    row[3] = words[at - 1] if at > 0 else -1
    row[4] = words[at + 1] if at + 1 < end else -1
    row[5] = 1 if classes[words[at]] & GIVEN else 0
