"""Training of the region tagger: text scores, pair features, the ranker, calibration, thresholds."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from pipeline.common.config import RegionSettings
from pipeline.common.errors import DataError
from pipeline.common.label_tree import indicator
from pipeline.common.parallel import each, in_threads
from pipeline.features.compiled.batch import Batch
from pipeline.features.compiled.country_feature_numbers import name_of
from pipeline.features.compiled.country_features import Pairs
from pipeline.features.compiled.lexicon import Lexicon
from pipeline.features.gazetteer import Gazetteer
from pipeline.features.gazetteer_tables import people_names, read_gazetteer
from pipeline.prediction.probabilities import sigmoid
from pipeline.prediction.region_batches import BatchRanker, joined
from pipeline.prediction.region_batches import unsure as unsure_pairs
from pipeline.prediction.region_tagger import RegionTagger, bounded
from pipeline.prediction.topic_tagger import LinearTagger
from pipeline.training import thresholds as cuts
from pipeline.training.calibration import fit_platt
from pipeline.training.examples import DEFAULT, Examples, Run
from pipeline.training.fit_senses import DROPPABLE, fit_senses, silent_names
from pipeline.training.fit_topics import fit_tagger
from pipeline.training.folds import assign_folds

_PART, _AT_A_TIME = 5_000, 8  # articles whose pairs are made together, and such parts between two words of progress
_ALL, _NO_FOLD = slice(None), -1


@dataclass(slots=True)
class FittedRegions:
    """A fitted tagger with the probabilities (n, L) that models gave to training documents they never saw, and
    the fold (n,) of each."""

    tagger: RegionTagger
    oof_probabilities: np.ndarray
    folds: np.ndarray


def fit_regions(
    examples: Examples,
    settings: RegionSettings,
    run: Run = DEFAULT,
    codes: Mapping[str, str] | None = None,
    without: str = "",
    named: Gazetteer | None = None,
) -> FittedRegions:
    """Fit the region tagger on `examples`, whose labels are country codes.

    `codes` maps the codes of a corpus with codes of its own to ISO 3166 (empty: no such country); a code without a
    country is scored by its text alone. Documents of one group never stand on both sides of an out-of-fold split.
    `without` is a pattern of the names of features to leave out, to see what they are worth. `named` are the names of
    another language, which are taken as they are; those of English learn their senses. The result depends on the
    run's seed but not on its jobs. Raises DataError when nothing can be trained.
    """
    docs, labels, judged = examples.docs, examples.labels, examples.judged
    _check(examples)
    gazetteer = named or english_names(settings, labels, codes)
    gold = indicator(labels, gazetteer.labels, {})
    if not named:
        run.say("learn senses of names")
        people = people_names(settings.gazetteer)
        gazetteer = gazetteer.without(silent_names(docs, gold, gazetteer, run.jobs), DROPPABLE)
        gazetteer = gazetteer.with_senses(fit_senses(docs, gold, gazetteer, people, run.seed, run.jobs))
    text, columns, scores = _text_scores(examples, gazetteer, settings, run)
    run.say("find names")
    docs = gazetteer.read_batch(docs)
    learned = _sample(len(docs), settings.ranker_documents, run.seed)
    pairs = _pairs(BatchRanker(docs.lexicon, gazetteer, columns, {}), docs, scores, learned, run.jobs)
    at = learned[pairs.rows]
    holds = gold[at, pairs.columns]
    _check_pairs(holds)
    run.say("rank candidates")
    names, matrix = _matrix(pairs, docs.lexicon, gazetteer, settings.min_pairs, without)
    folds = assign_folds(gold, examples.groups, settings.folds, run.seed)
    ranking = _Ranking(matrix, holds, None if examples.weights is None else examples.weights[at], settings.penalty)
    raw, weights, intercept = _cross_fit(ranking, folds[at], run)
    by_name = {name: float(weight) for name, weight in zip(names, weights, strict=True) if weight}
    sure = judged[at]
    curve = fit_platt(raw[sure, None], holds[sure, None], 1.0)[0]
    stated, unsure = np.zeros(gold.shape), np.zeros(gold.shape, bool)

    def note(rows: np.ndarray, countries: np.ndarray, scored: np.ndarray, doubted: np.ndarray) -> None:
        stated[rows, countries] = sigmoid(scored * curve[0] + curve[1])
        unsure[rows, countries] = doubted

    note(at, pairs.columns, raw, unsure_pairs(pairs))
    if len(learned) < len(docs):
        del pairs
        ranker = BatchRanker(docs.lexicon, gazetteer, columns, by_name)
        _judge_others(ranker, intercept, docs, scores, learned, note, run)
    like = _ALL if judged.all() else judged  # a million articles' probabilities are not copied
    thresholds = np.full(gold.shape[1], cuts.best_f1_threshold(stated[like], gold[like]))
    publish = cuts.precision_thresholds(np.where(unsure[like], 0.0, stated[like]), gold[like], run.precision)
    publish = np.maximum(publish, np.nextafter(thresholds, 1))  # so that a country can be given and not published
    doubtful, which = np.nonzero(unsure)
    most = bounded(stated[doubtful, which], which, unsure[doubtful, which], thresholds, publish)
    stated[doubtful, which] = most
    return FittedRegions(RegionTagger(gazetteer, text, by_name, intercept, curve, thresholds, publish), stated, folds)


def _sample(documents: int, most: int, seed: int) -> np.ndarray:
    """The documents that the ranker learns from, in order: all, or at random so many."""
    if documents <= most:
        return np.arange(documents)
    return np.sort(np.random.default_rng(seed).choice(documents, most, replace=False))


def _pairs(ranker: BatchRanker, docs: Batch, scores: np.ndarray, learned: np.ndarray, jobs: int) -> Pairs:
    """The pairs of the documents `learned`, which are read in parts that bound the memory for their tokens."""

    def find(rows: np.ndarray) -> Pairs:
        found = ranker.pairs(docs[rows], scores[rows])
        docs.let_go()
        return found

    parts = list(_parts(learned))
    return joined(in_threads(find, parts, jobs), list(map(len, parts)))


def _judge_others(
    ranker: BatchRanker,
    intercept: float,
    docs: Batch,
    scores: np.ndarray,
    learned: np.ndarray,
    note: Callable[[np.ndarray, np.ndarray, np.ndarray, np.ndarray], None],
    run: Run,
) -> None:
    """Note the rows, countries and scores of the candidates that the ranker didn't learn from, and which are unsure."""

    def judge(rows: np.ndarray) -> None:
        places, countries, sums, doubted = ranker.raw_scores(docs[rows], scores[rows])
        note(rows[places], countries, sums + intercept, doubted)
        docs.let_go()

    left = _others(learned, len(docs))
    while some := list(islice(left, _AT_A_TIME)):
        in_threads(judge, some, run.jobs)
        run.say("judge candidates", int(some[-1][-1]) + 1, len(docs))


def _others(learned: np.ndarray, documents: int) -> Iterator[np.ndarray]:
    """The documents that the ranker didn't learn from, in parts that bound the memory for their pairs."""
    return _parts(np.setdiff1d(np.arange(documents), learned))


def _parts(rows: np.ndarray) -> Iterator[np.ndarray]:
    for start in range(0, len(rows), _PART):
        yield rows[start : start + _PART]


def _check(examples: Examples) -> None:
    if not any(examples.labels):
        raise DataError("nothing to train on: no article has a region")
    if not examples.judged.any():
        raise DataError("nothing to calibrate on: every labelled article is of a corpus with calibrate: false")


def english_names(
    settings: RegionSettings, labels: Sequence[Sequence[str]], codes: Mapping[str, str] | None = None
) -> Gazetteer:
    """English names of every code that can be given: those of the training labels, and if `unseen`, of the gazetteer
    or of `codes`."""
    used = {code for given in labels for code in given}
    if settings.unseen:
        return read_gazetteer(settings.gazetteer, codes, used)
    return read_gazetteer(settings.gazetteer, {code: codes.get(code, "") if codes else code for code in used})


def _text_scores(
    examples: Examples, gazetteer: Gazetteer, settings: RegionSettings, run: Run
) -> tuple[LinearTagger | None, list[int], np.ndarray]:
    """The one-vs-rest model of the frequent countries, their label columns, and the out-of-fold scores (n, T)."""
    labels = examples.labels
    counts = Counter(code for given in labels for code in set(given))
    known = [code for code in gazetteer.labels if settings.text_min_articles <= counts[code] < len(labels)]
    if not known:
        return None, [], np.zeros((len(labels), 0))
    fitted = fit_tagger(examples, known, {}, settings.text, run)
    return fitted.tagger, [gazetteer.labels.index(code) for code in known], fitted.oof_scores


def _check_pairs(holds: np.ndarray) -> None:
    if holds.all() or not holds.any():
        which = "every" if len(holds) and holds.all() else "no"
        raise DataError(f"nothing to learn regions from: {which} country named in the articles is one of their regions")


def _matrix(
    pairs: Pairs, lexicon: Lexicon, gazetteer: Gazetteer, least: int, without: str
) -> tuple[list[str], csr_matrix]:
    """The names of the features that occur in so many pairs, and the pairs as rows of these."""
    numbers, place, counts = np.unique(pairs.keys, return_inverse=True, return_counts=True)
    kept = sorted((name_of(int(numbers[at]), lexicon, gazetteer), at) for at in np.flatnonzero(counts >= least))
    kept = [(name, at) for name, at in kept if not (without and re.match(without, name))]
    column = np.full(len(numbers), -1, np.int32)
    column[[at for _, at in kept]] = np.arange(len(kept))
    columns = column[place]
    rows = np.repeat(np.arange(len(pairs.rows)), np.diff(pairs.ends))[columns >= 0]
    shape = len(pairs.rows), len(kept)
    matrix = csr_matrix((pairs.values[columns >= 0], (rows, columns[columns >= 0])), shape=shape)
    return [name for name, _ in kept], matrix


@dataclass(frozen=True, slots=True)
class _Ranking:
    """The pairs of document and country that the ranker learns from: features, which hold, what errors cost, and C."""

    matrix: csr_matrix
    holds: np.ndarray
    weights: np.ndarray | None
    penalty: float

    def fit(self, seed: int, given: slice | np.ndarray = _ALL) -> tuple[np.ndarray, float]:
        """Weights (features,) and intercept of a logistic regression; a constant if all pairs are alike."""
        holds, weights = self.holds[given], None if self.weights is None else self.weights[given]
        if holds.all() or not holds.any():
            return np.zeros(self.matrix.shape[1]), 1.0 if holds.all() else -1.0
        model = LogisticRegression(C=self.penalty, solver="liblinear", tol=1e-3, max_iter=200, random_state=seed)
        model.fit(self.matrix[given], holds, weights)
        return model.coef_[0], float(model.intercept_[0])


def _cross_fit(ranking: _Ranking, folds: np.ndarray, run: Run) -> tuple[np.ndarray, np.ndarray, float]:
    """Out-of-fold scores (pairs,), then the weights (features,) and the intercept learned from all pairs."""
    numbers = np.unique(folds).tolist()
    tasks = [(number, run.seed) for number in (_NO_FOLD, *numbers)]  # the longest first
    (weights, intercept), *fits = each(_fit_without, tasks, run.jobs, shared=(ranking, folds), threads=True)
    raw = np.empty(len(folds))
    for number, (others, start) in zip(numbers, fits, strict=True):
        raw[folds == number] = ranking.matrix[folds == number] @ others + start
    return raw, weights, intercept


def _fit_without(ranking: _Ranking, folds: np.ndarray, number: int, seed: int) -> tuple[np.ndarray, float]:
    return ranking.fit(seed, _ALL if number == _NO_FOLD else folds != number)
