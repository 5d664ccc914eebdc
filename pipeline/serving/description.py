"""The OpenAPI description of the service, with examples; what it admits is what is taken."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import TypeAdapter

from pipeline.prediction.explaining.explanation import ExplainedAnswer
from pipeline.prediction.predictor import Predictor
from pipeline.prediction.tags import Answer
from pipeline.serving import schemas
from pipeline.serving.labelling import AskNext, Keep, NextArticle, Skip, ToldProgress
from pipeline.serving.models import LiveModels
from pipeline.serving.schemas import MOST_ARTICLES
from pipeline.serving.superdesk import Analysis, Search

_REF = "#/components/schemas/"
_ONE = {"title": "Storm floods port", "text": "Heavy rain flooded the port of Genoa on Monday."}
_PROBLEMS = {
    "400": "The body is no JSON.",
    "413": "The body is too large.",
    "422": "The body is not what it should be, has nothing to tag, or names an unknown label.",
    "503": "The request took longer than it may, too much is under way, or the disk is full.",
}
_NO_ARTICLE = {"404": "There is no such article to label."}
_SHAPES: tuple[type[Any], ...] = (
    schemas.Item, schemas.Article, schemas.Why, schemas.Correction, schemas.Failed, schemas.Health, schemas.Kept,
    schemas.Problem, Answer, ExplainedAnswer, Analysis, Search, AskNext, Keep, NextArticle, Skip,
    ToldProgress,
)  # fmt: skip


def describe(app: FastAPI, live: LiveModels) -> None:
    """Let the app publish its description, with the labels that its models know."""
    kept: dict[tuple[str, ...], dict[str, Any]] = {}

    def openapi() -> dict[str, Any]:
        models = list(live.models.by_language.values())
        now = tuple(predictor.sha256 for predictor in models)
        if now not in kept:
            kept.clear()
            kept[now] = _described(app, models)
        return kept[now]

    app.openapi = openapi  # type: ignore[method-assign]


def _described(app: FastAPI, models: Sequence[Predictor]) -> dict[str, Any]:
    found = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    kinds: list[Any] = [(shape.__name__, "validation", TypeAdapter(shape)) for shape in _SHAPES]
    _, shapes = TypeAdapter.json_schemas(kinds, ref_template=f"{_REF}{{model}}")
    components = found.setdefault("components", {}).setdefault("schemas", {})
    components.update(shapes["$defs"])
    components["Why"]["properties"]["labels"]["items"] = {
        "type": "string",
        "enum": _labels(models, "topics", "regions"),
    }
    for task, shape in product(("topics", "regions"), ("Correction", "Keep")):
        known = _labels(models, task)
        components[shape]["properties"][task]["anyOf"][0]["items"] = (
            {"type": "string", "enum": known} if known else {"type": "string", "not": {}}
        )
    for path, methods in found["paths"].items():
        for method, about in methods.items():
            _fill(path.removeprefix("/v1"), method, about)
    return found


def _fill(path: str, method: str, about: dict[str, Any]) -> None:
    takes, gives, examples = _ROUTES.get(path, (None, None, {}))
    if gives:
        about["responses"] = {"200": {"description": "Done.", "content": {"application/json": {"schema": gives}}}}
    if takes and method == "post":
        content = {"schema": takes, "examples": {name: {"value": value} for name, value in examples.items()}}
        about["requestBody"] = {"required": True, "content": {"application/json": content}}
        problem = {"application/json": {"schema": _ref("Problem")}}
        meanings = _PROBLEMS | (_NO_ARTICLE if path.startswith("/label/") else {})
        about["responses"] |= {
            status: {"description": meaning, "content": problem} for status, meaning in meanings.items()
        }


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": _REF + name}


def _any(*shapes: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": list(shapes)}


def _list(shape: dict[str, Any], most: int) -> dict[str, Any]:
    return {"type": "array", "items": shape, "maxItems": most}


def _labels(models: Sequence[Predictor], *tasks: str) -> list[str]:
    """The labels that any of the models knows, and their names."""
    found: set[str] = set()
    for predictor in models:
        for task in tasks:
            known = predictor.taggers[task].labels if task in predictor.taggers else ()
            found |= {*known, *(predictor.label_name(task, label) for label in known)}
    return sorted(found)


_ROUTES: dict[str, tuple[dict[str, Any] | None, dict[str, Any] | None, dict[str, Any]]] = {
    "/predict": (
        _any(_ref("Article"), _list(_ref("Item"), MOST_ARTICLES)),
        _any(_ref("Answer"), _list(_any(_ref("Answer"), _ref("Failed")), MOST_ARTICLES)),
        {"one": _ONE, "many": [{"id": 7, **_ONE}, {"text": ""}]},
    ),
    "/explain": (_ref("Why"), _ref("ExplainedAnswer"), {"why": {**_ONE, "labels": []}}),
    "/feedback": (
        _ref("Correction"),
        _ref("Kept"),
        {"corrected": {**_ONE, "topics": [], "regions": [], "by": "anna"}},
    ),
    "/article/analysis": (
        _ref("Analysis"),
        {"type": "object"},
        {"article": {"headline": _ONE["title"], "body": [_ONE["text"]]}},
    ),
    "/concept/get": (_ref("Search"), {"type": "object"}, {"search": {"title": "weather", "size": 10}}),
    "/label/next": (_ref("AskNext"), _ref("NextArticle"), {"next": {"by": "anna"}}),
    "/label/keep": (
        _ref("Keep"),
        _ref("ToldProgress"),
        {"labelled": {"article": "KEY", "by": "anna", "topics": [], "regions": []}},
    ),
    "/label/skip": (_ref("Skip"), _ref("ToldProgress"), {"skipped": {"article": "KEY", "by": "anna"}}),
    "/vocabulary": (None, {"type": "object"}, {}),
    "/health": (None, _ref("Health"), {}),
    "/model": (None, {"type": "object"}, {}),
}
