"""The HTTP service: tags and reasons as JSON, and a page to paste an article into."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import parse_qs

from fastapi import Body, FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException as AnyHTTPException

from pipeline.common.errors import DataError
from pipeline.features.texts import Text, as_text
from pipeline.prediction.explaining.explanation import ExplainedAnswer
from pipeline.prediction.predictor import Predictor
from pipeline.prediction.tags import Answer, ModelName, as_json
from pipeline.reporting.prediction_page import Form, docs_page, page, policy
from pipeline.serving.limits import BodyLimit
from pipeline.serving.live import LiveModel

MODEL, MAX_BYTES = "DATELINE_MODEL", "DATELINE_MAX_BYTES"
_MOST_ARTICLES = 1000
_MOST_LABELS = 50
_NEAR = 3
_QUICK = 20_000  # characters that are tagged faster than a thread is handed the work


class Article(BaseModel):
    """What is tagged: a text, a title, or both."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field("", examples=["Heavy rain flooded the port of Genoa on Monday."])
    title: str = Field("", examples=["Storm floods port"])
    id: str | None = Field(None, description="Comes back with the tags.")


class Why(Article):
    """An article, and the labels that are explained even if they are not given."""

    labels: list[str] = Field(default_factory=list, max_length=_MOST_LABELS, examples=[["weather", "IT"]])


class Health(BaseModel):
    """That the service answers, and with which model."""

    status: str
    model: ModelName


class Problem(BaseModel):
    """What is wrong with a request, in one sentence."""

    error: str


_PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem, "description": meaning}
    for status, meaning in (
        (400, "The body is no JSON."),
        (413, "The body is too large."),
        (422, "The body is no article, has nothing to tag, or names an unknown label."),
    )
}


def create_app() -> FastAPI:
    """The service for the model and the limit that the environment names (see `pipeline.commands.serve`)."""
    return app_for(LiveModel(os.environ[MODEL], Path.cwd()), int(os.environ.get(MAX_BYTES, "10000000")))


def app_for(live: LiveModel, max_bytes: int) -> FastAPI:
    """The service for a model."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        live.follow()
        yield
        live.close()

    app = FastAPI(
        title="Dateline",
        description="Tags news with topics and countries.",
        version="1",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.add_middleware(BodyLimit, max_bytes=max_bytes)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(AnyHTTPException, _on_http)
    app.add_exception_handler(DataError, _on_data)
    _add_api(app, live)
    _add_pages(app, live)
    return app


def _add_api(app: FastAPI, live: LiveModel) -> None:
    @app.post("/predict", response_model=Answer | list[Answer], responses=_PROBLEMS, summary="Tag one article or many")
    async def predict(
        body: Annotated[Article | Annotated[list[Article], Field(max_length=_MOST_ARTICLES)], Body()],
    ) -> JSONResponse:
        articles = body if isinstance(body, list) else [body]
        found = await _answer(_tag, live.predictor, articles, size=sum(len(item.text) for item in articles))
        return JSONResponse(found if isinstance(body, list) else found[0])

    @app.post("/explain", response_model=ExplainedAnswer, responses=_PROBLEMS, summary="Tag an article and say why")
    async def explain(body: Why) -> JSONResponse:
        return JSONResponse(await _answer(_reasons, live.predictor, body, size=len(body.text)))

    @app.get("/health", summary="Whether the service answers")
    async def health() -> Health:
        return Health(status="ok", model=_name(live.predictor))

    @app.get("/model", summary="What the predictor says of itself: labels, thresholds, scores")
    async def model() -> dict[str, Any]:
        return live.predictor.description


def _add_pages(app: FastAPI, live: LiveModel) -> None:
    @app.get("/", response_class=HTMLResponse, include_in_schema=False)
    async def start() -> HTMLResponse:
        return _html(page(None, _subtitle(live.predictor), Form()))

    @app.post("/", response_class=HTMLResponse, include_in_schema=False)
    async def tagged(request: Request) -> HTMLResponse:
        body = await request.body()
        return await run_in_threadpool(_tagged_page, live.predictor, body)

    @app.get("/docs", response_class=HTMLResponse, include_in_schema=False)
    async def docs() -> HTMLResponse:
        return _html(docs_page(app.openapi()))


async def _answer(work: Any, *arguments: Any, size: int) -> Any:
    return work(*arguments) if size < _QUICK else await run_in_threadpool(work, *arguments)


def _tag(predictor: Predictor, articles: list[Article]) -> list[dict[str, Any]]:
    items = [_item(article, number if len(articles) > 1 else 0) for number, article in enumerate(articles, 1)]
    found = predictor.predict(items)
    names = [article.id or str(number) for number, article in enumerate(articles, 1)]
    return [as_json(name, prediction, predictor) for name, prediction in zip(names, found, strict=True)]


def _reasons(predictor: Predictor, body: Why) -> dict[str, Any]:
    found = predictor.explain(_item(body, 0), body.labels)
    return as_json(body.id or "1", found.prediction, predictor) | {"explanation": found.as_dict()}


def _item(article: Article, number: int) -> Text:
    try:
        return as_text(article.text if not article.title else Text(article.text, article.title))
    except DataError as error:
        raise DataError(f"article {number}: {error}" if number else str(error)) from None


def _tagged_page(predictor: Predictor, body: bytes) -> HTMLResponse:
    fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=10)
    form = Form(*(fields.get(name, [""])[0] for name in ("title", "text")))
    try:
        item = as_text(form.text if not form.title.strip() else Text(form.text, form.title))
    except DataError as error:
        return _html(page(None, _subtitle(predictor), form, str(error)), 422)
    return _html(page(predictor.explain(item, near=_NEAR), _subtitle(predictor), form))


def _html(content: str, status: int = 200) -> HTMLResponse:
    headers = {"Content-Security-Policy": f"{policy()}; frame-ancestors 'self'", "X-Content-Type-Options": "nosniff"}
    return HTMLResponse(content.encode("utf-8", "replace"), status, headers | {"Referrer-Policy": "no-referrer"})


def _name(predictor: Predictor) -> ModelName:
    return ModelName(predictor.name, predictor.sha256)


def _subtitle(predictor: Predictor) -> str:
    return f"model {predictor.name} {predictor.sha256[:12]}"


async def _on_invalid(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    many = isinstance(error.body, list)  # the body may be one article or many: tell what is wrong with what it is
    first = min(error.errors(), key=lambda found: any("list[" in str(part) for part in found["loc"]) != many)
    if first["type"] == "json_invalid":
        return _problem(400, f"the body is no JSON: {first.get('ctx', {}).get('error', first['msg'])}")
    where = ".".join(str(part) for part in first["loc"][1:] if "Article" not in str(part))
    return _problem(422, f"{where or 'body'}: {first['msg']}")


async def _on_http(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException | AnyHTTPException)
    return JSONResponse({"error": str(error.detail)}, error.status_code, dict(error.headers or {}))


async def _on_data(_: Request, error: Exception) -> JSONResponse:
    return _problem(422, str(error))


def _problem(status: int, message: str) -> JSONResponse:
    return JSONResponse({"error": message.encode("utf-8", "replace").decode()}, status)
