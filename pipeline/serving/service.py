"""The HTTP service: tags and reasons as JSON, and a page to paste an article into."""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException as AnyHTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import Route

from pipeline.reporting.label_page import label_page
from pipeline.reporting.pages import policy
from pipeline.reporting.prediction_page import Form, docs_page, page
from pipeline.serving.access import Access
from pipeline.serving.answers import HTML, JSON, Job, Reply, answer, html, predicted, problem, subtitle
from pipeline.serving.description import describe
from pipeline.serving.desk import desk_of
from pipeline.serving.helpers import Helpers, TooLongError
from pipeline.serving.labelling import LONGEST_NAME
from pipeline.serving.limits import BodyLimit
from pipeline.serving.metrics import MEDIA, Measured, Metrics
from pipeline.serving.models import LiveModels, Models
from pipeline.serving.names import one_language
from pipeline.serving.seen_log import log_to
from pipeline.serving.settings import Settings
from pipeline.serving.together import Together

_QUICK = 16_000  # bytes that are answered in a few milliseconds; what is larger goes to a process beside this one
_THREADS, _LONGEST = 4, 200
_AT_ONCE = frozenset({"analysis", "concepts", "vocabulary"})
_LABELLING = {
    "/label/next": ("next article", "Get the next article to label"),
    "/label/keep": ("keep labels", "Keep the labels of an article"),
    "/label/skip": ("skip article", "Pass over an article"),
}
_WRITES = frozenset({"feedback", *(work for work, _ in _LABELLING.values())})
_POSTS = {
    "/predict": ("predict", "Tag one article or many"),
    "/explain": ("explain", "Tag an article and say why"),
    "/feedback": ("feedback", "Keep the tags that an article should have"),
    "/article/analysis": ("analysis", "Tag an article in the shape of iMatrics, for Superdesk"),
    "/concept/get": ("concepts", "Search for labels in the shape of iMatrics, for Superdesk"),
}


def create_app() -> FastAPI:
    """The service as the environment says (see `pipeline.serving.settings`)."""
    settings = Settings.read()
    return app_for(LiveModels(settings.model, Path.cwd()), settings.max_bytes, settings)


def app_for(live: LiveModels, max_bytes: int, settings: Settings | None = None) -> FastAPI:
    """The service for one model or several."""
    service = Service(live, settings or Settings())

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        live.follow()
        with suppress(AttributeError, NotImplementedError, RuntimeError, ValueError):  # Windows; not the main thread
            service.on_hangup()
        yield
        service.close()

    app = FastAPI(
        title="Dateline",
        description="Tags news with topics and countries.",
        version="1",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        redirect_slashes=False,  # a redirection would go where the request's Host says
    )
    app.add_middleware(BodyLimit, max_bytes=max_bytes)
    if service.settings.api_keys or service.settings.rate:
        app.add_middleware(Access, keys=service.settings.api_keys, rate=service.settings.rate)
    if service.settings.cors:
        headers = ["authorization", "content-type", "x-api-key"]
        app.add_middleware(CORSMiddleware, allow_origins=service.settings.cors, allow_headers=headers)
    app.add_exception_handler(AnyHTTPException, _on_http)
    app.add_exception_handler(TooLongError, _on_too_long)
    _add_api(app, service)
    _add_pages(app, service)
    describe(app, live)
    paths = frozenset(path for route in app.routes if (path := getattr(route, "path", "")))
    app.add_middleware(Measured, metrics=service.metrics, paths=paths)
    return app


class Service:
    """One process's part of the service: its models, and the processes beside it."""

    def __init__(self, live: LiveModels, settings: Settings) -> None:
        self.live = live
        self.settings = settings
        self.metrics = Metrics()
        self._helpers = Helpers(settings.timeout)
        self._threads = CapacityLimiter(_THREADS)
        self._together = Together(
            lambda jobs: predicted(jobs, live.models), lambda job, body: answer(job, live.models, body)
        )

    async def ask(self, work: str, request: Request) -> Response:
        """What a piece of work makes of a request's body: small ones at once, large ones in a process beside."""
        if work in _WRITES and "json" not in request.headers.get("content-type", ""):
            raise HTTPException(415, "send it as content-type: application/json")  # what a foreign page can't
        body = await request.body()
        files = {name: str(getattr(self.settings, name) or "") for name in ("feedback", "log", "queue")}
        job = Job(work, self.live.places, by=who_asks(request), **files, **_names(request))
        if len(body) > _QUICK:
            found = await self._helpers.ask(job, body)
        elif work == "predict":
            found = await self._together.ask(job, body)
        elif work in _AT_ONCE:
            found = answer(job, self.live.models, body)
        else:
            found = await run_sync(answer, job, self.live.models, body, limiter=self._threads)
        self.metrics.tagged(found.counts)
        return _response(found)

    def on_hangup(self) -> None:
        """Look for a new model when the process gets a SIGHUP, which would end it otherwise."""
        import asyncio

        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, self.live.look)

    def close(self) -> None:
        """Stop what runs beside."""
        self.live.close()
        self._helpers.close()
        if self.settings.log:
            log_to(str(self.settings.log)).close()


def asked_names(request: Request) -> str:
    """The language in which names are asked for, `?names=de`; empty without."""
    return one_language(request.query_params.get("names", ""))


def _names(request: Request) -> dict[str, str]:
    return {"names": asked_names(request), "accepts": request.headers.get("accept-language", "")[:_LONGEST]}


def who_asks(request: Request) -> str:
    """Whose API key it is; empty without keys."""
    return str(request.scope.get("state", {}).get("by", ""))


def _add_api(app: FastAPI, service: Service) -> None:
    live = service.live

    def asks(work: str) -> Callable[[Request], Awaitable[Response]]:
        async def ask(request: Request) -> Response:
            return await service.ask(work, request)

        return ask

    for start in ("", "/v1"):
        for path, (work, summary) in (_POSTS | (_LABELLING if service.settings.queue else {})).items():
            app.add_api_route(start + path, asks(work), methods=["POST"], summary=summary)  # which describes it
            app.router.routes.insert(0, Route(start + path, asks(work), methods=["POST"]))  # which is faster
        app.add_api_route(f"{start}/vocabulary", asks("vocabulary"), methods=["GET"], summary="The labels there are")

        @app.get(f"{start}/health", summary="Whether the service answers")
        async def health() -> JSONResponse:
            models = live.models
            first = {"name": models.first.name, "sha256": models.first.sha256}
            return JSONResponse({"status": "ok", "model": first, "models": _listed(models)})

        @app.get(f"{start}/model", summary="What the predictor says of itself: labels, thresholds, scores")
        async def model() -> JSONResponse:
            return JSONResponse(live.predictor.description)


def _add_pages(app: FastAPI, service: Service) -> None:
    @app.get("/", include_in_schema=False)
    async def start(request: Request) -> Response:
        predictor = service.live.predictor
        form = Form(model=predictor.sha256, labels=bool(service.settings.queue), names=asked_names(request))
        return _response(html(page(None, subtitle(predictor), form)))

    @app.post("/", include_in_schema=False)
    async def tagged(request: Request) -> Response:
        return await service.ask("page", request)

    if service.settings.queue:
        desk_of(str(service.settings.queue))  # a queue that can't be read is told now

        @app.get("/label", include_in_schema=False)
        async def label(request: Request) -> Response:
            return _response(html(label_page(subtitle(service.live.predictor), who_asks(request), LONGEST_NAME)))

    @app.get("/metrics", include_in_schema=False)
    async def metrics() -> Response:
        return Response(await run_sync(service.metrics.shown), media_type=MEDIA)

    @app.get("/docs", include_in_schema=False)
    async def docs() -> Response:
        return _response(html(docs_page(app.openapi())))


def _listed(models: Models) -> list[dict[str, str]]:
    """Each language's model."""
    return [
        {"language": language, "name": predictor.name, "sha256": predictor.sha256}
        for language, predictor in models.by_language.items()
    ]


def _response(found: Reply) -> Response:
    headers = {}
    if found.media == HTML:
        headers["Content-Security-Policy"] = f"{policy()}; frame-ancestors 'self'"
        headers |= {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}
    return Response(found.content, found.status, headers, found.media)


async def _on_http(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException | AnyHTTPException)
    return JSONResponse({"error": str(error.detail)}, error.status_code, dict(error.headers or {}))


async def _on_too_long(_: Request, error: Exception) -> Response:
    return Response(problem(503, str(error)).content, 503, {"Retry-After": "10"}, JSON)
