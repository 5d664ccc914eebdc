"""Place names in an article: a gazetteer of names that stand for countries, and the matcher that finds them."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, overload

import numpy as np

from pipeline.features.name_senses import CASED, COMMON, SMALL, Senses
from pipeline.features.texts import Document
from pipeline.features.tokens import CAPITALISED, LOWER, UPPER, Tokens

KINDS = ("country", "demonym", "capital", "city", "state", "org", "leader", "currency", "area", "abbreviation")
COUNTRY, DEMONYM, CAPITAL, CITY, STATE, ORG, LEADER, CURRENCY, AREA, ABBREVIATION = range(len(KINDS))
ANY_CASE, SOME_CAPITAL, ALL_CAPITALS = range(3)
COMMON_WORD = 4  # added to these for a name that is a word mostly written small
TITLE, BODY = 0, 1
Entry = tuple[int, int, float]


@dataclass(frozen=True, slots=True)
class Mention:
    """A name found in a text: which name, in TITLE or BODY, from which token on, how many tokens, and its shape."""

    name: int
    part: int
    start: int
    length: int
    shape: int


class Entries(Sequence[tuple[Entry, ...]]):
    """The entries of each name, as arrays: tuples are made of the few that a text asks for."""

    def __init__(self, counts: np.ndarray, codes: np.ndarray, kinds: np.ndarray, weights: np.ndarray) -> None:
        self.columns = counts, codes, kinds, weights
        self._ends = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts, dtype=np.int64)])
        self._made: dict[int, tuple[Entry, ...]] = {}

    @classmethod
    def of(cls, entries: Sequence[tuple[Entry, ...]]) -> Entries:
        """Entries as arrays of the smallest types."""
        if isinstance(entries, cls):
            return entries
        flat = [entry for of_name in entries for entry in of_name]
        return cls(
            np.array([len(of_name) for of_name in entries], np.uint8),
            np.array([code for code, _, _ in flat], np.int16),
            np.array([kind for _, kind, _ in flat], np.uint8),
            np.array([weight for _, _, weight in flat], np.float64),
        )

    def __len__(self) -> int:
        return len(self._ends) - 1

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]

    @overload
    def __getitem__(self, place: int) -> tuple[Entry, ...]: ...

    @overload
    def __getitem__(self, place: slice) -> list[tuple[Entry, ...]]: ...

    def __getitem__(self, place: int | slice) -> tuple[Entry, ...] | list[tuple[Entry, ...]]:
        if isinstance(place, slice):
            return [self[number] for number in range(*place.indices(len(self)))]
        found = self._made.get(place)
        if found is None:
            found = self._made[place] = self._entries(place)
        return found

    def _entries(self, place: int) -> tuple[Entry, ...]:
        if not -len(self) <= place < len(self):
            raise IndexError(place)
        start, end = self._ends[place % len(self)], self._ends[place % len(self) + 1]
        return tuple(zip(*(column[start:end].tolist() for column in self.columns[1:]), strict=True))


@dataclass(slots=True)
class Gazetteer:
    """Names and what they stand for.

    `names` are lower-cased tokens joined by blanks; `cases` says how each must be written. `entries` holds for each
    name (index into `labels`, index into KINDS, weight), the weight being how much of the name's use goes to that
    entry. A name without an entry only keeps shorter names within it from being found. `senses` tell places from
    people of the same name; without them, as in models of formats 1 and 2, every name is a place and capitals always
    count.
    """

    labels: tuple[str, ...]
    names: list[str]
    cases: list[int]
    entries: Sequence[tuple[Entry, ...]]
    senses: Senses | None = None
    _lookup: tuple[dict[str, int], dict[str, int]] | None = field(init=False, repr=False, compare=False, default=None)

    def _looked_up(self) -> tuple[dict[str, int], dict[str, int]]:
        """The number of each name, and the length of the longest name that begins with each word: made when a text is
        the first that asks, since compiled functions don't."""
        if self._lookup is None:
            longest = dict.fromkeys([name for name in self.names if " " not in name], 1)
            for name in [name for name in self.names if " " in name]:
                first, length = name[: name.index(" ")], name.count(" ") + 1
                if longest.get(first, 0) < length:
                    longest[first] = length
            self._lookup = dict(zip(self.names, range(len(self.names)), strict=True)), longest
        return self._lookup

    def read(self, doc: Document) -> Document:
        """The document as names are looked for in it: English has no endings to take off."""
        return doc

    def read_batch(self, docs: Any) -> Any:
        """A batch, likewise."""
        return docs

    def find(self, doc: Document) -> list[Mention]:
        """All mentions in `doc`, as `read` gives it, title first, longest name first where names overlap."""
        return [*self._find_in(doc.title, TITLE), *self._find_in(doc.body, BODY)]

    def _find_in(self, tokens: Tokens, part: int) -> Iterable[Mention]:
        words, shapes, longest = tokens.words, tokens.shapes, self._looked_up()[1]
        case = self.senses.case(words, shapes) if self.senses else CASED
        end = 0
        for at in [at for at, word in enumerate(words) if word in longest]:
            found = self._at(words, shapes, at, min(longest[words[at]], len(words) - at), case) if at >= end else None
            if found:
                end = at + found[1]
                yield Mention(found[0], part, at, found[1], CAPITALISED if case == SMALL else max(shapes[at:end]))

    def _at(self, words: list[str], shapes: list[int], at: int, most: int, case: int) -> tuple[int, int] | None:
        index = self._looked_up()[0]
        for length in range(most, 0, -1):
            name = index.get(" ".join(words[at : at + length]))
            if name is not None and self._written(self.cases[name], shapes[at : at + length], case, at):
                return name, length
        return None

    @staticmethod
    def _written(name: int, shapes: Sequence[int], case: int, at: int) -> bool:
        """Whether a name is written as it must be. Where capitals say nothing, common words are no names."""
        must, common = name % COMMON_WORD, name >= COMMON_WORD
        if must == ANY_CASE:
            return True
        if case == SMALL:
            return not common
        if must == ALL_CAPITALS:
            return shapes[0] == UPPER
        return max(shapes) > LOWER and not (common and (case != CASED or at == 0))

    def with_senses(self, senses: Senses) -> Gazetteer:
        """The same names, told from people and common words by `senses`."""
        common = [COMMON_WORD if senses.word(name)[0] & COMMON else 0 for name in self.names]
        cases = [case % COMMON_WORD + word for case, word in zip(self.cases, common, strict=True)]
        return replace(self, cases=cases, senses=senses)

    def without(self, said: Container[int], kinds: Container[int]) -> Gazetteer:
        """The same names, but those whose numbers are in `said` without their entries of some kinds."""
        kept = [
            tuple(entry for entry in of_name if entry[1] not in kinds) if number in said else of_name
            for number, of_name in enumerate(self.entries)
        ]
        return replace(self, entries=kept)

    def called(self, doc: Document) -> set[int]:
        """The labels whose country, people or capital a single word of `doc` is called like, however written."""
        numbers = self.numbers({*doc.title.words, *doc.body.words})
        known = [n for n in numbers if self.cases[n] % COMMON_WORD != ALL_CAPITALS]
        return {code for n in known for code, kind, _ in self.entries[n] if kind <= CAPITAL}

    def number(self, name: str) -> int:
        """The number of a name; -1 if there is none."""
        return self._looked_up()[0].get(name, -1)

    def numbers(self, words: set[str]) -> list[int]:
        """The numbers of those words that are names."""
        index = self._looked_up()[0]
        return [index[word] for word in index.keys() & words]

    def state(self) -> dict[str, Any]:
        """Builtins and arrays from which `from_state` makes the gazetteer again."""
        counts, codes, kinds, weights = Entries.of(self.entries).columns
        return {
            "labels": list(self.labels),
            "names": "\n".join(self.names),
            "cases": np.array(self.cases, np.uint8),
            "counts": counts,
            "codes": codes,
            "kinds": kinds,
            "weights": weights,
            "senses": self.senses.state() if self.senses else None,
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Gazetteer:
        """The gazetteer that `state` was taken from."""
        entries = Entries(state["counts"], state["codes"], state["kinds"], state["weights"])
        senses = Senses.from_state(state["senses"]) if state.get("senses") else None
        return cls(tuple(state["labels"]), state["names"].split("\n"), state["cases"].tolist(), entries, senses)
