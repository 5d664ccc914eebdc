"""What the labelling page asks: the next article, and what to keep of it."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StrictStr, TypeAdapter

from pipeline.common.errors import DataError
from pipeline.features.texts import Text
from pipeline.prediction.predictor import Predictor
from pipeline.reporting.label_page import label_parts
from pipeline.serving.desk import LABELLED, Desk, Given, desk_of
from pipeline.serving.schemas import BadRequestError, Label, needs_labels, needs_name, read
from pipeline.serving.vocabulary import check_said, labels_said

LONGEST_NAME = 100
_NEAR = 3
_MOST_LABELS = 1000
Name = Annotated[StrictStr, Field(max_length=LONGEST_NAME, description="Who labels.", examples=["anna"])]
Key = Annotated[StrictStr, Field(max_length=64, description="The article's `key`.", examples=[""])]
Labels = Annotated[list[Label], Field(max_length=_MOST_LABELS)]


class AskNext(BaseModel):
    """Who wants an article to label: the next, or with `back` the one that they did before the one `at` a key."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=needs_name)

    by: Name = ""
    at: Key = ""
    back: bool = False


class Skip(BaseModel):
    """An article that somebody passes over; labels that they gave it before are taken back."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=needs_name)

    article: Key
    by: Name = ""


class Keep(Skip):
    """The tags that somebody gives an article: of each task that the model has, empty for none."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=needs_labels)

    topics: Labels | None = Field(None, examples=[["weather"]])
    regions: Labels | None = Field(None, examples=[["IT"]])
    model: StrictStr = Field("", max_length=64, description="The SHA-256 of the model whose tags were shown.")


class Progress(BaseModel):
    """How many articles there are, how many of them are labelled, and how many by who asks."""

    articles: int
    labelled: int
    own: int


class ToldProgress(BaseModel):
    """How far the labelling is."""

    progress: Progress


class ShownTag(BaseModel):
    """A tag of an article to label: whether it is filled in, its probability, and its number in the reasons."""

    task: str
    key: str
    name: str
    number: int
    on: bool
    score: float


class ShownArticle(BaseModel):
    """An article to label: what was done with it before ("labelled", "skipped" or nothing), the model's SHA-256, the
    article and the reasons of its tags as HTML, and the tags."""

    key: str
    id: str
    did: str
    model: str
    html: str
    why: str
    tags: list[ShownTag]


class NextArticle(ToldProgress):
    """The article to label, null when none is left, and how far the labelling is."""

    article: ShownArticle | None


NEXT, KEEP, SKIP = TypeAdapter(AskNext), TypeAdapter(Keep), TypeAdapter(Skip)


def next_article(queue: str, who: str, predictor: Predictor, body: bytes) -> dict[str, Any]:
    """The article that somebody is to look at, with the model's tags or what they said before; null without one."""
    asked: AskNext = read(NEXT, body)
    given = desk_of(queue).give(_by(asked.by, who), asked.at, asked.back)
    article = given.article and _shown(predictor, given)
    return {"article": article, "progress": given.progress}


def keep_labels(queue: str, who: str, predictor: Predictor, body: bytes) -> dict[str, Any]:
    """Keep what somebody says of an article."""
    given: Keep = read(KEEP, body)
    desk = _desk_with(queue, given.article)
    check_said(given.topics, given.regions)
    labels = labels_said(predictor, given.topics, given.regions)
    return {"progress": desk.keep(given.article, _by(given.by, who), labels, given.model)}


def skip_article(queue: str, who: str, _: Predictor, body: bytes) -> dict[str, Any]:
    """Let somebody pass over an article."""
    given: Skip = read(SKIP, body)
    return {"progress": _desk_with(queue, given.article).skip(given.article, _by(given.by, who))}


def _desk_with(queue: str, key: str) -> Desk:
    """The desk of a queue that has an article. Raises BadRequestError when it has not."""
    desk = desk_of(queue)
    if not desk.has(key):
        raise BadRequestError(404, "this article is not among those to label: load the page again")
    return desk


def _by(name: str, who: str) -> str:
    """Who labels: the name that was sent, else that of the API key."""
    found = " ".join((name.strip() or who).split())
    if not found:
        raise DataError("'by' is missing: say who labels")
    return found


def _shown(predictor: Predictor, given: Given) -> dict[str, Any]:
    article = given.article
    assert article
    known = {(task, key) for task, tagger in predictor.taggers.items() for key in tagger.labels}
    said = {(task, key) for task, keys in given.said.items() for key in keys or ()} & known
    found = predictor.explain(Text(article.text, article.title), sorted(key for _, key in said), near=_NEAR)
    before = said if given.did == LABELLED else {(tag.task, tag.label) for tag in found.tags if tag.given}
    about = {"key": article.key, "id": article.id, "did": given.did, "model": predictor.sha256}
    return about | label_parts(found, before)
