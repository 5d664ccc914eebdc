"""How many words of articles a model does not know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pipeline.features.terms import TermFeatures
from pipeline.features.texts import Articles, Document

if TYPE_CHECKING:
    from pipeline.features.compiled.batch import Batch


@dataclass(frozen=True, slots=True)
class UnknownTerms:
    """Counts the words (n,), int64, of each article whose terms `features` don't have."""

    features: TermFeatures

    def of_articles(self, docs: Articles) -> np.ndarray:
        """Of a few articles."""
        return np.array(list(map(self._count, docs)), np.int64)

    def of_batch(self, docs: Batch) -> np.ndarray:
        """Of a batch, by compiled functions."""
        from pipeline.features.compiled.term_counts import unknown

        return unknown(docs, self.features.columns_of(docs))

    def _count(self, doc: Document) -> int:
        terms, knows = self.features.terms_of, self.features.knows
        return sum(not knows(term) for field in (doc.title, doc.body) for term in terms(field))
