"""Training of a linear tagger: weights, out-of-fold scores, calibration, thresholds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.common.config import PUBLISH_PRECISION, TaggerSettings
from pipeline.common.errors import DataError
from pipeline.features.compiled.batch import Batch
from pipeline.features.terms import TermFeatures
from pipeline.prediction.topic_tagger import LinearTagger
from pipeline.training import thresholds as cuts
from pipeline.training.calibration import POOLED, fit_link, fit_platt, unseen_logits
from pipeline.training.folds import assign_folds, indicator
from pipeline.training.label_svms import Machines, Say
from pipeline.training.label_words import LabelWords, fit_shares, term_weights
from pipeline.training.svm_solver import Problem, Rows


@dataclass(slots=True)
class FittedTagger:
    """A fitted tagger with the scores (n, L) that each training document got from models that never saw it, and the
    fold (n,) of each."""

    tagger: LinearTagger
    oof_scores: np.ndarray
    oof_probabilities: np.ndarray
    folds: np.ndarray


def fit_tagger(
    docs: Batch,
    labels: Sequence[Sequence[str]],
    vocabulary: Sequence[str],
    parents: Mapping[str, str],
    settings: TaggerSettings,
    groups: Sequence[int] | None = None,
    seed: int = 0,
    jobs: int = 1,
    progress: Say | None = None,
    country_words: frozenset[str] = frozenset(),
    label_words: Sequence[LabelWords] = (),
    precision: float = PUBLISH_PRECISION,
) -> FittedTagger:
    """Fit one task's tagger on `docs` with their `labels`, of which those in `vocabulary` are learned.

    `parents` maps a label to the one it implies; implied labels are added before training. Documents of one group
    (near-duplicates) never stand on both sides of an out-of-fold split. The result depends on `seed` but not on `jobs`.
    `country_words` are what `settings.mask_countries` masks, `label_words` (one a label, or none) what
    `settings.label_words` lets count. Tags that may be published hold `precision` out of fold. Raises DataError when
    nothing can be trained.
    """
    gold = indicator(labels, vocabulary, parents)
    _check(docs, gold)
    say = progress or _silent
    say("count terms")
    masked = country_words if settings.mask_countries else frozenset()
    features = TermFeatures(settings.title_weight, settings.lead_words, settings.min_documents, masked)
    indptr, indices, counts = features.fit(docs).count(docs)
    rows = Rows(indptr, indices, np.log1p(counts).astype(np.float32))
    folds = assign_folds(gold, groups, settings.folds, seed)
    if not folds.any():
        raise DataError("nothing to train on: all articles are near-duplicates of one another")
    machines = Machines(features, rows, gold, settings.penalty, settings.ratio_share, seed)
    oof, weights, intercepts = machines.cross_fit(folds, jobs, say)
    if label_words and settings.label_words:
        oof, weights = _with_words(features, rows, oof, weights, gold, label_words)
    weights = weights.astype(np.float16).astype(np.float32)  # as a saved state holds them
    say("calibrate and set thresholds")
    curves = fit_platt(oof, gold, settings.calibration_strength)
    tagger = LinearTagger(tuple(vocabulary), features, weights, intercepts, curves, curves[:, 1], curves[:, 1])
    _set_thresholds(tagger, oof, gold, folds, settings, precision)
    return FittedTagger(tagger, oof, tagger.calibrate(oof), folds)


def _with_words(
    features: TermFeatures,
    rows: Rows,
    scores: np.ndarray,
    weights: np.ndarray,
    gold: np.ndarray,
    words: Sequence[LabelWords],
) -> tuple[np.ndarray, np.ndarray]:
    """Out-of-fold scores (n, L) and weights (terms, L) with what the labels' words say; `features` learn the words."""
    idf = features.idf
    said = term_weights(features, words, len(gold))
    everything = np.arange(len(gold))
    problem = Problem(rows, idf, rows.scales(idf), everything, gold)
    matched = problem.scores(everything, said[: len(idf)], np.zeros(said.shape[1]))
    shares = fit_shares(scores, matched, gold)
    return scores + matched * shares, np.pad(weights, ((0, len(said) - len(weights)), (0, 0))) + said * shares


def _silent(_: str) -> None:
    """Stands in when nobody wants to hear of progress."""


def _set_thresholds(
    tagger: LinearTagger,
    scores: np.ndarray,
    gold: np.ndarray,
    folds: np.ndarray,
    settings: TaggerSettings,
    precision: float,
) -> None:
    """Thresholds, then the link, which moves them with the probabilities and so changes no decision."""
    tagger.decision = cuts.infer_decision(gold) if settings.decision == "auto" else settings.decision
    before = cuts.f1_thresholds(tagger.calibrate(scores), gold, settings.rare_label)
    some = slice(None, None, 1 + scores.size // POOLED)
    logits = unseen_logits(scores[some], gold[some], folds[some], settings.calibration_strength)
    tagger.link = fit_link(logits, gold[some])
    tagger.thresholds = cuts.moved(before, tagger.link)
    tagger.publish = cuts.precision_thresholds(tagger.calibrate(scores), gold, precision)


def _check(docs: Batch, gold: np.ndarray) -> None:
    if len(docs) < 2:
        raise DataError(f"nothing to train on: {len(docs)} labelled articles; give at least two")
    if len(docs) != len(gold):
        raise ValueError(f"{len(docs)} documents but {len(gold)} lists of labels")
    if not gold.any():
        raise DataError("nothing to train on: no article has a label of the vocabulary")
    if bool((gold == gold[0]).all()):
        raise DataError("nothing to train on: all articles have the same labels")
