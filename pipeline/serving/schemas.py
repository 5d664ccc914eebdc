"""The shapes of what the service takes and gives, checked by pydantic and published as OpenAPI."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StrictFloat, StrictInt, StrictStr, TypeAdapter, ValidationError

from pipeline.common.article import REGIONS, TOPICS
from pipeline.common.errors import DataError
from pipeline.prediction.tags import ModelName

MOST_ARTICLES, MOST_LABELS, LONGEST_LABEL = 1000, 50, 200
_WHOLE = 2**63
_LISTS = [{"required": [name], "properties": {name: {"type": "array"}}} for name in (TOPICS, REGIONS)]
_SOMETHING = {"type": "string", "pattern": r"\S"}
_EXAMPLE: dict[str, Any] = {
    "id": "7",
    "title": "Storm floods port",
    "text": "Heavy rain flooded the port of Genoa on Monday.",
}

Number = Annotated[StrictInt, Field(ge=-_WHOLE, lt=_WHOLE)] | Annotated[StrictFloat, Field(allow_inf_nan=False)]
Label = Annotated[str, Field(min_length=1, max_length=LONGEST_LABEL)]


class BadRequestError(DataError):
    """A request that can't be understood: `status` is 400 when it is no JSON, 422 when it is not what it should be, 404
    when it asks for what isn't there."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Item(BaseModel):
    """What is tagged: a text, a title, or both; null counts as empty. `id` comes back with the tags, as text."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_EXAMPLE]})

    text: StrictStr | None = Field("", description="The article's text.")
    title: StrictStr | None = Field("", description="Its title, where it has one of its own.")
    id: StrictStr | Number | None = Field(None, description="Comes back with the tags, as text.")

    @property
    def name(self) -> str:
        """The id as text; empty without one."""
        if isinstance(self.id, float) and self.id.is_integer():
            return str(int(self.id))
        return "" if self.id is None else str(self.id)


def _needs_words(schema: dict[str, Any]) -> None:
    schema["anyOf"] = [{"required": [name], "properties": {name: _SOMETHING}} for name in ("text", "title")]


def needs_name(schema: dict[str, Any]) -> None:
    """Who labels must be said, where no API key says it."""
    schema["properties"]["by"]["pattern"] = r"\S"
    schema["required"] = [*schema.get("required", ()), "by"]


def needs_labels(schema: dict[str, Any]) -> None:
    """Labels of one of the tasks at least, and who gives them."""
    needs_name(schema)
    schema["allOf"] = [{"anyOf": _LISTS}]


def _needs_words_and_labels(schema: dict[str, Any]) -> None:
    _needs_words(schema)
    schema["allOf"] = [{"anyOf": _LISTS}]


class Article(Item):
    """An article with something to tag: a text, a title, or both."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=_needs_words)


class Why(Item):
    """An article, and the labels that are explained even if they are not given."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=_needs_words)

    labels: list[Label] = Field(default_factory=list, max_length=MOST_LABELS, examples=[["weather", "IT"]])


class Correction(Item):
    """The tags that somebody says an article should have: at least one of `topics` and `regions`, empty for none."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=_needs_words_and_labels)

    date: StrictStr | None = ""
    topics: list[Label] | None = Field(None, examples=[["weather"]])
    regions: list[Label] | None = Field(None, examples=[["IT"]])
    model: StrictStr | None = Field("", description="The SHA-256 of the model whose tags are corrected.")
    by: StrictStr | None = Field("", description="Who says so.")


class Failed(BaseModel):
    """An article of a list that could not be tagged, in its place."""

    id: str
    error: str


class Served(BaseModel):
    """A model, and the language that it is for."""

    language: str
    name: str
    sha256: str


class Health(BaseModel):
    """That the service answers, and with which models; texts in other languages than theirs go to `model`."""

    status: str
    model: ModelName
    models: list[Served]


class Kept(BaseModel):
    """How many corrections were new; one that was sent before is kept once."""

    kept: int


class Problem(BaseModel):
    """What is wrong with a request, in one sentence."""

    error: str


ITEM, ITEMS = TypeAdapter(Item), TypeAdapter(Annotated[list[Item], Field(max_length=MOST_ARTICLES)])
WHY, CORRECTION = TypeAdapter(Why), TypeAdapter(Correction)

_UNIONS = ("str", "int", "float", "constrained-int", "constrained-float")  # what pydantic calls parts of a union
_ESCAPE = re.compile(rb"\\(?:u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}|u[dD][89a-fA-F][\da-fA-F]{2}|.)")


def read(kind: TypeAdapter[Any], body: bytes) -> Any:
    """A body as what it should be. Raises BadRequestError, in one sentence."""
    try:
        return kind.validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
    if first["type"] == "json_invalid" and b"\\u" in body:
        # A half of a character, as programs write that cut a text where they like: it counts as a blank.
        whole = _ESCAPE.sub(lambda match: match[0] if len(match[0]) != 6 else b"\\ufffd", body)
        if whole != body:
            return read(kind, whole)
    if first["type"] == "json_invalid":
        if not body.strip():
            raise BadRequestError(422, "body: Field required")
        raise BadRequestError(400, f"the body is no JSON: {first.get('ctx', {}).get('error', first['msg'])}")
    where = ".".join(str(part) for part in first["loc"] if part not in _UNIONS)
    raise BadRequestError(422, f"{where or 'body'}: {first['msg']}")
