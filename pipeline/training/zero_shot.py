"""Topics without a training article, known by their words alone: name, definition, and words that editors know them by.

Off by default. What a document's words must say for such a topic is learned from the topics that do have articles, as
if nothing but their words were known; it is the best guess there is, and worse than a handful of articles.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pipeline.features.terms import TermFeatures
from pipeline.prediction.probabilities import sigmoid
from pipeline.prediction.topic_tagger import LinearTagger
from pipeline.training import thresholds as cuts
from pipeline.training.calibration import POOLED, minimise_log_loss
from pipeline.training.label_words import LabelWords, term_weights
from pipeline.training.svm_solver import Problem, Rows

_STRENGTH = 1e-3


def know_by_words(
    tagger: LinearTagger, rows: Rows, gold: np.ndarray, words: Sequence[LabelWords], judged: np.ndarray
) -> None:
    """Let the labels of a fitted tagger without an article (columns of `gold` (n, L)) be given for their words.

    `judged` (n,) says which of the training documents `rows` set probabilities and thresholds. Nothing is marked as
    sure enough to publish for such a label.
    """
    unknown = ~gold.any(axis=0)
    if not unknown.any() or unknown.all():
        return
    said, matched = _matched(tagger.features, rows, gold, words)
    seen, held = matched[judged][:, ~unknown], gold[judged][:, ~unknown]
    slope, intercept = _curve(seen, held)
    stated = sigmoid(slope * seen + intercept)
    threshold = cuts.best_f1_threshold(stated, held)
    tagger.weights = np.pad(tagger.weights, ((0, len(said) - len(tagger.weights)), (0, 0)))
    tagger.weights[:, unknown] = said[:, unknown].astype(np.float16)
    tagger.intercepts = np.where(unknown, 0.0, tagger.intercepts)
    tagger.curves[unknown] = slope, intercept
    tagger.thresholds[unknown] = cuts.moved(np.full(1, threshold), tagger.link)[0]
    tagger.publish[unknown] = cuts.NEVER


def _matched(
    features: TermFeatures, rows: Rows, gold: np.ndarray, words: Sequence[LabelWords]
) -> tuple[np.ndarray, np.ndarray]:
    """What each term says for each label (terms, L), and what the documents' words say together (n, L)."""
    said = term_weights(features, words, len(gold))
    idf, everything = features.idf[: features.learned], np.arange(len(gold))
    problem = Problem(rows, idf, rows.scales(idf), everything, gold)
    return said, problem.scores(everything, said[: len(idf)], np.zeros(said.shape[1]))


def _curve(matched: np.ndarray, gold: np.ndarray) -> tuple[float, float]:
    """Slope and intercept of the probability that a label holds, from what its words say; all labels alike."""
    step = 1 + matched.size // POOLED
    values, held = matched.ravel()[::step], gold.ravel()[::step].astype(np.float64)
    design = np.column_stack([values, np.ones_like(values)]).astype(np.float64)
    slope, intercept = minimise_log_loss(design, held, np.array([1.0, -3.0]), np.full(2, _STRENGTH))
    return max(float(slope), 0.0), float(intercept)
