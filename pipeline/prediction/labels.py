"""What a predictor says of its labels: names, and what lies above them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from pipeline.common.article import REGIONS, TOPICS

if TYPE_CHECKING:
    from pipeline.common.taxonomy import Taxonomy


class Label(NamedTuple):
    """A topic's or country's name; a topic's NewsCode and parent key (both may be empty); the groups that a country
    lies in, innermost first."""

    name: str
    iptc: str = ""
    parent: str = ""
    within: tuple[str, ...] = ()


Labels = Mapping[str, Mapping[str, Label]]
"""By task and key."""


def written(taxonomy: Taxonomy, tasks: Mapping[str, Any]) -> dict[str, Any]:
    """The labels of `tasks` as the predictor file holds them."""
    topics = {key: [topic.iptc, topic.name, topic.parent] for key, topic in taxonomy.topics.items()}
    countries = {code: [country.name, list(country.within)] for code, country in taxonomy.countries.items()}
    return {task: names for task, names in ((TOPICS, topics), (REGIONS, countries)) if task in tasks}


def read(names: Mapping[str, Any]) -> dict[str, dict[str, Label]]:
    """The inverse of `written`. Raises ValueError or TypeError for anything else."""
    topics = {key: Label(name, iptc, parent) for key, (iptc, name, parent) in names.get(TOPICS, {}).items()}
    countries = {code: Label(name, within=tuple(within)) for code, (name, within) in names.get(REGIONS, {}).items()}
    return {TOPICS: topics, REGIONS: countries}
