"""scikit-learn: TF-IDF of words and of title words, one linear SVM a label, thresholds for micro-F1.

The thresholds jointly maximise micro-F1 on 5-fold out-of-fold scores; with one label a document the best score wins.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.model_selection import KFold
from sklearn.multiclass import OneVsRestClassifier
from sklearn.preprocessing import MultiLabelBinarizer
from sklearn.svm import LinearSVC

from benchmarks.peers.common import Split


@dataclass(slots=True)
class Model:
    """A fitted pipeline; `thresholds` is None when the best score wins."""

    vectorizer: Any
    machines: Any
    labels: np.ndarray
    thresholds: np.ndarray | None
    titles: bool

    def predict(self, titles: Sequence[str], texts: Sequence[str]) -> list[list[str]]:
        scores = self.machines.decision_function(self.vectorizer.transform(joined(titles, texts, self.titles)))
        if self.thresholds is None:
            return [[str(self.labels[best])] for best in scores.argmax(axis=1)]
        return [[str(label) for label in self.labels[row]] for row in scores >= self.thresholds]


def joined(titles: Sequence[str], texts: Sequence[str], title_terms: bool) -> list[str]:
    """Title and text; with `title_terms` each title word once more, marked as one."""
    found = []
    for title, text in zip(titles, texts, strict=True):
        marked = " ".join(f"title_{word}" for word in title.split()) if title_terms else ""
        found.append(f"{title}\n{text}\n{marked}")
    return found


def fit(train: Split, single: bool, bigrams: bool) -> Model:
    """Learn from the documents."""
    vectorizer = TfidfVectorizer(sublinear_tf=True, min_df=2, ngram_range=(1, 2 if bigrams else 1), dtype=np.float32)
    rows = vectorizer.fit_transform(joined(train.titles, train.texts, not bigrams))
    binarizer = MultiLabelBinarizer()
    gold = binarizer.fit_transform(train.labels)
    thresholds = None if single else micro_thresholds(_out_of_fold(rows, gold), gold)
    return Model(vectorizer, _machines().fit(rows, gold), binarizer.classes_, thresholds, not bigrams)


def micro_thresholds(scores: np.ndarray, gold: np.ndarray) -> np.ndarray:
    """The threshold of each label that together maximise micro-F1, by Dinkelbach's method for ratios."""
    order = np.argsort(-scores, axis=0)
    hits = np.vstack([np.zeros(gold.shape[1]), np.cumsum(np.take_along_axis(gold, order, axis=0), axis=0)])
    taken = np.arange(len(scores) + 1)[:, None]
    columns, best = np.arange(gold.shape[1]), 0.0
    for _ in range(50):
        cuts = (2 * hits - best * taken).argmax(axis=0)
        reached = 2 * hits[cuts, columns].sum() / (gold.sum() + cuts.sum())
        if reached <= best:
            break
        best = reached
    ranked = np.vstack([np.full(gold.shape[1], np.inf), np.take_along_axis(scores, order, axis=0)])
    below = np.vstack([ranked[1:], np.full(gold.shape[1], -np.inf)])[cuts, columns]
    middle = (ranked[cuts, columns] + below) / 2
    return np.asarray(np.where(cuts > 0, np.where(np.isfinite(middle), middle, ranked[cuts, columns]), np.inf))


def _out_of_fold(rows: Any, gold: np.ndarray) -> np.ndarray:
    scores = np.zeros(gold.shape)
    for given, held_out in KFold(5, shuffle=True, random_state=0).split(rows):
        scores[held_out] = _machines().fit(rows[given], gold[given]).decision_function(rows[held_out])
    return scores


def _machines() -> Any:
    return OneVsRestClassifier(LinearSVC(C=1.0))
