"""Terms of languages other than English: words or their stems, and pieces of words where figures ask for them.

Read in Python, one article like many: a batch gives the same rows as its articles one by one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from pipeline.common.errors import ModelError
from pipeline.common.project import missing
from pipeline.features.language.stemming import stemmer_of
from pipeline.features.stems import COUNTRY
from pipeline.features.terms import CSR, TermFeatures, stacked
from pipeline.features.texts import Articles
from pipeline.features.tokens import LOWER, Tokens

if TYPE_CHECKING:
    from pipeline.features.compiled.batch import Batch

PIECE = "·"  # stands before a term that is a piece of a word; no word holds it
_EDGE = "_"
Field = tuple[Sequence[str], Sequence[int]]  # words and shapes


class LanguageTerms(TermFeatures):
    """Terms as `TermFeatures` weighs them, of one language's words.

    `stems` takes words by their snowball stems. `pieces` (shortest, longest; 0, 0 for none) adds the character n-grams
    of each word, its edges marked, which weigh `piece_weight`: they stand for the stems of languages that have no
    stemmer, and for the parts of long words. `settings` are those of `TermFeatures`.
    """

    def __init__(
        self,
        language: str,
        stems: bool,
        pieces: tuple[int, int] = (0, 0),
        piece_weight: float = 0.5,
        settings: tuple[float, float, int, frozenset[str]] = (2.5, 60.0, 2, frozenset()),
    ) -> None:
        super().__init__(*settings)
        self.language, self.stems, self.pieces, self.piece_weight = language, stems, pieces, piece_weight
        self._stem = stemmer_of(language) if stems else None
        self._known: dict[str, np.ndarray] = {}
        self._is_piece = np.zeros(0, bool)

    def fit(self, docs: Batch, jobs: int = 1) -> Self:  # noqa: ARG002 (Python counts here)
        """Choose the terms that occur in at least `min_documents` of `docs` and weigh them by rarity."""
        frequency: dict[str, int] = {}
        told: dict[str, tuple[str, ...]] = {}
        for fields in _fields_of(docs):
            for term in {term for field in fields for word in self._plain(*field) for term in self._terms(word, told)}:
                frequency[term] = frequency.get(term, 0) + 1
        self._set_terms(sorted(term for term, count in frequency.items() if count >= self.min_documents))
        self.idf = self.rarity(np.array([frequency[term] for term in self.terms], np.int64), len(docs))
        return self

    def rarity(self, frequency: np.ndarray, documents: int) -> np.ndarray:
        """As in `TermFeatures`; pieces weigh less than words."""
        found = super().rarity(frequency, documents)
        return np.where(self._is_piece[: len(found)], self.piece_weight * found, found).astype(np.float32)

    def of_articles(self, docs: Articles) -> CSR:
        """Counts of the terms in a few articles."""
        return self._counted(((doc.title.words, doc.title.shapes), (doc.body.words, doc.body.shapes)) for doc in docs)

    def of_batch(self, docs: Batch) -> CSR:
        """Counts of the terms in a batch."""
        return self._counted(_fields_of(docs))

    def terms_of(self, tokens: Tokens) -> Iterator[str]:
        """One term a token."""
        return (word if word == COUNTRY else self._base(word) for word in self._plain(tokens.words, tokens.shapes))

    def state(self) -> dict[str, Any]:
        """All that `from_state` needs, as numpy arrays and builtin types."""
        own = {"stems": self.stems, "pieces": list(self.pieces), "piece_weight": self.piece_weight}
        return {**super().state(), "language": self.language, **own}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """The features that `state` was taken from. Raises ModelError where its stemmer is not installed."""
        masked = frozenset(filter(None, state["masked"].split("\n")))
        settings = state["title_weight"], state["lead_words"], state["min_documents"], masked
        shortest, longest = state["pieces"]
        own = state["language"], state["stems"], (shortest, longest), state["piece_weight"]
        if state["stems"] and stemmer_of(state["language"]) is None:
            raise ModelError(missing(f"a model of stems in '{state['language']}'", "languages"))
        features = cls(*own, settings)
        features._set_terms(state["terms"].split("\n") if state["terms"] else [])
        features.idf, features.learned = state["idf"], state["learned"]
        return features

    def _set_terms(self, terms: list[str]) -> None:
        super()._set_terms(terms)
        self._known = {}
        self._is_piece = np.array([term.startswith(PIECE) for term in terms], bool)

    def _plain(self, words: Sequence[str], shapes: Sequence[int]) -> list[str]:
        """The words, with those of masked countries all alike."""
        if not self.masked:
            return list(words)
        named = zip(words, shapes, strict=True)
        return [
            COUNTRY if word in self.masked and (shape != LOWER or not word.isascii()) else word for word, shape in named
        ]

    def _base(self, word: str) -> str:
        if word[0].isdigit():
            return f"#{len(word)}" if word.isdigit() else "#x"
        return self._stem(word) or word if self._stem else word

    def _terms(self, word: str, told: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
        found = told.get(word)
        if found is None:
            found = told[word] = (word,) if word == COUNTRY else (self._base(word), *self._pieces(word))
        return found

    def _pieces(self, word: str) -> Iterator[str]:
        shortest, longest = self.pieces
        if not longest or word[0].isdigit():
            return
        edged = f"{_EDGE}{word}{_EDGE}"
        for size in range(shortest, min(longest, len(edged)) + 1):
            yield from (PIECE + edged[at : at + size] for at in range(len(edged) - size + 1))

    def _columns_of(self, word: str) -> np.ndarray:
        found = self._known.get(word)
        if found is None:
            columns = [self._column.get(term, -1) for term in self._terms(word, {})]
            found = np.array([column for column in columns if column >= 0], np.int32)
            if len(self._known) < 300_000:
                self._known[word] = found
        return found

    def _counted(self, docs: Iterable[tuple[Field, Field]]) -> CSR:
        return stacked([self._row_of(*fields) for fields in docs])

    def _row_of(self, title: Field, body: Field) -> tuple[np.ndarray, np.ndarray]:
        words, text = self._plain(*title), self._plain(*body)
        weights = np.concatenate(
            [np.full(len(words), self.title_weight), 1 / (1 + np.arange(len(text)) / self.lead_words)]
        )
        found = [self._columns_of(word) for word in words + text]
        if not found:
            return np.zeros(0, np.int32), np.zeros(0)
        columns, place = np.unique(np.concatenate(found), return_inverse=True)
        return columns, np.bincount(place, np.repeat(weights, [len(one) for one in found]), len(columns))


def _fields_of(docs: Batch) -> Iterator[tuple[Field, Field]]:
    """The words and shapes of each article's title and body."""
    words = docs.lexicon.words
    for row in docs.rows.tolist():
        start, middle, end = docs.starts[2 * row : 2 * row + 3].tolist()
        title, body = docs.words[start:middle].tolist(), docs.words[middle:end].tolist()
        shapes = docs.shapes[start:middle].tolist(), docs.shapes[middle:end].tolist()
        yield ([words[at] for at in title], shapes[0]), ([words[at] for at in body], shapes[1])
