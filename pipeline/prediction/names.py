"""Names of labels in the language of whoever reads them."""

from __future__ import annotations

from pipeline.common.article import REGIONS, TOPICS
from pipeline.common.errors import DataError
from pipeline.common.vocabulary import topic_names
from pipeline.features.language.places import country_names
from pipeline.prediction.labels import Labels


def in_language(language: str, labels: Labels) -> Labels:
    """The labels with their names in a language, where it has one: topics by NewsCode, countries by ISO code.

    Raises DataError for a language in which neither have names.
    """
    countries, topics = country_names(language.partition("-")[0]), {}
    try:
        topics = topic_names(language)
    except DataError:
        if not countries:
            raise
    named = dict(labels)
    if TOPICS in named:
        named[TOPICS] = {
            key: label._replace(name=topics.get(label.iptc, label.name)) for key, label in named[TOPICS].items()
        }
    if REGIONS in named:
        named[REGIONS] = {
            key: label._replace(name=countries.get(key, label.name)) for key, label in named[REGIONS].items()
        }
    return named
