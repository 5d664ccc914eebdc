"""The region ranker over batches: names and features by a lexicon's numbers, through compiled functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from pipeline.features.compiled.batch import Batch
from pipeline.features.compiled.country_feature_numbers import UNSURE, key, keys_of
from pipeline.features.compiled.country_features import Pairs, find_pairs
from pipeline.features.compiled.lexicon import Lexicon
from pipeline.features.compiled.name_finder import Names
from pipeline.features.gazetteer import Gazetteer
from pipeline.prediction.batch_products import KeyedWeights


class BatchRanker:
    """A region model's gazetteer and weights, put into the numbers of one lexicon."""

    def __init__(
        self, lexicon: Lexicon, gazetteer: Gazetteer, scored: Sequence[int], weights: Mapping[str, float]
    ) -> None:
        self.lexicon = lexicon
        self._labels = len(gazetteer.labels)
        self._scored = np.array(scored, np.int64)
        with lexicon.lock:
            self._names = Names(gazetteer, lexicon)
            keys = keys_of(list(weights), lexicon, gazetteer)
        self._weights = KeyedWeights(keys[keys >= 0], np.array(list(weights.values()), np.float64)[keys >= 0])

    def pairs(self, docs: Batch, scores: np.ndarray) -> Pairs:
        """The (document, candidate) pairs; `scores` (n, T) are those of the labels `scored`."""
        return find_pairs(docs, self._names, self._labels, scores, self._scored)

    def raw_scores(self, docs: Batch, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Rows, label columns and raw scores without the intercept (pairs,) of all candidates, and which are unsure."""
        pairs = self.pairs(docs, scores)
        return pairs.rows, pairs.columns, self._weights.sums(pairs.ends, pairs.keys, pairs.values), unsure(pairs)


def unsure(pairs: Pairs) -> np.ndarray:
    """Which pairs (pairs,) have nothing but doubtful names."""
    found = np.zeros(len(pairs.rows), bool)
    found[np.searchsorted(pairs.ends, np.flatnonzero(pairs.keys == key(UNSURE)), "right") - 1] = True
    return found


def joined(parts: Sequence[Pairs], sizes: Sequence[int]) -> Pairs:
    """The pairs of several batches, of so many documents each, as those of one."""
    documents, features = (np.cumsum([0, *counts]) for counts in (sizes, [len(part.keys) for part in parts]))
    rows = [part.rows + before for part, before in zip(parts, documents, strict=False)]
    ends = [part.ends[1:] + before for part, before in zip(parts, features, strict=False)]
    told = ([getattr(part, name) for part in parts] for name in ("columns", "keys", "values"))
    columns, keys, values = map(np.concatenate, told)
    return Pairs(np.concatenate(rows), columns, np.concatenate([np.zeros(1, np.int64), *ends]), keys, values)
