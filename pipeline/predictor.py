"""The predictor: loads a predictor file and tags articles; needs numpy and nothing heavier."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from pipeline import bundle
from pipeline.errors import DataError
from pipeline.features.document import Document, document
from pipeline.text import clean, clean_line

if TYPE_CHECKING:
    from pipeline.explaining.explanation import Explanation

TOPICS, REGIONS = "topics", "regions"
PUBLISH, REVIEW = "publish", "review"
_Given = tuple[float, str]
_BATCH = 256
# The most frequent function words of English: about 40 % of the words of any English text.
_ENGLISH = frozenset(
    "the of to and a in is it for that on was with as at by from be has have are he she his its".split()  # noqa: SIM905
)
_ENGLISH_SHARE, _ENOUGH_WORDS = 0.08, 12


class Tagger(Protocol):
    """What the predictor needs of a task's model."""

    @property
    def labels(self) -> tuple[str, ...]: ...

    @property
    def thresholds(self) -> np.ndarray: ...

    def probabilities(self, docs: Sequence[Document]) -> np.ndarray: ...

    def decide(self, probabilities: np.ndarray) -> np.ndarray: ...

    def publishable(self, probabilities: np.ndarray) -> np.ndarray: ...


@dataclass(frozen=True, slots=True)
class Text:
    """What is tagged: a text and, if it has one of its own, its title."""

    text: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class TopicTag:
    """A topic: its key, IPTC NewsCode (may be empty), name, parent's key (empty at the top), probability.

    `decision` is PUBLISH when the score holds the precision that the model was asked for, else REVIEW.
    """

    key: str
    iptc: str
    name: str
    parent: str
    score: float
    decision: str = REVIEW


@dataclass(frozen=True, slots=True)
class RegionTag:
    """A country: its code, name, the groups it lies in, innermost first, probability, and decision (see TopicTag)."""

    code: str
    name: str
    within: tuple[str, ...]
    score: float
    decision: str = REVIEW


@dataclass(frozen=True, slots=True)
class Prediction:
    """An article's tags, best first. A notebook shows them with bars."""

    topics: tuple[TopicTag, ...] = ()
    regions: tuple[RegionTag, ...] = ()
    warnings: tuple[str, ...] = ()

    def _repr_html_(self) -> str:
        from pipeline.explaining.rendering import prediction_html

        return prediction_html(self)


@dataclass(slots=True)
class Predictor:
    """A loaded predictor. It is never changed by predicting, so threads can share it."""

    name: str
    sha256: str
    taggers: dict[str, Tagger]
    taxonomy: dict[str, Any]
    description: dict[str, Any] = field(default_factory=dict)

    def predict(self, texts: Iterable[str | Text]) -> list[Prediction]:
        """Tag texts; a plain string's first line is its title when more follows. Raises DataError for an empty one."""
        items = [as_text(text) for text in texts]
        found: list[Prediction] = []
        for start in range(0, len(items), _BATCH):
            found += self._predict_batch(items[start : start + _BATCH])
        return found

    def explain(self, text: str | Text, labels: Iterable[str] = (), near: int = 0) -> Explanation:
        """Tag a text and say why: each word's exact share of each score, and the words' places.

        `labels` (keys, NewsCodes, country codes or names) are explained even if not given, and so are the `near` most
        probable of each task that were not given. Raises DataError for an empty text or an unknown label.
        """
        from pipeline.explaining.explanation import explain

        return explain(self, as_text(text), labels, near)

    def probabilities(self, texts: Sequence[str | Text]) -> dict[str, np.ndarray]:
        """Each task's calibrated probabilities, (texts, labels of the task)."""
        docs = [tokens(as_text(text)) for text in texts]
        return {task: tagger.probabilities(docs) for task, tagger in self.taggers.items()}

    def decisions(self, probabilities: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Which labels each task gives, (texts, labels), parents of given topics included."""
        given = {task: self.taggers[task].decide(scores) for task, scores in probabilities.items()}
        if TOPICS in given:
            given[TOPICS] = self._close(given[TOPICS])
        return given

    def predict_document(self, doc: Document) -> tuple[Prediction, dict[str, np.ndarray]]:
        """The tags of a tokenised article, and each task's calibrated probabilities (labels of the task)."""
        scores = {task: tagger.probabilities([doc]) for task, tagger in self.taggers.items()}
        return self._predictions([doc], scores)[0], {task: found[0] for task, found in scores.items()}

    def label_name(self, task: str, label: str) -> str:
        """What people call a label of TOPICS or REGIONS."""
        if task == TOPICS:
            return self._topic(label)[1]
        return str(self.taxonomy.get(task, {}).get(label, (label,))[0])

    def parent(self, topic: str) -> str:
        """The key of the topic above; empty at the top."""
        return self._topic(topic)[2]

    def _repr_html_(self) -> str:
        from pipeline.explaining.rendering import predictor_html

        return predictor_html(self)

    def _predict_batch(self, items: Sequence[Text]) -> list[Prediction]:
        docs = [tokens(item) for item in items]
        return self._predictions(docs, {task: tagger.probabilities(docs) for task, tagger in self.taggers.items()})

    def _predictions(self, docs: Sequence[Document], scores: dict[str, np.ndarray]) -> list[Prediction]:
        given = self.decisions(scores)
        publish = {task: tagger.publishable(scores[task]) for task, tagger in self.taggers.items()}
        if TOPICS in publish:  # an implied parent is as sure as the surest of its children
            publish[TOPICS] = self._close(publish[TOPICS])
        found = []
        for row, doc in enumerate(docs):
            warnings = warnings_about(doc)
            if doc.title.words or doc.body.words:
                labels = {
                    task: self._given(task, scores[task][row], given[task][row], publish[task][row]) for task in given
                }
                found.append(Prediction(self._topic_tags(labels), self._region_tags(labels), warnings))
            else:
                found.append(Prediction(warnings=warnings))
        return found

    def _given(self, task: str, scores: np.ndarray, given: np.ndarray, publish: np.ndarray) -> dict[str, _Given]:
        """The labels given to one text, with their scores and decisions."""
        labels = self.taggers[task].labels
        columns = np.flatnonzero(given).tolist()
        return {labels[column]: (float(scores[column]), PUBLISH if publish[column] else REVIEW) for column in columns}

    def _topic_tags(self, labels: Mapping[str, dict[str, _Given]]) -> tuple[TopicTag, ...]:
        found = labels.get(TOPICS, {})
        for key, (score, _) in list(found.items()):
            parent = self.parent(key)
            if parent in found:  # a parent is at least as probable as its child
                found[parent] = (max(found[parent][0], score), found[parent][1])
        tags = [TopicTag(key, *self._topic(key), score, decision) for key, (score, decision) in found.items()]
        return tuple(sorted(tags, key=lambda tag: (-tag.score, not tag.parent, tag.key)))

    def _region_tags(self, labels: Mapping[str, dict[str, _Given]]) -> tuple[RegionTag, ...]:
        known = self.taxonomy.get(REGIONS, {})
        tags = []
        for code, (score, decision) in labels.get(REGIONS, {}).items():
            name, within = known.get(code, (code, []))
            tags.append(RegionTag(code, name, tuple(within), score, decision))
        return tuple(sorted(tags, key=lambda tag: (-tag.score, tag.code)))

    def _topic(self, key: str) -> tuple[str, str, str]:
        iptc, name, parent = self.taxonomy.get(TOPICS, {}).get(key, ("", key, ""))
        return iptc, name, parent

    def _close(self, given: np.ndarray) -> np.ndarray:
        """Add the parents of every topic given."""
        closed = given.copy()
        labels = self.taggers[TOPICS].labels
        column = {label: number for number, label in enumerate(labels)}
        for label in labels:
            parent = self._topic(label)[2]
            while parent in column:
                closed[:, column[parent]] |= given[:, column[label]]
                parent = self._topic(parent)[2]
        return closed


def load_predictor(path: str | Path = "models/news") -> Predictor:
    """Load a predictor from its folder or file. Raises ModelError, in one line, for one that can't be used."""
    content, description = bundle.load(Path(path))
    taggers = {task: _tagger(state) for task, state in content["tasks"].items()}
    return Predictor(content["name"], description["sha256"], taggers, content["taxonomy"], description)


def as_text(item: str | Text) -> Text:
    """A string as a Text: its first line is the title when a longer text follows. Raises DataError when empty."""
    if isinstance(item, str):
        first, _, rest = item.strip().partition("\n")
        item = Text(rest, first) if rest.strip() and len(first) < len(rest) else Text(item)
    if not item.text.strip() and not item.title.strip():
        raise DataError("the text is empty: there is nothing to tag")
    return item


def tokens(item: Text) -> Document:
    """An item cleaned and tokenised, as training does it."""
    return document(clean_line(item.title), clean(item.text))


def warnings_about(doc: Document) -> tuple[str, ...]:
    """What should make a reader doubt the tags."""
    words = doc.title.words + doc.body.words
    if not words:
        return ("the text holds no words",)
    if len(words) < _ENOUGH_WORDS:
        return (f"the text has only {len(words)} word{'s' * (len(words) > 1)}",)
    if sum(word in _ENGLISH for word in words) < _ENGLISH_SHARE * len(words):
        return ("the text does not look like English prose",)
    return ()


def _tagger(state: dict[str, Any]) -> Tagger:
    if state["kind"] == "regions":
        from pipeline.taggers.regions import RegionTagger

        return RegionTagger.from_state(state["state"])
    from pipeline.taggers.linear import LinearTagger

    return LinearTagger.from_state(state["state"])
