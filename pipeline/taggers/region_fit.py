"""Training of the region tagger: text scores, pair features, the ranker, calibration, thresholds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from joblib import Parallel, delayed
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from pipeline.errors import DataError
from pipeline.features.document import Document
from pipeline.features.pairs import Features, pair_features
from pipeline.features.places import Gazetteer, read_gazetteer
from pipeline.taggers import thresholds as cuts
from pipeline.taggers.calibration import fit_platt, sigmoid
from pipeline.taggers.fit import assign_folds, fit_tagger, indicator
from pipeline.taggers.linear import LinearTagger
from pipeline.taggers.region_settings import RegionSettings
from pipeline.taggers.regions import RegionTagger

Say = Callable[[str], None]


@dataclass(slots=True)
class FittedRegions:
    """A fitted tagger with the probabilities (n, L) that models gave to training documents they never saw."""

    tagger: RegionTagger
    oof_probabilities: np.ndarray


@dataclass(slots=True)
class _Pairs:
    """All (document, candidate) pairs of a training set: features by name, document row, label column, truth."""

    features: list[Features]
    rows: np.ndarray
    columns: np.ndarray
    holds: np.ndarray


def fit_regions(
    docs: Sequence[Document],
    labels: Sequence[Sequence[str]],
    settings: RegionSettings,
    groups: Sequence[int] | None = None,
    seed: int = 0,
    jobs: int = 1,
    progress: Say | None = None,
    codes: Mapping[str, str] | None = None,
) -> FittedRegions:
    """Fit the region tagger on `docs` with the country codes in `labels`.

    `codes` maps the codes of a corpus with codes of its own to ISO 3166 (empty: no such country); a code without a
    country is scored by its text alone. Documents of one group (near-duplicates) never stand on both sides of an
    out-of-fold split. The result depends on `seed` but not on `jobs`. Raises DataError when nothing can be trained.
    """
    say = progress or _silent
    _check(docs, labels)
    gazetteer = _gazetteer(settings, labels, codes)
    gold = indicator(labels, gazetteer.labels, {})
    text, scores = _text_scores(docs, labels, gazetteer, settings, groups, seed, jobs, say)
    say("find names")
    pairs = _pairs(docs, gazetteer, scores, gold)
    _check_pairs(pairs)
    say("rank candidates")
    names = _frequent(pairs.features, settings.min_pairs)
    matrix = _matrix(pairs.features, names)
    folds = assign_folds(gold, groups, settings.folds, seed)[pairs.rows]
    raw = _out_of_fold(matrix, pairs.holds, folds, settings.penalty, seed, jobs)
    weights, intercept = _fit(matrix, pairs.holds, settings.penalty, seed)
    curve = fit_platt(raw[:, None], pairs.holds[:, None], 1.0)[0]
    stated = np.zeros(gold.shape)
    stated[pairs.rows, pairs.columns] = sigmoid(raw * curve[0] + curve[1])
    thresholds = np.full(gold.shape[1], cuts.best_f1_threshold(stated, gold))
    publish = cuts.precision_thresholds(stated, gold, settings.publish_precision)
    by_name = {name: float(weight) for name, weight in zip(names, weights, strict=True) if weight}
    return FittedRegions(RegionTagger(gazetteer, text, by_name, intercept, curve, thresholds, publish), stated)


def _check(docs: Sequence[Document], labels: Sequence[Sequence[str]]) -> None:
    if len(docs) != len(labels):
        raise ValueError(f"{len(docs)} documents but {len(labels)} lists of labels")
    if not any(labels):
        raise DataError("nothing to train on: no article has a region")


def _gazetteer(settings: RegionSettings, labels: Sequence[Sequence[str]], codes: Mapping[str, str] | None) -> Gazetteer:
    """Every code that can be given: those of the training labels, and if `unseen`, of the gazetteer or of `codes`."""
    used = {code for given in labels for code in given}
    if settings.unseen:
        return read_gazetteer(settings.gazetteer, codes, used)
    return read_gazetteer(settings.gazetteer, {code: codes.get(code, "") if codes else code for code in used})


def _text_scores(
    docs: Sequence[Document],
    labels: Sequence[Sequence[str]],
    gazetteer: Gazetteer,
    settings: RegionSettings,
    groups: Sequence[int] | None,
    seed: int,
    jobs: int,
    say: Say,
) -> tuple[LinearTagger | None, list[dict[int, float]]]:
    """The one-vs-rest model of the frequent countries, and each document's out-of-fold scores by label column."""
    counts = Counter(code for given in labels for code in set(given))
    known = [code for code in gazetteer.labels if settings.text_min_articles <= counts[code] < len(docs)]
    if not known:
        return None, [{} for _ in docs]
    fitted = fit_tagger(docs, labels, known, {}, settings.text, groups, seed, jobs, say)
    place = [gazetteer.labels.index(code) for code in known]
    fitted.tagger.weights = fitted.tagger.weights.astype(np.float16)
    return fitted.tagger, [dict(zip(place, row, strict=True)) for row in fitted.oof_scores.tolist()]


def _pairs(
    docs: Sequence[Document],
    gazetteer: Gazetteer,
    scores: Sequence[Mapping[int, float]],
    gold: np.ndarray,
) -> _Pairs:
    features: list[Features] = []
    rows: list[int] = []
    columns: list[int] = []
    for row, doc in enumerate(docs):
        for column, values in pair_features(gazetteer, doc, gazetteer.find(doc), scores[row]).items():
            features.append(values)
            rows.append(row)
            columns.append(column)
    return _Pairs(features, np.array(rows, int), np.array(columns, int), gold[rows, columns])


def _check_pairs(pairs: _Pairs) -> None:
    if not pairs.features or pairs.holds.all() or not pairs.holds.any():
        which = "every" if pairs.features and pairs.holds.all() else "no"
        raise DataError(f"nothing to learn regions from: {which} country named in the articles is one of their regions")


def _frequent(features: Sequence[Features], least: int) -> list[str]:
    counts = Counter(name for values in features for name in values)
    return sorted(name for name, count in counts.items() if count >= least)


def _matrix(features: Sequence[Features], names: Sequence[str]) -> csr_matrix:
    column = {name: number for number, name in enumerate(names)}
    kept = [[(column[name], value) for name, value in values.items() if name in column] for values in features]
    indptr = np.cumsum([0, *map(len, kept)], dtype=np.int32)
    indices = np.fromiter((number for row in kept for number, _ in row), np.int32, indptr[-1])
    values = np.fromiter((value for row in kept for _, value in row), np.float64, indptr[-1])
    return csr_matrix((values, indices, indptr), shape=(len(features), len(names)))


def _out_of_fold(
    matrix: csr_matrix, holds: np.ndarray, folds: np.ndarray, penalty: float, seed: int, jobs: int
) -> np.ndarray:
    numbers = np.unique(folds)
    fits = Parallel(n_jobs=jobs, prefer="threads")(
        delayed(_fit)(matrix[folds != number], holds[folds != number], penalty, seed) for number in numbers
    )
    raw = np.empty(len(holds))
    for number, (weights, intercept) in zip(numbers, fits, strict=True):
        raw[folds == number] = matrix[folds == number] @ weights + intercept
    return raw


def _fit(matrix: csr_matrix, holds: np.ndarray, penalty: float, seed: int) -> tuple[np.ndarray, float]:
    """Weights (features,) and intercept of a logistic regression; a constant if all pairs are alike."""
    if holds.all() or not holds.any():
        return np.zeros(matrix.shape[1]), 1.0 if holds.all() else -1.0
    model = LogisticRegression(C=penalty, solver="liblinear", tol=1e-3, max_iter=200, random_state=seed)
    model.fit(matrix, holds)
    return model.coef_[0], float(model.intercept_[0])


def _silent(_: str) -> None:
    """Stands in when nobody wants to hear of progress."""
