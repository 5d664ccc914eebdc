"""What the service answers: a body in, a body out, the same in its own process and in those beside it."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qs

import orjson
from pydantic import TypeAdapter

from pipeline.common.article import REGIONS, TOPICS
from pipeline.common.errors import DataError, StorageError
from pipeline.features.texts import Text, as_text
from pipeline.prediction.predictor import Predictor
from pipeline.prediction.tags import Prediction, as_json
from pipeline.reporting.prediction_page import Form, page
from pipeline.rows.feedback import Correction
from pipeline.rows.feedback_store import Feedback
from pipeline.serving import schemas
from pipeline.serving.labelling import keep_labels, next_article, skip_article
from pipeline.serving.models import Models, Place
from pipeline.serving.names import for_reader
from pipeline.serving.schemas import ITEM, ITEMS, WHY, BadRequestError, Item, Why, read
from pipeline.serving.seen_log import log_to
from pipeline.serving.superdesk import Analysis, Search, analysis, search
from pipeline.serving.vocabulary import check_said, labels_said, vocabulary

JSON, HTML = "application/json", "text/html; charset=utf-8"
_NEAR = 3


@dataclass(frozen=True, slots=True)
class Job:
    """What to do with a body: the name of the work, where the predictors lie, who asks, the files that the work may
    need, and in which language names are read: the one asked for, or what the browser says."""

    work: str
    places: tuple[Place, ...] = ()
    by: str = ""
    feedback: str = ""
    log: str = ""
    queue: str = ""
    names: str = ""
    accepts: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """A status, a body and its kind; `counts` says what each model gave, by its SHA-256, for those who count."""

    status: int
    content: bytes
    media: str = JSON
    counts: dict[str, dict[str, int]] = field(default_factory=dict)


Result = TypeVar("Result")
Work = Callable[[Job, Models, bytes], Reply]
Tagged = tuple[Predictor, Prediction]
Step = Callable[[str, str, Predictor, bytes], dict[str, Any]]


def answer(job: Job, models: Models, body: bytes) -> Reply:
    """Do the work; what is wrong with a body is told in one sentence."""
    return _tried(lambda: WORKS[job.work](job, models, body))


def _tried(work: Callable[[], Result]) -> Result | Reply:
    """What the work gives, or the answer that says what is wrong."""
    try:
        return work()
    except BadRequestError as error:
        return problem(error.status, str(error))
    except StorageError as error:
        logging.getLogger("uvicorn.error").warning("not kept: %s", error)
        return problem(503, "it can't be kept: the service's disk takes no more, as its log says; try again later")
    except DataError as error:
        return problem(422, str(error))


def problem(status: int, message: str) -> Reply:
    """An answer that says in one sentence what is wrong."""
    return Reply(status, orjson.dumps({"error": message.encode("utf-8", "replace").decode()}))


def subtitle(predictor: Predictor) -> str:
    """Which model it is, for people."""
    return f"model {predictor.name} {predictor.sha256[:12]}"


def text_of(item: Item) -> Text:
    """An item as what is tagged. Raises DataError when there is nothing to tag."""
    text, title = item.text or "", item.title or ""
    return as_text(Text(text, title) if title else text)


def counted(tagged: Iterable[Tagged]) -> dict[str, dict[str, int]]:
    """How many articles, warnings, and tags of each label and decision, by the SHA-256 of the model."""
    found: dict[str, Counter[str]] = {}
    for predictor, prediction in tagged:
        counts = found.setdefault(predictor.sha256, Counter())
        counts["articles"] += 1
        counts["warned"] += bool(prediction.warnings)
        for topic in prediction.topics:
            counts[f"topics {topic.decision} {topic.key}"] += 1
        for region in prediction.regions:
            counts[f"regions {region.decision} {region.code}"] += 1
    return {sha256: dict(counts) for sha256, counts in found.items()}


@dataclass(frozen=True, slots=True)
class _Asked:
    """The articles of a body: one, or a list of `many`; a text, or what is wrong with it, for each item."""

    many: bool
    items: list[Item]
    texts: list[Text | str]

    @classmethod
    def of(cls, body: bytes) -> _Asked:
        """Raises BadRequestError, and DataError where the one article has no text."""
        many = body.lstrip()[:1] == b"["
        items: list[Item] = read(ITEMS, body) if many else [read(ITEM, body)]
        texts: list[Text | str] = []
        for number, item in enumerate(items, 1):
            try:
                texts.append(text_of(item))
            except DataError as error:
                if not many:
                    raise
                texts.append(f"article {number}: {error}")
        return cls(many, items, texts)

    @property
    def good(self) -> list[Text]:
        """The texts that can be tagged."""
        return [text for text in self.texts if isinstance(text, Text)]

    def reply(self, found: Sequence[Tagged]) -> Reply:
        """The answer, with what was found in the good ones."""
        rows, left = [], iter(found)
        for number, (item, text) in enumerate(zip(self.items, self.texts, strict=True), 1):
            name = item.name or str(number)
            rows.append({"id": name, "error": text} if isinstance(text, str) else _told(name, next(left)))
        return Reply(200, orjson.dumps(rows if self.many else rows[0]), counts=counted(found))


def _predict(job: Job, models: Models, body: bytes) -> Reply:
    asked = _Asked.of(body)
    return asked.reply(_tagged(job, models, asked.good))


def predicted(jobs: Sequence[tuple[Job, bytes]], models: Models) -> list[Reply]:
    """What `predict` answers to each of several bodies, whose texts are tagged at once; all jobs have the same log."""
    asked = [_tried(partial(_Asked.of, body)) for _, body in jobs]
    texts = [text for one in asked if isinstance(one, _Asked) for text in one.good]
    left = iter(_tagged(jobs[0][0], models, texts) if texts else ())
    return [one.reply(list(islice(left, len(one.good)))) if isinstance(one, _Asked) else one for one in asked]


def _told(name: str, tagged: Tagged) -> dict[str, Any]:
    predictor, prediction = tagged
    return as_json(name, prediction, predictor)


def _explain(job: Job, models: Models, body: bytes) -> Reply:
    asked: Why = read(WHY, body)
    text = text_of(asked)
    predictor = models.of(text)
    found = predictor.explain(text, asked.labels)
    _note(job, predictor, [text])
    told = as_json(asked.name or "1", found.prediction, predictor) | {"explanation": found.as_dict()}
    return Reply(200, orjson.dumps(told, default=_plain), counts=counted([(predictor, found.prediction)]))


def _page(job: Job, models: Models, body: bytes) -> Reply:
    fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
    title, pasted = (fields.get(name, [""])[0] for name in ("title", "text"))
    try:
        text = as_text(Text(pasted, title) if title.strip() else pasted)
    except DataError as error:
        form = Form(title, pasted, models.first.sha256, bool(job.queue), job.names)
        return html(page(None, subtitle(models.first), form, str(error)), 422)
    predictor = models.of(text)
    found = for_reader(predictor, job.names or job.accepts).explain(text, near=_NEAR)
    _note(job, predictor, [text])
    form = Form(title, pasted, predictor.sha256, bool(job.queue), job.names)
    shown = page(found, subtitle(predictor), form, tasks=tuple(predictor.taggers))
    return html(shown, 200, counted([(predictor, found.prediction)]))


def _tagged(job: Job, models: Models, texts: list[Text]) -> list[Tagged]:
    """The predictions in the order of the texts, each with the predictor that made it."""
    places: dict[str, list[int]] = {}
    for place, text in enumerate(texts):
        places.setdefault(models.language_for(text), []).append(place)
    found: list[Tagged | None] = [None] * len(texts)
    for language, own in places.items():
        predictor, given = models.by_language[language], [texts[place] for place in own]
        _note(job, predictor, given)
        for place, prediction in zip(own, predictor.predict(given), strict=True):
            found[place] = predictor, prediction
    return [tagged for tagged in found if tagged]


def _note(job: Job, predictor: Predictor, texts: list[Text]) -> None:
    """Put down what was seen of texts, where that is wanted."""
    if job.log:
        log_to(job.log).put(predictor, texts)


def _feedback(job: Job, models: Models, body: bytes) -> Reply:
    given: schemas.Correction = read(schemas.CORRECTION, body)
    check_said(given.topics, given.regions)
    predictor = models.of(text_of(given))
    labels = labels_said(predictor, given.topics, given.regions)
    correction = Correction(
        text=given.text or "",
        title=given.title or "",
        id=given.name,
        date=given.date or "",
        topics=labels[TOPICS],
        regions=labels[REGIONS],
        model=given.model or predictor.sha256,
        by=given.by or job.by,
    )
    return Reply(200, orjson.dumps({"kept": Feedback(Path(job.feedback)).add([correction])}))


def _analysis(job: Job, models: Models, body: bytes) -> Reply:
    text = read(_ANALYSIS, body).text()
    if not (text.text + text.title).strip():
        return Reply(200, orjson.dumps({"concepts": [], "broader": []}))
    found = _tagged(job, models, [text])
    return Reply(200, orjson.dumps(analysis(*found[0])), counts=counted(found))


def _concepts(_job: Job, models: Models, body: bytes) -> Reply:
    return Reply(200, orjson.dumps(search(models.first, read(_SEARCH, body))))


def _labelling(step: Step) -> Work:
    """The work of a step of labelling."""

    def work(job: Job, models: Models, body: bytes) -> Reply:
        return Reply(200, orjson.dumps(step(job.queue, job.by, models.first, body)))

    return work


def _vocabulary(_job: Job, models: Models, _body: bytes) -> Reply:
    return Reply(200, orjson.dumps(vocabulary(models.first)))


def html(content: str, status: int = 200, counts: dict[str, dict[str, int]] | None = None) -> Reply:
    """A page as an answer."""
    return Reply(status, content.encode("utf-8", "replace"), HTML, counts or {})


def _plain(value: Any) -> Any:
    """A number of numpy's as JSON knows it."""
    return value.item()


_ANALYSIS, _SEARCH = TypeAdapter(Analysis), TypeAdapter(Search)
WORKS: dict[str, Work] = {
    "predict": _predict,
    "explain": _explain,
    "page": _page,
    "feedback": _feedback,
    "analysis": _analysis,
    "concepts": _concepts,
    "vocabulary": _vocabulary,
    "next article": _labelling(next_article),
    "keep labels": _labelling(keep_labels),
    "skip article": _labelling(skip_article),
}
