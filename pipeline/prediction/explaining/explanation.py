"""Why a tag was given, or was not: each word's exact share of the score, and where in the text it stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.common.text import clean, clean_line
from pipeline.features.gazetteer import TITLE, Mention
from pipeline.features.terms import TermFeatures
from pipeline.features.texts import Document
from pipeline.prediction.explaining.label_names import resolve
from pipeline.prediction.explaining.offsets import spans
from pipeline.prediction.tagger import whole_text_of
from pipeline.prediction.tags import Answer, remarked

if TYPE_CHECKING:
    from pipeline.features.texts import Text
    from pipeline.prediction.reasons import Named
    from pipeline.prediction.tagger import Taggers
    from pipeline.prediction.tags import Prediction

MOST_LETTERS = 500_000
_KIND_NAMES = {"demonym": "people", "state": "state or province", "org": "place or body"}


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `start` to `end` of the explanation's `title` or `text`."""

    field: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Contribution:
    """A word, or for a country a kind of clue, with what it adds to the score; `places` are empty for clues."""

    words: str
    weight: float
    places: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """A name in the text that can stand for the country, and what kind of name it is (country, capital, ...)."""

    words: str
    kind: str
    place: Span


@dataclass(frozen=True, slots=True)
class TagExplanation:
    """Why a label was given or not.

    `intercept` and the weights of `contributions`, largest first, sum to `score`, which calibration makes
    `probability`; the tag is given from `threshold` on. `implied_by` names the topic below that brought this one along,
    `verdict` says in one sentence whether it is given, and why.
    """

    task: str
    label: str
    name: str
    given: bool
    probability: float
    threshold: float
    score: float
    intercept: float
    contributions: tuple[Contribution, ...]
    evidence: tuple[Evidence, ...] = ()
    implied_by: str = ""
    verdict: str = ""  # always made of the others; a plain field, since the HTTP service is described from these

    def __post_init__(self) -> None:
        object.__setattr__(self, "verdict", self._verdict())

    def _verdict(self) -> str:
        sure = f"probability {self.probability:.2f}"
        if self.implied_by:
            return f"given, because {self.implied_by} lies below it ({sure})"
        if self.given and self.probability < self.threshold:
            return f"given below its threshold {self.threshold:.2f}, as the most probable one ({sure})"
        if self.given:
            return f"given: {sure}, threshold {self.threshold:.2f}"
        if self.task == "regions" and not self.contributions:
            return "not given: no name in the text stands for it"
        if self.threshold > 1:
            return f"not given: {sure}, and too few examples were trained on to ever give it"
        return f"not given: {sure} is below its threshold {self.threshold:.2f}"


@dataclass(frozen=True, slots=True)
class Explanation:
    """An article as it was given, its tags, and why each was given; then the labels asked for, and near misses."""

    title: str
    text: str
    prediction: Prediction
    tags: tuple[TagExplanation, ...]

    def as_dict(self) -> list[dict[str, Any]]:
        """The explained tags as JSON values."""
        return [asdict(tag) for tag in self.tags]


@dataclass(frozen=True, slots=True)
class ExplainedAnswer(Answer):
    """An article's answer, and why each tag was given."""

    explanation: tuple[TagExplanation, ...]


def explain(predictor: Taggers, item: Text, labels: Iterable[str] = (), near: int = 0) -> Explanation:
    """Explain the tags of an article, the `labels` named, and the `near` most probable ones of each task not given.

    A label is named by its key, NewsCode, country code or name. Of a title or text of more than MOST_LETTERS only
    these are tagged and explained, and a warning says so. Raises DataError for a label that the model doesn't know.
    """
    wanted = [resolve(predictor, label) for label in labels]
    whole, item = item, replace(item, title=item.title[:MOST_LETTERS], text=item.text[:MOST_LETTERS])
    marked = _Marked.of(item, predictor)
    prediction, probabilities = predictor.predict_document(marked.doc)
    tags = [_explained(predictor, marked, task, label, probabilities[task]) for task, label in _given(prediction)]
    tags = _with_causes(predictor, tags)
    for task, label in [*wanted, *_near(predictor, probabilities, near)]:
        if not any((tag.task, tag.label) == (task, label) for tag in tags):
            tags.append(_explained(predictor, marked, task, label, probabilities[task], given=False))
    prediction = remarked(prediction, item)
    if item != whole:
        note = f"explained by its first {MOST_LETTERS:,} letters, which alone were tagged"
        prediction = replace(prediction, warnings=(*prediction.warnings, note))
    return Explanation(item.title, item.text, prediction, tuple(tags))


@dataclass(slots=True)
class _Marked:
    """An article's tokens, and the places of each in the text as given."""

    item: Text
    doc: Document
    title: list[Span]
    body: list[Span]
    terms: dict[str, tuple[Span, ...]]

    @classmethod
    def of(cls, item: Text, predictor: Taggers) -> _Marked:
        doc = predictor.document(item)
        title = [Span("title", *span) for span in spans(item.title, clean_line(item.title), doc.title)]
        body = [Span("text", *span) for span in spans(item.text, clean(item.text), doc.body)]
        model = whole_text_of(predictor.taggers.values())
        return cls(item, doc, title, body, _terms_of(model.features, doc, title, body) if model else {})

    def quoted(self, place: Span) -> str:
        """The characters at a place, on one line."""
        text = self.item.title if place.field == "title" else self.item.text
        return " ".join(text[place.start : place.end].split())

    def place(self, mention: Mention) -> Span:
        """Where a mention stands, from its first word to its last."""
        places = (self.title if mention.part == TITLE else self.body)[mention.start : mention.start + mention.length]
        return Span(places[0].field, places[0].start, places[-1].end)


def _terms_of(
    features: TermFeatures, doc: Document, title: Sequence[Span], body: Sequence[Span]
) -> dict[str, tuple[Span, ...]]:
    """Where each term stands."""
    found: dict[str, list[Span]] = {}
    for tokens, places in ((doc.title, title), (doc.body, body)):
        for term, place in zip(features.terms_of(tokens), places, strict=True):
            found.setdefault(term, []).append(place)
    return {term: tuple(places) for term, places in found.items()}


def _given(prediction: Prediction) -> list[tuple[str, str]]:
    topics = [("topics", tag.key) for tag in prediction.topics]
    return topics + [("regions", tag.code) for tag in prediction.regions]


def _explained(
    predictor: Taggers, marked: _Marked, task: str, label: str, probabilities: np.ndarray, given: bool = True
) -> TagExplanation:
    tagger = predictor.taggers[task]
    column = tagger.labels.index(label)
    reasons = tagger.reasons(marked.doc, label)
    clues = tuple(Contribution(*clue) for clue in reasons.clues)
    return TagExplanation(
        task=task,
        label=label,
        name=predictor.label_name(task, label),
        given=given,
        probability=float(probabilities[column]),
        threshold=float(tagger.thresholds[column]),
        score=reasons.score,
        intercept=reasons.intercept,
        contributions=_words(reasons.terms, marked) + clues,
        evidence=tuple(_evidence(reasons.names or (), marked)),
    )


def _words(parts: Iterable[tuple[str, float]], marked: _Marked) -> tuple[Contribution, ...]:
    """Terms as the words that the article has for them; those without any weight are left out."""
    found = []
    for term, weight in parts:
        if weight:
            places = marked.terms.get(term, ())
            written = Counter(marked.quoted(place) for place in places)
            found.append(Contribution(written.most_common(1)[0][0] if written else term, weight, places))
    return tuple(found)


def _evidence(names: Iterable[Named], marked: _Marked) -> Iterator[Evidence]:
    for named in names:
        place = marked.place(named.mention)
        yield Evidence(marked.quoted(place), _KIND_NAMES.get(named.kind, named.kind), place)


def _with_causes(predictor: Taggers, tags: Sequence[TagExplanation]) -> list[TagExplanation]:
    """Topics that stand below their own threshold were brought along by the most probable one below them."""
    found = []
    for tag in tags:
        below = [other for other in tags if predictor.parent(other.label) == tag.label and other.task == tag.task]
        caused = below and tag.task == "topics" and tag.probability < tag.threshold
        cause = max(below, key=lambda other: other.probability).name if caused else ""
        found.append(replace(tag, implied_by=cause))
    return found


def _near(predictor: Taggers, probabilities: dict[str, Any], count: int) -> list[tuple[str, str]]:
    """The most probable labels not given, best first, that are not out of the question."""
    found = []
    for task, scores in probabilities.items():
        labels = predictor.taggers[task].labels
        given = predictor.decisions({task: scores[None, :]})[task][0]
        misses = [column for column in (-scores).argsort(kind="stable") if not given[column] and scores[column] > 0.02]
        found += [(task, labels[column]) for column in misses[:count]]
    return found
