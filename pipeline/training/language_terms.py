"""Which terms a language is read by: words, stems or pieces of words, as figures on articles not learned from say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from pipeline.common.config import TaggerSettings
from pipeline.features.language.names import MULTI
from pipeline.features.language.stemming import stemmer_of
from pipeline.features.language.terms import LanguageTerms
from pipeline.training.examples import Examples, Run
from pipeline.training.folds import assign_folds
from pipeline.training.label_svms import Machines
from pipeline.training.svm_solver import Rows

WAYS: tuple[tuple[int, int], ...] = ((0, 0), (3, 4), (3, 5))
_MOST_ARTICLES = 2000  # to choose by; all are learned from


@dataclass(frozen=True, slots=True)
class Way:
    """One way of making terms: of stems or not, with pieces of so many letters (from, to) or none."""

    stems: bool
    pieces: tuple[int, int]


def choose_terms(
    language: str, examples: Examples, gold: np.ndarray, settings: TaggerSettings, run: Run, masked: frozenset[str]
) -> LanguageTerms:
    """The terms by which the articles' labels are best told, out of fold; fitted to all articles."""
    some = np.arange(len(gold))
    if len(some) > _MOST_ARTICLES:
        some = np.sort(np.random.default_rng(run.seed).choice(some, _MOST_ARTICLES, replace=False))
    groups = [examples.groups[at] for at in some.tolist()] if examples.groups is not None else None
    folds = assign_folds(gold[some], groups, settings.folds, run.seed)
    best, terms = -1.0, None
    for way in _ways(language):
        features = _features(language, way, settings, masked)
        indptr, indices, counts = features.fit(examples.docs[some]).count(examples.docs[some])
        rows = Rows(indptr, indices, np.log1p(counts).astype(np.float32))
        machines = Machines(features, rows, gold[some], settings.penalty, settings.ratio_share, run.seed)
        scores, _, _ = machines.cross_fit(folds, run.jobs, run.say)
        right = _ranked_first(scores, gold[some])
        run.say(f"{'stems' if way.stems else 'words'} with pieces {way.pieces}: {right:.3f}")
        if right > best + 1e-9:
            best, terms = right, features
    assert terms is not None
    return terms.fit(examples.docs) if len(some) < len(gold) else terms


def _ways(language: str) -> Iterator[Way]:
    for stems in (False, True) if language != MULTI and stemmer_of(language) else (False,):
        yield from (Way(stems, pieces) for pieces in WAYS)


def _features(language: str, way: Way, settings: TaggerSettings, masked: frozenset[str]) -> LanguageTerms:
    weights = settings.title_weight, settings.lead_words, settings.min_documents
    return LanguageTerms(language, way.stems, way.pieces, settings=(*weights, masked))


def _ranked_first(scores: np.ndarray, gold: np.ndarray) -> float:
    """The share of articles with labels whose most probable label is one of theirs."""
    labelled = gold.any(axis=1)
    first = scores.argmax(axis=1)
    return float(gold[np.arange(len(gold)), first][labelled].mean())
