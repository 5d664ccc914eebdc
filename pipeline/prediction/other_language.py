"""Texts in another language than the model's: countries by that language's names, and topics that nobody should trust.

Where, how often and by what kinds of names a country is named tells its part in a story in every language. A ranker
that learned on English from nothing else (`transfer.json`, made by data/taxonomy/build_transfer.py) ranks them.
"""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.common.article import REGIONS, TOPICS
from pipeline.common.errors import DataError
from pipeline.features.gazetteer import Gazetteer
from pipeline.features.gazetteer_tables import read_gazetteer
from pipeline.features.language.inflected import InflectedGazetteer, gazetteer_of
from pipeline.features.language.reading import ENGLISH
from pipeline.prediction.probabilities import logit
from pipeline.prediction.region_tagger import RegionTagger
from pipeline.prediction.tagger import Tagger
from pipeline.prediction.topic_tagger import LinearTagger

_NEVER = 2.0  # no probability reaches it
_LIKELY = 0.7
_TABLES = Path("data/taxonomy")
_LOWERED = 0.72  # of the threshold on English articles: short items in other languages name few countries in passing


def taggers_for(language: str, taggers: dict[str, Tagger]) -> dict[str, Tagger]:
    """What tags a text in another language; nothing that they give is sure enough to be published unseen."""
    found = dict(taggers)
    topics, regions = taggers.get(TOPICS), taggers.get(REGIONS)
    if isinstance(topics, LinearTagger):
        found[TOPICS] = stricter(topics)
    if regions is not None:
        found[REGIONS] = countries_in(language, regions)
    return found


def countries_in(language: str, english: Tagger) -> Tagger:
    """What finds countries in texts of a language; the `english` tagger itself where the language has no names."""
    if not isinstance(english, RegionTagger):
        return english
    return transferred(language, english) or replace(english, publish=_never(english))


def stricter(tagger: LinearTagger) -> LinearTagger:
    """Gives only what is likely and would else be published, and publishes nothing."""
    thresholds = np.maximum(np.maximum(tagger.publish, tagger.thresholds), _LIKELY)
    return replace(tagger, thresholds=thresholds, publish=_never(tagger))


def transferred(language: str, english: RegionTagger) -> RegionTagger | None:
    """Finds countries by a language's names; None when there are none, or the model's codes are not those of ISO.

    Its probabilities are moved, so that the thresholds of the English model are the right ones for them too.
    """
    own = english.gazetteer
    gazetteer = _english_names(own) if language == ENGLISH else gazetteer_of((language,), own)
    if gazetteer is None or not len(english.thresholds):
        return None
    ready = ready_made(gazetteer)
    moved = float(logit(english.thresholds[:1])[0] - logit(ready.thresholds[:1])[0])
    return replace(ready, curve=np.array([ready.curve[0], ready.curve[1] + moved]), thresholds=english.thresholds)


def ready_made(gazetteer: Gazetteer) -> RegionTagger:
    """The ranker that comes along, with the names of a gazetteer; nothing is sure enough to publish unseen."""
    learned = _learned()
    given = learned["weights"], learned["intercept"], np.array(learned["curve"])
    count = len(gazetteer.labels)
    threshold = learned["threshold"] * (_LOWERED if isinstance(gazetteer, InflectedGazetteer) else 1)
    return RegionTagger(gazetteer, None, *given, np.full(count, threshold), np.full(count, _NEVER))


def _english_names(other: Gazetteer) -> Gazetteer | None:
    """English names with the labels of a model of another language; None where Dateline's tables are not at hand."""
    try:
        found = read_gazetteer(_TABLES, {label: label for label in other.labels})
    except DataError:
        return None
    return found if found.labels == other.labels else None


def _never(tagger: Tagger) -> np.ndarray:
    return np.full(len(tagger.labels), _NEVER)


@cache
def _learned() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((files(__package__) / "transfer.json").read_text(encoding="utf-8"))
    return found
