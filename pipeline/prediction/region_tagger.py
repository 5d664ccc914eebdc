"""The region tagger as it runs: candidate countries found by name, ranked by one linear model, needing numpy alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from pipeline.features.country_feature_names import UNSURE, meaning, read_named
from pipeline.features.country_features import Features, pair_features
from pipeline.features.gazetteer import KINDS, Gazetteer, Mention
from pipeline.features.meanings import Use, meanings
from pipeline.features.texts import Articles, Document, Documents
from pipeline.prediction import probabilities as cuts
from pipeline.prediction.probabilities import sigmoid
from pipeline.prediction.reasons import Named, Reasons
from pipeline.prediction.topic_tagger import LinearTagger

if TYPE_CHECKING:
    from pipeline.features.compiled.batch import Batch
    from pipeline.prediction.region_batches import BatchRanker


def bounded(
    stated: np.ndarray,
    columns: Sequence[int] | np.ndarray | slice,
    unsure: np.ndarray,
    given: np.ndarray,
    publish: np.ndarray,
) -> np.ndarray:
    """Probabilities (pairs,) of labels `columns`, those of `unsure` pairs (pairs,) below what publishes them.

    `given` and `publish` are the labels' thresholds. One name that may be a person, a word or a thing is not enough to
    publish a country unseen, however probable the training articles, which have few such names, make it.
    """
    most = np.maximum(np.nextafter(publish, 0), given)[columns]
    return np.where(unsure, np.minimum(stated, most), stated)


@dataclass(slots=True)
class RegionTagger:
    """A fitted region model; it is never changed by use, so threads can share it.

    A (document, country) pair's raw score is `intercept` plus its features times `weights`; `curve` (2,) makes it a
    probability. `thresholds` and `publish` (L,) are on the probability scale. `text` scores whole texts for those of
    the labels that it knows; without it there are only names.
    """

    gazetteer: Gazetteer
    text: LinearTagger | None
    weights: dict[str, float]
    intercept: float
    curve: np.ndarray
    thresholds: np.ndarray
    publish: np.ndarray
    _columns: list[int] = field(init=False, repr=False)
    _ranker: BatchRanker | None = field(init=False, repr=False, default=None)

    def __post_init__(self) -> None:
        place = {label: number for number, label in enumerate(self.labels)}
        self._columns = [place[label] for label in self.text.labels] if self.text else []

    @property
    def labels(self) -> tuple[str, ...]:
        """All codes that can be given, those without a training article included."""
        return self.gazetteer.labels

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self).from_state, (self.state(),)

    def probabilities(self, docs: Documents) -> np.ndarray:
        """Calibrated probabilities (n, L), float64; 0 for countries that aren't candidates."""
        return docs.read_by(self)

    def of_articles(self, docs: Articles) -> np.ndarray:
        """Probabilities of a few articles."""
        found = np.zeros((len(docs), len(self.labels)))
        for row, pairs in enumerate(self._pairs(docs)):
            if pairs:
                raw = np.array([self._raw(features) for features in pairs.values()])
                stated = sigmoid(raw * self.curve[0] + self.curve[1])
                unsure = np.array([UNSURE in features for features in pairs.values()])
                found[row, list(pairs)] = bounded(stated, list(pairs), unsure, self.thresholds, self.publish)
        return found

    def of_batch(self, docs: Batch) -> np.ndarray:
        """Probabilities of a batch, by compiled functions."""
        from pipeline.prediction.region_batches import BatchRanker

        ranker = self._ranker
        if ranker is None or ranker.lexicon is not docs.lexicon:
            ranker = self._ranker = BatchRanker(docs.lexicon, self.gazetteer, self._columns, self.weights)
        scores = self.text.raw_scores(docs) if self.text else np.zeros((len(docs), 0))
        rows, columns, raw, unsure = ranker.raw_scores(self.gazetteer.read_batch(docs), scores)
        stated = sigmoid((raw + self.intercept) * self.curve[0] + self.curve[1])
        found = np.zeros((len(docs), len(self.labels)))
        found[rows, columns] = bounded(stated, columns, unsure, self.thresholds, self.publish)
        return found

    def decide(self, probabilities: np.ndarray) -> np.ndarray:
        """Which countries each document gets, boolean (n, L)."""
        return cuts.decide(probabilities, self.thresholds, cuts.ANY)

    def publishable(self, probabilities: np.ndarray) -> np.ndarray:
        """Which countries are sure enough to publish unseen, boolean (n, L)."""
        return np.asarray(probabilities >= self.publish)

    def evidence(self, doc: Document, code: str) -> list[Mention]:
        """The names in `doc` that can stand for the country, in order. Raises KeyError for an unknown code."""
        wanted = self._index(code)
        return list(dict.fromkeys(use.mention for use in self._uses(doc) if use.code == wanted))

    def explain(self, doc: Document, code: str) -> tuple[list[tuple[str, float]], float]:
        """Each feature's contribution, largest first, and the intercept: together they sum to the raw score.

        A country that isn't a candidate has no contributions. Raises KeyError for an unknown code.
        """
        wanted = self._index(code)
        features = self._pairs(Articles([doc]))[0].get(wanted, {})
        parts = [(name, value * self.weights[name]) for name, value in features.items() if name in self.weights]
        return sorted(parts, key=lambda part: (-abs(part[1]), part[0])), self.intercept

    @property
    def whole_text(self) -> LinearTagger | None:
        """The model of whole texts; None when names alone count."""
        return self.text

    def reasons(self, doc: Document, code: str) -> Reasons:
        """What speaks for a country, its features summed up by what they mean. Raises KeyError for an unknown code."""
        parts, intercept = self.explain(doc, code)
        sums: dict[str, float] = {}
        for name, weight in parts:
            sums[meaning(name)] = sums.get(meaning(name), 0.0) + weight
        clues = sorted(sums.items(), key=lambda clue: -abs(clue[1]))
        return Reasons(intercept, clues=tuple(clues), names=tuple(self._named(doc, code)))

    def _named(self, doc: Document, code: str) -> Iterator[Named]:
        wanted = self._index(code)
        for use in self._uses(doc):
            if use.code == wanted:
                yield Named(self.gazetteer.names[use.mention.name], KINDS[use.kind], use.mention)

    def _uses(self, doc: Document) -> list[Use]:
        doc = self.gazetteer.read(doc)
        return meanings(self.gazetteer, doc, self.gazetteer.find(doc))

    def learned_names(self) -> dict[str, list[str]]:
        """For each country the names that count for it, the strongest first."""
        found: dict[str, list[tuple[float, str]]] = {}
        for feature, weight in self.weights.items():
            told = read_named(feature)
            if told and weight > 0:
                found.setdefault(told.label, []).append((-weight, told.name))
        return {label: list(dict.fromkeys(name for _, name in sorted(named))) for label, named in found.items()}

    def _index(self, code: str) -> int:
        if code not in self.labels:
            raise KeyError(code)
        return self.labels.index(code)

    def _raw(self, features: Features) -> float:
        weights = self.weights
        return self.intercept + sum(value * weights[name] for name, value in features.items() if name in weights)

    def _pairs(self, docs: Articles) -> list[dict[int, Features]]:
        scores = self.text.raw_scores(docs) if self.text else np.zeros((len(docs), 0))
        return [
            pair_features(self.gazetteer, doc, self.gazetteer.find(doc), dict(zip(self._columns, row, strict=True)))
            for doc, row in zip(map(self.gazetteer.read, docs), scores.tolist(), strict=True)
        ]

    def state(self) -> dict[str, Any]:
        """All that `from_state` needs, as numpy arrays and builtin types."""
        return {
            "gazetteer": self.gazetteer.state(),
            "text": self.text.state() if self.text else None,
            "names": "\n".join(self.weights),
            "weights": np.array(list(self.weights.values())),
            "intercept": self.intercept,
            "curve": self.curve,
            "thresholds": self.thresholds,
            "publish": self.publish,
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """The tagger that `state` was taken from."""
        names = state["names"].split("\n") if state["names"] else []
        return cls(
            _gazetteer(state["gazetteer"]),
            LinearTagger.from_state(state["text"]) if state["text"] else None,
            dict(zip(names, state["weights"].tolist(), strict=True)),
            state["intercept"],
            state["curve"],
            state["thresholds"],
            state["publish"],
        )


def _gazetteer(state: Mapping[str, Any]) -> Gazetteer:
    """The names that a state was taken from, in their language."""
    if "languages" not in state:
        return Gazetteer.from_state(state)
    from pipeline.features.language.inflected import InflectedGazetteer

    return InflectedGazetteer.from_state(state)
