"""Countries where the articles aren't English: the languages' own names, ranked by what English taught or by a ranker
learned anew, whichever tells more of the training articles right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from pipeline.common.config import RegionSettings
from pipeline.common.errors import DataError
from pipeline.common.label_tree import indicator
from pipeline.features.compiled.batch import Batch
from pipeline.features.gazetteer import Gazetteer
from pipeline.features.language.detection import language_of
from pipeline.features.language.inflected import gazetteer_of
from pipeline.features.language.names import MULTI
from pipeline.prediction.other_language import ready_made
from pipeline.prediction.probabilities import logit, sigmoid
from pipeline.prediction.region_tagger import RegionTagger
from pipeline.training import thresholds as cuts
from pipeline.training.calibration import fit_platt
from pipeline.training.examples import Examples, Run
from pipeline.training.fit_regions import FittedRegions, english_names, fit_regions
from pipeline.training.folds import assign_folds

TRANSFERRED = "transferred, not learned"
_LOOKED_AT, _SOME = 300, 0.03
_FEWEST = 20  # labelled articles from which a curve and thresholds of their own are worth having


def language_names(
    language: str,
    docs: Batch,
    settings: RegionSettings,
    labels: Sequence[Sequence[str]],
    codes: Mapping[str, str] | None,
) -> Gazetteer | None:
    """The names of a language, or of all that the articles are in; None where there are none."""
    languages = _languages(docs) if language == MULTI else (language,)
    return gazetteer_of(languages, english_names(settings, labels, codes))


def fit_language_regions(
    gazetteer: Gazetteer, examples: Examples, settings: RegionSettings, run: Run
) -> tuple[FittedRegions, str]:
    """Fit on labelled articles; and what the ranker learned from, in words. Raises DataError when nothing can be."""
    told = _calibrated(gazetteer, examples, settings, run)
    try:
        learned = fit_regions(examples, settings, run, named=gazetteer)
    except DataError:
        return told, f"{TRANSFERRED}: too little to learn from"
    judged, gold = examples.judged, indicator(examples.labels, gazetteer.labels, {})
    ours, theirs = (_f1(found, gold, judged) for found in (learned, told))
    run.say(f"learned {ours:.3f}, transferred {theirs:.3f}")
    if ours > theirs:
        return learned, f"learned: F1 {ours:.3f} out of fold, {theirs:.3f} by the transferred ranker"
    return told, f"{TRANSFERRED}: F1 {theirs:.3f} on the training articles, {ours:.3f} out of fold had it been learned"


def _calibrated(gazetteer: Gazetteer, examples: Examples, settings: RegionSettings, run: Run) -> FittedRegions:
    """The transferred ranker, its curve and thresholds from articles that it has never seen."""
    tagger = ready_made(gazetteer)
    gold, judged = indicator(examples.labels, gazetteer.labels, {}), examples.judged
    stated = tagger.probabilities(examples.docs)
    named = stated > 0
    sure = named & judged[:, None]
    if judged.sum() >= _FEWEST and gold[sure].any() and not gold[sure].all():
        slope, start = fit_platt(logit(stated[sure])[:, None], gold[sure][:, None], 1.0)[0]
        stated[named] = sigmoid(logit(stated[named]) * slope + start)
        tagger = _moved(tagger, slope, start, stated[judged], gold[judged], run.precision)
    return FittedRegions(tagger, stated, assign_folds(gold, examples.groups, settings.folds, run.seed))


def _moved(
    tagger: RegionTagger, slope: float, start: float, stated: np.ndarray, gold: np.ndarray, precision: float
) -> RegionTagger:
    curve = np.array([tagger.curve[0] * slope, tagger.curve[1] * slope + start])
    thresholds = np.full(gold.shape[1], cuts.best_f1_threshold(stated, gold))
    return replace(
        tagger, curve=curve, thresholds=thresholds, publish=cuts.precision_thresholds(stated, gold, precision)
    )


def _f1(found: FittedRegions, gold: np.ndarray, judged: np.ndarray) -> float:
    given = found.tagger.decide(found.oof_probabilities[judged])
    return float(2 * (given & gold[judged]).sum() / max(1, given.sum() + gold[judged].sum()))


def _languages(docs: Batch) -> tuple[str, ...]:
    """The languages that some of the articles are in, the most frequent first."""
    words, found = docs.lexicon.words, Counter[str]()
    for row in docs.rows[:: 1 + len(docs) // _LOOKED_AT].tolist():
        start, _, end = docs.starts[2 * row : 2 * row + 3].tolist()
        found[language_of(" ".join(words[word] for word in docs.words[start:end].tolist()))] += 1
    del found[""]
    return tuple(language for language, count in found.most_common() if count >= _SOME * found.total())
