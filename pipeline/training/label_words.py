"""What words say of a label before any training: its key, name and scope note, and words that editors know it by.

A label's score is that of its support-vector machine plus a share of the weight that its words have in the document.
All labels together learn from out-of-fold scores how large the share is for a label with so many documents. What it
adds is folded into the weights of the terms, so that tagging costs nothing more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.features.terms import TermFeatures
from pipeline.features.tokens import tokenize
from pipeline.training.calibration import POOLED, minimise_log_loss

_OTHER_WORDS = 0.6
_RARITY = 4.0
_NEAR = -0.9
_STRENGTH = 0.1
_SLOPE, _LEAST_SLOPE = 4.0, 0.5
_COUNT_SCALE = 5.0


@dataclass(frozen=True, slots=True)
class LabelWords:
    """The words of a label: `names` say what it is called (key, name, scope note), `others` what it is known by."""

    names: str
    others: str = ""


def term_weights(features: TermFeatures, words: Sequence[LabelWords], documents: int) -> np.ndarray:
    """How much each term says for each label (terms, L), float32, by its rarity; terms that no document held are added.

    `documents` is the number that `features` were fitted on. A term that stands in all documents says nothing.
    """
    given = [_terms(features, one) for one in words]
    features.add(sorted({term for terms in given for term in terms}), np.float32(np.log(1 + documents) + 1))
    column = {term: number for number, term in enumerate(features.terms)}
    entries = [(column[term], label, weight) for label, terms in enumerate(given) for term, weight in terms.items()]
    rows, labels, weights = np.array(entries, float).reshape(-1, 3).T
    rows, labels = rows.astype(int), labels.astype(int)
    values = weights * np.maximum(features.idf[rows] - 1, 0) / _RARITY
    said = np.zeros((len(features.terms), len(words)), np.float32)
    said[rows, labels] = values
    return said


def _terms(features: TermFeatures, words: LabelWords) -> dict[str, float]:
    others = dict.fromkeys(features.terms_of(tokenize(words.others)), _OTHER_WORDS)
    return others | dict.fromkeys(features.terms_of(tokenize(words.names)), 1.0)


def fit_shares(scores: np.ndarray, matched: np.ndarray, gold: np.ndarray) -> np.ndarray:
    """For each label (L,) the share of `matched` that is added to its scores; out-of-fold scores, all (n, L).

    A logistic regression over all pairs of document and label in which both slopes change with the logarithm of the
    label's number of documents; a share is the ratio of the two.
    """
    counts = gold.sum(axis=0)
    size = np.log(np.maximum(counts, 1)) / _COUNT_SCALE
    some = slice(None, None, 1 + scores.size // POOLED)
    scores, matched, gold = scores[some].astype(np.float64), matched[some], gold[some]
    pairs = ((scores > _NEAR) | (matched > 0) | gold) & (counts > 0)
    if not matched[pairs].any():
        return np.zeros(len(size))
    score, match = scores[pairs], matched[pairs]
    sizes = np.broadcast_to(size, pairs.shape)[pairs]
    design = np.column_stack([score, match, score * sizes, match * sizes, np.ones_like(score), sizes])
    centre = np.array([_SLOPE, 0.0, 0.0, 0.0, 0.0, 0.0])
    found = minimise_log_loss(design, gold[pairs].astype(np.float64), centre, np.full(6, _STRENGTH))
    return np.maximum((found[1] + found[3] * size) / np.maximum(found[0] + found[2] * size, _LEAST_SLOPE), 0.0)
