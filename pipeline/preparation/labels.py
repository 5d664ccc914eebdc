"""The labels of articles by the vocabularies, and what was not understood."""

from __future__ import annotations

import sys
from collections import Counter

from pipeline.common.article import REGIONS, TOPICS, Article
from pipeline.common.config import Config
from pipeline.common.taxonomy import Taxonomy, TopicNames

_SHOWN, _LONGEST, _MOST_KNOWN = 8, 60, 20_000


class Labels:
    """Labels by the vocabularies; one that is in none of them costs that label, not the article."""

    def __init__(self, config: Config, taxonomy: Taxonomy) -> None:
        self._taxonomy = taxonomy
        topics = self._taxonomy.topics.values()
        self._topics = (
            TopicNames((topic.key, topic.iptc, topic.name) for topic in topics) if config.vocabulary else None
        )
        self._countries = None if config.region_codes else self._taxonomy.countries
        self._trained = {TOPICS: config.topics is not None, REGIONS: config.regions is not None}
        self._given = dict.fromkeys(self._trained, 0)
        self._known: dict[tuple[str, tuple[str, ...]], tuple[list[str], list[str]]] = {}
        self._unknown: dict[str, Counter[str]] = {task: Counter() for task in self._trained}

    def settle(self, article: Article) -> str:
        """Replace the article's labels by the vocabulary's, in lists that are not to be changed; why it has none, empty
        when it has."""
        strange: list[str] = []
        for task in self._trained:
            labels = getattr(article, task)
            if labels is None:
                continue
            kept, missing = self._settled(task, tuple(labels))
            self._given[task] += len(labels)
            if missing:
                self._unknown[task].update(missing)
                strange.append(f"unknown {task[:-1]} {self._hinted(missing[0])}")
            setattr(article, task, None if missing and not kept else kept)
        if article.topics is None and article.regions is None:
            return strange[0] if strange else "the article has neither topics nor regions"
        return ""

    def notes(self) -> dict[str, dict[str, int]]:
        """How often each label was not understood, by task."""
        return {f"unknown_{task}": dict(counts.most_common()) for task, counts in self._unknown.items() if counts}

    def remarks(self) -> list[str]:
        """One sentence for each trained task that has lost labels."""
        found = []
        for task, counts in self._unknown.items():
            if counts and self._trained[task]:
                shown = ", ".join(f"{label[:_LONGEST]} {count:,}" for label, count in counts.most_common(_SHOWN))
                more = f" and {len(counts) - _SHOWN} others" if len(counts) > _SHOWN else ""
                lost = f"{counts.total():,} of {self._given[task]:,} {task} are not understood and left out"
                found.append(f"{lost}: {shown}{more}")
        return found

    def _settled(self, task: str, labels: tuple[str, ...]) -> tuple[list[str], list[str]]:
        """The vocabulary's labels, in a list that articles with the same ones share, and those not understood."""
        known = self._known.get((task, labels))
        if known is None:
            found = [self._find(task, label) for label in labels]
            missing = [label for label, key in zip(labels, found, strict=True) if key is None]
            kept = list(dict.fromkeys(sys.intern(key) for key in found if key is not None))
            known = kept, missing
            if len(self._known) < _MOST_KNOWN:
                self._known[task, labels] = known
        return known

    def _find(self, task: str, label: str) -> str | None:
        if task == TOPICS:
            return self._topics.find(label) if self._topics and label not in self._taxonomy.topics else label
        return label if self._countries is None or label in self._countries else None

    def _hinted(self, label: str) -> str:
        near = self._taxonomy.suggest(label)
        return f"'{label[:_LONGEST]}'" + (f"; did you mean '{near}'?" if near else "")
