"""Answers in the shape that Superdesk's client of iMatrics expects: `article/analysis` and `concept/get`."""

from __future__ import annotations

import difflib
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, StrictStr

from pipeline.common.article import REGIONS, TOPICS
from pipeline.features.texts import Text
from pipeline.prediction.predictor import Predictor
from pipeline.prediction.tags import Prediction

_SOURCE = "dateline"
_MOST_FOUND = 100


class Analysis(BaseModel):
    """An article as Superdesk sends it: a headline, and paragraphs."""

    model_config = ConfigDict(extra="ignore")

    headline: StrictStr | None = Field("", examples=["Storm floods port"])
    body: list[StrictStr] | StrictStr | None = Field(
        default_factory=list, examples=[["Heavy rain flooded the port of Genoa."]]
    )
    uuid: StrictStr | None = ""

    def text(self) -> Text:
        """What is tagged of it."""
        body = self.body or []
        return Text(body if isinstance(body, str) else "\n".join(body), self.headline or "")


class Search(BaseModel):
    """A search for concepts by title, or one concept by its `uuid`."""

    model_config = ConfigDict(extra="ignore")

    title: StrictStr | None = Field("", max_length=200, examples=["weather"])
    uuid: StrictStr | None = Field("", max_length=200)
    size: int = Field(10, ge=1, le=_MOST_FOUND)


def analysis(predictor: Predictor, prediction: Prediction) -> dict[str, Any]:
    """The tags as concepts; topics that lie above another one given are `broader`."""
    above = {tag.parent for tag in prediction.topics}
    topics = [(tag.key, concept(predictor, TOPICS, tag.key, tag.score)) for tag in prediction.topics]
    places = [concept(predictor, REGIONS, tag.code, tag.score) for tag in prediction.regions]
    return {
        "concepts": [found for key, found in topics if key not in above] + places,
        "broader": [found for key, found in topics if key in above],
    }


def search(predictor: Predictor, asked: Search) -> dict[str, Any]:
    """The concepts whose name holds the title, or comes near it."""
    known = [(task, key) for task, tagger in predictor.taggers.items() for key in tagger.labels]
    if asked.uuid:
        wanted = [(task, key) for task, key in known if uuid_of(predictor, task, key) == asked.uuid]
    else:
        names = {predictor.label_name(task, key).casefold(): (task, key) for task, key in known}
        title = (asked.title or "").strip().casefold()
        held = sorted((name for name in names if title in name), key=lambda name: (not name.startswith(title), name))
        near = difflib.get_close_matches(title, names, n=asked.size)
        wanted = [names[name] for name in dict.fromkeys([*held, *near])]
    return {"result": [concept(predictor, task, key) for task, key in wanted[: asked.size]], "error": False}


def concept(predictor: Predictor, task: str, key: str, score: float | None = None) -> dict[str, Any]:
    """A label as a concept; `weight` is its probability in percent."""
    about = predictor.label(task, key)
    found: dict[str, Any] = {
        "uuid": uuid_of(predictor, task, key),
        "title": about.name,
        "type": "category" if task == TOPICS else "place",
        "shortDescription": "",
        "aliases": [],
        "source": _SOURCE,
        "author": _SOURCE,
        "broader": uuid_of(predictor, task, about.parent) if about.parent else "",
        "links": [{"source": "IPTC", "relationType": "exactMatch", "id": about.iptc}] if about.iptc else [],
    }
    return found if score is None else found | {"weight": round(100 * score, 2)}


def uuid_of(predictor: Predictor, task: str, key: str) -> str:
    """What names a label everywhere: its NewsCode, or its country code in IPTC's scheme."""
    if task == REGIONS:
        return f"iso3166-1a2:{key}"
    return predictor.label(task, key).iptc or f"{_SOURCE}:{key}"
