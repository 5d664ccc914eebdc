"""Documents as weighted terms: stems, acronyms and number shapes, the title and the lead counting more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from pipeline.features.stems import ACRONYM_LETTERS, COUNTRY, MEMORY, stem, stem_anew
from pipeline.features.texts import Articles, Document, Documents
from pipeline.features.tokens import LOWER, UPPER, Tokens

if TYPE_CHECKING:
    from pipeline.features.compiled.batch import Batch
    from pipeline.features.compiled.term_counts import TermColumns


CSR = tuple[np.ndarray, np.ndarray, np.ndarray]


class TermFeatures:
    """Log term frequency by position, times inverse document frequency, rows of length 1.

    A title word counts `title_weight`, the body's word number j counts 1 / (1 + j / lead_words): annotators and readers
    judge an article by its beginning, and no cut at a fixed word did as well as this slow decay. The `masked` words,
    where capitalised, all count as one term: the topic of a story is not a matter of which country it happens in.

    Single documents are read in Python, which needs no compiler; batches of any size by compiled functions.
    """

    def __init__(
        self,
        title_weight: float = 2.5,
        lead_words: float = 60.0,
        min_documents: int = 2,
        masked: frozenset[str] = frozenset(),
    ) -> None:
        self.title_weight = title_weight
        self.lead_words = lead_words
        self.min_documents = min_documents
        self.masked = masked
        self.terms: list[str] = []
        self.learned = 0  # so many of the terms, the first ones, stood in training documents
        self.idf = np.zeros(0, dtype=np.float32)
        self._column: dict[str, int] = {}
        self._of_small = _Columns(self._column)
        self._of_words: TermColumns | None = None

    def fit(self, docs: Batch, jobs: int = 1) -> Self:
        """Choose the terms that occur in at least `min_documents` of `docs` and weigh them by rarity."""
        from pipeline.features.compiled.term_counts import document_frequency

        frequency = document_frequency(docs, self.masked, jobs)
        chosen = sorted(
            (docs.lexicon.terms[number], number) for number in np.flatnonzero(frequency >= self.min_documents)
        )
        self._set_terms([term for term, _ in chosen])
        self.idf = self.rarity(frequency[[number for _, number in chosen]], len(docs))
        return self

    def rarity(self, frequency: np.ndarray, documents: int) -> np.ndarray:
        """Inverse document frequency of each term (terms,), float32, from the documents of so many that it occurs in;
        0 where these are fewer than `min_documents`."""
        rarity = np.log((1 + documents) / (1 + frequency)) + 1
        return np.where(frequency >= self.min_documents, rarity, 0.0).astype(np.float32)

    def transform(self, docs: Documents) -> CSR:
        """Rows of `docs` in compressed sparse form: indptr (n + 1, int64), indices (int32, rising), values (float32).

        A document without a known term gets an empty row.
        """
        return weigh(self.count(docs), self.idf)

    def count(self, docs: Documents) -> CSR:
        """Counts of the terms by position, in the form of `transform`, with values in float64."""
        return docs.read_by(self)

    def of_articles(self, docs: Articles) -> CSR:
        """Counts of the terms in a few articles."""
        return stacked([self._row(doc) for doc in docs])

    def of_batch(self, docs: Batch) -> CSR:
        """Counts of the terms in a batch, by compiled functions."""
        from pipeline.features.compiled import term_counts

        columns = self.columns_of(docs)
        return term_counts.count(docs, columns, len(self.terms), self.title_weight, self.lead_words)

    def columns_of(self, docs: Batch) -> TermColumns:
        """The columns of a batch's words."""
        from pipeline.features.compiled.term_counts import TermColumns

        with docs.lexicon.lock:
            columns = self._of_words
            if columns is None or columns.lexicon is not docs.lexicon:
                columns = self._of_words = TermColumns(docs.lexicon, self._column, self.masked)
            columns.follow()
        return columns

    def state(self) -> dict[str, Any]:
        """All that `from_state` needs, as numpy arrays and builtin types."""
        return {
            "title_weight": self.title_weight,
            "lead_words": self.lead_words,
            "min_documents": self.min_documents,
            "masked": "\n".join(sorted(self.masked)),
            "terms": "\n".join(self.terms),
            "idf": self.idf,
            "learned": self.learned,
        }

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """The features that `state` was taken from."""
        masked = frozenset(filter(None, state["masked"].split("\n")))
        features = cls(state["title_weight"], state["lead_words"], state["min_documents"], masked)
        features._set_terms(state["terms"].split("\n") if state["terms"] else [])
        features.idf = state["idf"]
        features.learned = state.get("learned", len(features.terms))  # format 1 has no others
        return features

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self).from_state, (self.state(),)

    def terms_of(self, tokens: Tokens) -> Iterator[str]:
        """One term a token. In a field set mostly in capitals, capitals mean nothing."""
        shouting = 2 * tokens.shapes.count(UPPER) > len(tokens.shapes)
        for word, shape in zip(tokens.words, tokens.shapes, strict=True):
            yield stem(word) if shape == LOWER else self._capitalised(word, shape == UPPER and not shouting)

    def _capitalised(self, word: str, acronym: bool) -> str:
        """The term of a word that has a capital."""
        if word in self.masked:
            return COUNTRY
        return word.upper() if acronym and len(word) <= ACRONYM_LETTERS else stem(word)

    def _columns(self, tokens: Tokens) -> list[int]:
        """The column of each token's term, -1 for one without."""
        acronyms = 2 * tokens.shapes.count(UPPER) <= len(tokens.shapes)
        of_small, column, capitalised = self._of_small, self.column, self._capitalised
        return [
            of_small[word] if shape == LOWER else column(capitalised(word, shape == UPPER and acronyms))
            for word, shape in zip(tokens.words, tokens.shapes, strict=True)
        ]

    def knows(self, term: str) -> bool:
        """Whether a term has a column."""
        return term in self._column

    def column(self, term: str) -> int:
        """The column of a term; -1 for one without."""
        return self._column.get(term, -1)

    def add(self, terms: Sequence[str], idf: np.float32) -> None:
        """Know these terms too, behind the others; those that were not known weigh `idf`."""
        new, learned = [term for term in terms if term not in self._column], self.learned
        self._set_terms(self.terms + new)
        self.learned = learned
        self.idf = np.append(self.idf, np.full(len(new), idf, np.float32))

    def _set_terms(self, terms: list[str]) -> None:
        self.terms = terms
        self._of_words = None
        self.learned = len(terms)
        self._column = {term: number for number, term in enumerate(terms)}
        self._of_small = _Columns(self._column)

    def _row(self, doc: Document) -> tuple[np.ndarray, np.ndarray]:
        """The columns of a document's known terms, rising, and their counts by position."""
        title, body = self._columns(doc.title), self._columns(doc.body)
        decay = 1 / (1 + np.arange(len(body)) / self.lead_words)
        found = np.array(title + body, np.int32)
        weights = np.concatenate([np.full(len(title), self.title_weight), decay])[found >= 0]
        columns, place = np.unique(found[found >= 0], return_inverse=True)
        return columns, np.bincount(place, weights, len(columns))


class _Columns(dict[str, int]):
    """The columns of words in small letters, remembered: most words of a text have been seen."""

    def __init__(self, columns: Mapping[str, int]) -> None:
        self._of_terms = columns

    def __missing__(self, word: str) -> int:
        column = self._of_terms.get(stem_anew(word), -1)
        if len(self) < MEMORY:
            self[word] = column
        return column


def weigh(counts: CSR, idf: np.ndarray) -> CSR:
    """Counts to rows of length 1: log(1 + count) * idf, in float32; a row of zero length stays zero."""
    indptr, indices, values = counts
    weights = np.log1p(values) * idf[indices].astype(np.float64)
    row = np.repeat(np.arange(len(indptr) - 1), np.diff(indptr))
    length = np.sqrt(np.bincount(row, weights * weights, minlength=len(indptr) - 1))
    return indptr, indices, (weights / np.where(length > 0, length, 1.0)[row]).astype(np.float32)


def stacked(rows: Sequence[tuple[np.ndarray, np.ndarray]]) -> CSR:
    """Rows, each of columns and values, in the form of `TermFeatures.transform`."""
    indptr = np.zeros(len(rows) + 1, dtype=np.int64)
    np.cumsum([len(columns) for columns, _ in rows], out=indptr[1:])
    if not rows:
        return indptr, np.zeros(0, np.int32), np.zeros(0)
    columns, values = (np.concatenate(parts) for parts in zip(*rows, strict=True))
    return indptr, columns, values
