"""A gazetteer for another language: its own names, with their endings taken off where a text inflects them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from pipeline.features.gazetteer import (
    ALL_CAPITALS,
    ANY_CASE,
    COMMON_WORD,
    COUNTRY,
    CURRENCY,
    DEMONYM,
    SOME_CAPITAL,
    Entry,
    Gazetteer,
    Mention,
)
from pipeline.features.language.places import PlaceName, city_names, place_names
from pipeline.features.language.stemming import stemmer_of
from pipeline.features.texts import Document
from pipeline.features.tokens import CAPITALISED, LOWER, Tokens, tokenize

_SHORTEST_INFLECTED = 5  # letters: shorter stems are those of many words
_SHORTEST_LOWER = 4
_MANY = 0.5

Stem = Callable[[str], str]
_Found = dict[str, tuple[int, dict[tuple[int, int], None]]]


class InflectedGazetteer(Gazetteer):
    """Names in one language, found in a text whose words may carry other endings.

    A word that is no name, but has the stem of a one-word name of a country or its people, is read as that name.
    Names of peoples count in whatever case: English alone writes all of them with a capital.
    """

    __slots__ = ("_people", "_stem", "_stems")

    def __init__(
        self,
        labels: tuple[str, ...],
        names: list[str],
        cases: list[int],
        entries: list[tuple[Entry, ...]],
        stem: Stem | None,
    ) -> None:
        super().__init__(labels, names, cases, entries)
        kinds = {name: {kind for _, kind, _ in of_name} for name, of_name in zip(names, entries, strict=True)}
        firm = [name for name in names if kinds[name] & {COUNTRY, DEMONYM} and " " not in name]
        self._people = frozenset(name for name in firm if DEMONYM in kinds[name] and len(name) >= _SHORTEST_LOWER)
        self._stem = stem
        stems: dict[str, str] = {}
        for name in sorted(firm, key=len, reverse=True):
            if stem and len(name) >= _SHORTEST_INFLECTED and len(stem(name)) >= _SHORTEST_LOWER:
                stems[stem(name)] = name
        self._stems = stems

    def find(self, doc: Document) -> list[Mention]:
        """All mentions in `doc`, as `Gazetteer.find` gives them."""
        return super().find(Document(self._read(doc.title), self._read(doc.body)))

    def _read(self, tokens: Tokens) -> Tokens:
        words, shapes = list(tokens.words), list(tokens.shapes)
        for at, (word, shape) in enumerate(zip(tokens.words, tokens.shapes, strict=True)):
            if not word.isascii():  # letters of other scripts lost their case in folding
                shapes[at] = CAPITALISED
            if word in self._index or len(word) < _SHORTEST_INFLECTED or not self._stem:
                name = word
            else:
                name = words[at] = self._named(word, shapes[at])
            if shape == LOWER and name in self._people:
                shapes[at] = CAPITALISED
        return replace(tokens, words=words, shapes=shapes)

    def _named(self, word: str, shape: int) -> str:
        assert self._stem is not None
        name = self._stems.get(self._stem(word))
        return name if name and (shape != LOWER or name in self._people) else word


def gazetteer_of(language: str, english: Gazetteer) -> InflectedGazetteer | None:
    """A gazetteer of a language's own names, with what is called alike in all: cities, parties, companies, leaders.

    It has the labels of the `english` one. None when the language has no names, or the labels are no ISO codes.
    """
    place = {label: number for number, label in enumerate(english.labels)}
    own = [name for name in place_names(language) if name.code in place]
    if len({name.code for name in own}) < _MANY * len({name.code for name in place_names(language)}) or not own:
        return None
    found: _Found = {}
    for name in own:
        _add(found, name, place[name.code])
    known = set(found)
    for name in city_names():
        if name.code in place and " ".join(tokenize(name.name).words) not in known:
            _add(found, name, place[name.code])
    shared = {name: (case, entries) for name, case, entries in _shared(english) if name not in found}
    names = sorted({*found, *shared})
    cases = [found[name][0] if name in found else shared[name][0] for name in names]
    entries = [_shares(found[name][1]) if name in found else shared[name][1] for name in names]
    return InflectedGazetteer(english.labels, names, cases, entries, stemmer_of(language))


def _add(found: _Found, name: PlaceName, label: int) -> None:
    words = tokenize(name.name.replace("'", " ")).words
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


def _shared(english: Gazetteer) -> Iterator[tuple[str, int, tuple[Entry, ...]]]:
    """The names that are not English words, as those of peoples and currencies are, and short ones of countries."""
    plain = [case % COMMON_WORD for case in english.cases]
    for name, case, entries in zip(english.names, plain, english.entries, strict=True):
        english_word = {DEMONYM, CURRENCY, COUNTRY} if len(name) < _SHORTEST_INFLECTED else {DEMONYM, CURRENCY}
        kept = tuple(entry for entry in entries if entry[1] not in english_word)
        if kept and len(kept) == len(entries):
            yield name, SOME_CAPITAL if case == ANY_CASE else case, kept
