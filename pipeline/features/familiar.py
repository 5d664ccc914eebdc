"""How many of an article's words a model of English has often seen: what tells English where function words are few."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pipeline.features.stems import stem
from pipeline.features.terms import TermFeatures
from pipeline.features.texts import Articles

if TYPE_CHECKING:
    from pipeline.features.compiled.batch import Batch

_MOST = 20_000  # terms: beyond, a large corpus has words of every language


class FamiliarWords:
    """Counts the words of each article (n,) that are among the most frequent terms of the training articles."""

    def __init__(self, features: TermFeatures) -> None:
        self._features = features
        self._common: np.ndarray | None = None

    @property
    def common(self) -> np.ndarray:
        """Which terms are frequent, and False for none (terms + 1,)."""
        if self._common is None:
            idf = self._features.idf[: self._features.learned]
            rarest = np.partition(idf, _MOST - 1)[_MOST - 1] if len(idf) > _MOST else np.inf
            found = np.zeros(len(self._features.terms) + 1, bool)
            found[: len(idf)] = idf <= rarest
            self._common = found
        return self._common

    def of_articles(self, docs: Articles) -> np.ndarray:
        """Of a few articles."""
        found, find = self.common, self._features.column
        return np.array(
            [sum(found[find(stem(word))] for word in doc.title.words + doc.body.words) for doc in docs], int
        )

    def of_batch(self, docs: Batch) -> np.ndarray:
        """Of a batch: by the columns that its words have anyway."""
        from pipeline.features.compiled.term_counts import chosen

        return chosen(docs, self._features.columns_of(docs), self.common)
