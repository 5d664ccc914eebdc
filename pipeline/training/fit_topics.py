"""Training of a linear tagger: weights, out-of-fold scores, calibration, thresholds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.common.config import TaggerSettings
from pipeline.common.errors import DataError
from pipeline.common.label_tree import indicator
from pipeline.common.parallel import in_threads
from pipeline.common.usage import release_memory
from pipeline.features.compiled.batch import Batch
from pipeline.features.language.reading import ENGLISH
from pipeline.features.terms import TermFeatures
from pipeline.prediction.topic_tagger import LinearTagger
from pipeline.training import thresholds as cuts
from pipeline.training.calibration import Scored, fit_curves, fit_link, unseen_logits
from pipeline.training.examples import DEFAULT, Examples, Run
from pipeline.training.folds import assign_folds
from pipeline.training.label_svms import Machines
from pipeline.training.label_words import LabelWords, fit_shares, term_weights
from pipeline.training.language_terms import choose_terms
from pipeline.training.svm_solver import Problem, Rows
from pipeline.training.zero_shot import know_by_words

_PART = 20_000  # articles that are counted at a time


@dataclass(slots=True)
class FittedTagger:
    """A fitted tagger with the scores (n, L) that each training document got from models that never saw it, and the
    fold (n,) of each."""

    tagger: LinearTagger
    oof_scores: np.ndarray
    oof_probabilities: np.ndarray
    folds: np.ndarray


def fit_tagger(
    examples: Examples,
    vocabulary: Sequence[str],
    parents: Mapping[str, str],
    settings: TaggerSettings,
    run: Run = DEFAULT,
    country_words: frozenset[str] = frozenset(),
    label_words: Sequence[LabelWords] = (),
) -> FittedTagger:
    """Fit one task's tagger on `examples`, of whose labels those in `vocabulary` are learned.

    `parents` maps a label to the one it implies; implied labels are added before training. Documents of one group never
    stand on both sides of an out-of-fold split. The result depends on the run's seed but not on its jobs.
    `country_words` are what `settings.mask_countries` masks, `label_words` (one a label, or none) what
    `settings.label_words` lets count. Raises DataError when nothing can be trained.
    """
    gold, docs = indicator(examples.labels, vocabulary, parents), examples.docs
    _check(examples, gold)
    folds = assign_folds(gold, examples.groups, settings.folds, run.seed)
    if not folds.any():
        raise DataError("nothing to train on: all articles are near-duplicates of one another")
    run.say("count terms")
    masked = country_words if settings.mask_countries else frozenset()
    features = _features(examples, gold, settings, run, masked)
    rows = count_rows(features, docs, run.jobs)
    machines = Machines(features, rows, gold, settings.penalty, settings.ratio_share, run.seed, examples.weights)
    oof, weights, intercepts = machines.cross_fit(folds, run.jobs, run.say)
    del machines
    said = _Said.of(label_words, features, rows) if label_words and settings.label_words else None
    words_alone = label_words and settings.zero_shot
    rows = rows if words_alone else Rows.none()  # a million articles' take more than a gigabyte
    if said:
        oof, weights = said.added(oof, weights, gold)
        del said
    release_memory()
    weights = weights.astype(np.float16).astype(np.float32)  # as a saved state holds them
    run.say("calibrate and set thresholds")
    seen = Scored(oof, gold, folds, examples.judged)
    curves = fit_curves(seen, settings.calibration_strength, run.jobs)
    tagger = LinearTagger(tuple(vocabulary), features, weights, intercepts, curves, curves[:, 1], curves[:, 1])
    stated = _set_thresholds(tagger, seen, settings, run.precision, run.jobs)
    if words_alone:
        know_by_words(tagger, rows, gold, label_words, examples.judged)
    return FittedTagger(tagger, oof, stated, folds)


def count_rows(features: TermFeatures, docs: Batch, jobs: int) -> Rows:
    """The articles as log counts, in parts that bound the memory for tokens and for counts in float64."""
    size = max(1, min(_PART, -(-len(docs) // jobs)))

    def part(start: int) -> Rows:
        some = docs[start : start + size]
        indptr, indices, counts = features.count(some)
        some.let_go()
        return Rows(indptr, indices, np.log1p(counts, out=counts).astype(np.float32))

    return Rows.joined(in_threads(part, range(0, len(docs), size), jobs))


def _features(
    examples: Examples, gold: np.ndarray, settings: TaggerSettings, run: Run, masked: frozenset[str]
) -> TermFeatures:
    """The terms of the articles, in the language of the run."""
    if run.language != ENGLISH:
        return choose_terms(run.language, examples, gold, settings, run, masked)
    features = TermFeatures(settings.title_weight, settings.lead_words, settings.min_documents, masked)
    return features.fit(examples.docs, run.jobs)


@dataclass(frozen=True, slots=True)
class _Said:
    """What the labels' words say: each term for each label (terms, L), and so of each document (n, L), float32."""

    weights: np.ndarray
    scores: np.ndarray

    @classmethod
    def of(cls, words: Sequence[LabelWords], features: TermFeatures, rows: Rows) -> _Said:
        """What is said of the documents `rows`; `features` learn the words."""
        idf, everything = features.idf, np.arange(len(rows))
        said = term_weights(features, words, len(rows))
        problem = Problem(rows, idf, rows.scales(idf), everything, np.zeros((0, 0), bool))
        return cls(said, problem.scores(everything, said[: len(idf)], np.zeros(said.shape[1])))

    def added(self, scores: np.ndarray, weights: np.ndarray, gold: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Out-of-fold scores (n, L) and weights (terms, L) with what the words say."""
        shares = fit_shares(scores, self.scores, gold)
        moved = self.scores * shares
        moved += scores
        more = len(self.weights) - len(weights)
        return moved, np.pad(weights, ((0, more), (0, 0))) + self.weights * shares


def _set_thresholds(
    tagger: LinearTagger, seen: Scored, settings: TaggerSettings, precision: float, jobs: int
) -> np.ndarray:
    """Thresholds, then the link, which moves them with the probabilities and so changes no decision; and these
    probabilities (n, L)."""
    given = slice(None) if seen.judged.all() else seen.judged  # a million articles' scores are not copied
    scores, gold = seen.scores[given], seen.gold[given]
    tagger.decision = cuts.infer_decision(gold) if settings.decision == "auto" else settings.decision
    before = cuts.f1_thresholds(tagger.calibrate(scores), gold, settings.rare_label, np.asarray(seen.gold.any(axis=0)))
    tagger.link = fit_link(*unseen_logits(seen.thinned(), settings.calibration_strength, jobs))
    tagger.thresholds = cuts.moved(before, tagger.link)
    every = tagger.calibrate(seen.scores)
    stated = every[given]
    tagger.floor = cuts.useful_floor(stated, gold, tagger.thresholds)
    tagger.publish = cuts.precision_thresholds(stated, gold, precision)
    return every


def _check(examples: Examples, gold: np.ndarray) -> None:
    if len(gold) < 2:
        raise DataError(f"nothing to train on: {len(gold)} labelled articles; give at least two")
    if not examples.judged.any():
        raise DataError("nothing to calibrate on: every labelled article is of a corpus with calibrate: false")
    if not gold.any():
        raise DataError("nothing to train on: no article has a label of the vocabulary")
    if bool((gold == gold[0]).all()):
        raise DataError("nothing to train on: all articles have the same labels")
