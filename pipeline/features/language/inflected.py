"""A gazetteer for another language: its own names, with their endings taken off where a text inflects them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.features.gazetteer import (
    ABBREVIATION,
    ALL_CAPITALS,
    ANY_CASE,
    CAPITAL,
    COMMON_WORD,
    COUNTRY,
    CURRENCY,
    DEMONYM,
    SOME_CAPITAL,
    Entry,
    Gazetteer,
)
from pipeline.features.language.places import PlaceName, city_names, place_names
from pipeline.features.language.reading import ENGLISH, words_of
from pipeline.features.language.stemming import stemmer_of
from pipeline.features.name_senses import CASED, SMALL, UNTOLD
from pipeline.features.texts import Document
from pipeline.features.tokens import CAPITALISED, LOWER, UPPER, Tokens

if TYPE_CHECKING:
    from pipeline.features.compiled.batch import Batch

_SHORTEST_INFLECTED = 5  # letters: shorter stems are those of many words
_SHORTEST_LOWER, _SHORTEST_COUNTRY = 4, 3
_MANY = 0.5

_SHAPES = _CASES = 4  # more than there are
_LOUD = UNTOLD

_Found = dict[str, tuple[int, dict[tuple[int, int], None]]]


class InflectedGazetteer(Gazetteer):
    """Names in other languages, found in a text whose words may carry other endings.

    A word that is no name, but has the stem of a one-word name of a country or its people, is read as that name.
    Names of peoples count in whatever case: English alone writes all of them with a capital. In a field without
    capitals the names of countries, peoples and capitals count as they are; in one of capitals nothing is an acronym.
    """

    __slots__ = ("_firm", "_people", "_stemmers", "_stems", "languages")

    def __init__(
        self,
        labels: tuple[str, ...],
        names: list[str],
        cases: list[int],
        entries: list[tuple[Entry, ...]],
        languages: tuple[str, ...],
    ) -> None:
        super().__init__(labels, names, cases, entries)
        self.languages = languages
        self._stemmers = [stem for stem in map(stemmer_of, languages) if stem]
        kinds = {name: {kind for _, kind, _ in of_name} for name, of_name in zip(names, entries, strict=True)}
        sure = [name for name in names if kinds[name] & {COUNTRY, DEMONYM, CAPITAL}]
        self._firm = frozenset(word for name in sure for word in name.split(" ") if len(word) >= _SHORTEST_LOWER)
        self._firm |= {name for name in names if len(name) == _SHORTEST_COUNTRY and COUNTRY in kinds[name]}
        firm = [name for name in sure if kinds[name] & {COUNTRY, DEMONYM} and " " not in name]
        self._people = frozenset(name for name in firm if DEMONYM in kinds[name] and len(name) >= _SHORTEST_LOWER)
        self._stems: dict[str, str] = {}
        for name in sorted(firm, key=len, reverse=True):
            for stem in self._stemmers if len(name) >= _SHORTEST_INFLECTED else ():
                if len(stem(name)) >= _SHORTEST_LOWER:
                    self._stems[stem(name)] = name

    def read(self, doc: Document) -> Document:
        """The document with names as they are known, whatever their endings in the text."""
        return Document(self._read(doc.title), self._read(doc.body))

    def read_batch(self, docs: Batch) -> Batch:
        """The same of a batch."""
        lengths = np.diff(docs.starts)
        field = np.repeat(np.arange(len(lengths)), lengths)
        capitals, upper = (
            np.bincount(field, found, len(lengths)) for found in (docs.shapes != LOWER, docs.shapes == UPPER)
        )
        case = np.array(list(map(_case, lengths.tolist(), capitals.tolist(), upper.tolist())), np.int64)
        keys = (docs.words.astype(np.int64) * _CASES + case[field]) * _SHAPES + docs.shapes
        every, place = np.unique(keys, return_inverse=True)
        known = docs.lexicon.words
        read = [
            self._name_of(known[key // _SHAPES // _CASES], key % _SHAPES, key // _SHAPES % _CASES)
            for key in every.tolist()
        ]
        with docs.lexicon.lock:
            words = docs.lexicon.numbers(word for word, _ in read)
        shapes = np.array([shape for _, shape in read], np.uint8)
        return replace(docs, words=words[place], shapes=shapes[place])

    def state(self) -> dict[str, Any]:
        """As of any gazetteer, with the languages."""
        return {**super().state(), "languages": list(self.languages)}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> InflectedGazetteer:
        """The gazetteer that `state` was taken from."""
        plain = Gazetteer.from_state(state)
        return cls(plain.labels, plain.names, plain.cases, list(plain.entries), tuple(state["languages"]))

    def _read(self, tokens: Tokens) -> Tokens:
        shapes = tokens.shapes
        case = _case(len(shapes), len(shapes) - shapes.count(LOWER), shapes.count(UPPER))
        read = [self._name_of(word, shape, case) for word, shape in zip(tokens.words, shapes, strict=True)]
        return replace(tokens, words=[word for word, _ in read], shapes=[shape for _, shape in read])

    def _name_of(self, word: str, shape: int, case: int) -> tuple[str, int]:
        """The name that a word is, or the word, and how it is written in a field of such a case."""
        if not word.isascii() or (
            case == _LOUD and shape == UPPER
        ):  # letters of other scripts lost their case in folding
            shape = CAPITALISED
        if self.number(word) < 0 and len(word) >= _SHORTEST_INFLECTED:
            word = self._named(word, CAPITALISED if case == SMALL else shape)
        sure = self._firm if case == SMALL else self._people
        return word, CAPITALISED if shape == LOWER and word in sure else shape

    def _named(self, word: str, shape: int) -> str:
        for stem in self._stemmers:
            name = self._stems.get(stem(word))
            if name and (shape != LOWER or name in self._people):
                return name
        return word


def _case(tokens: int, capitals: float, upper: float) -> int:
    """What capitals say in a field: something, nothing as there are none, nothing as there is nothing else."""
    if 50 * capitals < tokens:
        return SMALL
    return _LOUD if 2 * upper > tokens else CASED


def gazetteer_of(languages: tuple[str, ...], english: Gazetteer) -> InflectedGazetteer | None:
    """A gazetteer of the languages' own names, with what is called alike in all: cities, parties, companies, leaders.

    It has the labels of the `english` one, and all its names if English is among the languages. None when no language
    has names, or the labels are no ISO codes.
    """
    place = {label: number for number, label in enumerate(english.labels)}
    own = [name for language in languages for name in place_names(language)]
    if sum(label in {name.code for name in own} for label in place) < _MANY * len(place) or not own:
        return None
    found: _Found = {}
    for name in own:
        if name.code in place:
            _add(found, name, place[name.code])
    known = set(found)
    for name in city_names():
        if name.code in place and " ".join(words_of(name.name)) not in known:
            _add(found, name, place[name.code])
    theirs = _all_of(english) if ENGLISH in languages else _shared(english)
    shared = {name: (case, entries) for name, case, entries in theirs if name not in found}
    names = sorted({*found, *shared})
    cases = [found[name][0] if name in found else shared[name][0] for name in names]
    entries = [_shares(found[name][1]) if name in found else shared[name][1] for name in names]
    return InflectedGazetteer(english.labels, names, cases, entries, languages)


def _add(found: _Found, name: PlaceName, label: int) -> None:
    words = words_of(name.name)
    if not words or len("".join(words)) < 2:
        return
    if len(words) == 1 and len(name.name) <= _SHORTEST_LOWER and name.name.isupper():  # US, ABD
        case = ALL_CAPITALS
    else:
        case = ANY_CASE if name.kind == DEMONYM and name.name[:1].islower() else SOME_CAPITAL
    before, entries = found.setdefault(" ".join(words), (case, {}))
    entries[label, name.kind] = None
    found[" ".join(words)] = (min(case, before), entries)


def _shares(entries: Iterable[tuple[int, int]]) -> tuple[Entry, ...]:
    """One entry for each country, of its firmest kind; a country's own name leaves nothing to what is called alike."""
    kinds: dict[int, int] = {}
    for label, kind in entries:
        kinds[label] = min(kind, kinds.get(label, kind))
    if COUNTRY in kinds.values():
        kinds = {label: kind for label, kind in kinds.items() if kind == COUNTRY}
    return tuple((label, kind, round(1 / len(kinds), 3)) for label, kind in sorted(kinds.items()))


def _all_of(english: Gazetteer) -> Iterator[tuple[str, int, tuple[Entry, ...]]]:
    return zip(english.names, (case % COMMON_WORD for case in english.cases), english.entries, strict=True)


def _shared(english: Gazetteer) -> Iterator[tuple[str, int, tuple[Entry, ...]]]:
    """The names that are not English words, as those of peoples and currencies are, and short ones of countries."""
    plain = [case % COMMON_WORD for case in english.cases]
    for name, case, entries in zip(english.names, plain, english.entries, strict=True):
        english_word = {DEMONYM, CURRENCY, ABBREVIATION} | ({COUNTRY} if len(name) < _SHORTEST_INFLECTED else set())
        kept = tuple(entry for entry in entries if entry[1] not in english_word)
        if kept and len(kept) == len(entries):
            yield name, SOME_CAPITAL if case == ANY_CASE else case, kept
