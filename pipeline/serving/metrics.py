"""Counts and waiting times in Prometheus's format, of one process or of all workers together."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MULTIPLE = "PROMETHEUS_MULTIPROC_DIR"
MEDIA = CONTENT_TYPE_LATEST
_SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """What one worker counts: requests, waiting times, articles, warnings, and tags by label and decision."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        given: Any = {"registry": self._registry}
        self._requests = Counter("dateline_requests", "Requests answered.", ("path", "status"), **given)
        self._seconds = Histogram(
            "dateline_request_seconds", "What a request waited.", ("path",), buckets=_SECONDS, **given
        )
        self._articles = Counter("dateline_articles", "Articles tagged.", ("model",), **given)
        self._warned = Counter("dateline_warnings", "Articles with a warning.", ("model",), **given)
        self._tags = Counter("dateline_tags", "Tags given.", ("task", "label", "decision"), **given)
        self._tags_of: dict[str, Any] = {}

    def answered(self, path: str, status: int, seconds: float) -> None:
        """Count a request."""
        self._requests.labels(path, str(status)).inc()
        self._seconds.labels(path).observe(seconds)

    def tagged(self, given: Mapping[str, Mapping[str, int]]) -> None:
        """Count what was given (see `answers.counted`)."""
        for sha256, counts in given.items():
            self._count(sha256[:12], counts)

    def _count(self, model: str, counts: Mapping[str, int]) -> None:
        for name, count in counts.items():
            if name == "articles":
                self._articles.labels(model).inc(count)
            elif name == "warned":
                self._warned.labels(model).inc(count)
            else:
                self._tag(name).inc(count)

    def _tag(self, name: str) -> Any:
        """The counter of a task, decision and label, looked up once."""
        found = self._tags_of.get(name)
        if found is None:
            task, decision, label = name.split(" ", 2)
            found = self._tags_of[name] = self._tags.labels(task, label, decision)
        return found

    def shown(self) -> bytes:
        """All counts; with several workers, of all of them."""
        if MULTIPLE not in os.environ:
            return generate_latest(self._registry)
        from prometheus_client.multiprocess import MultiProcessCollector

        everyone = CollectorRegistry()
        MultiProcessCollector(everyone)
        return generate_latest(everyone)


class Measured:
    """Counts every request that passes, under the path of its route."""

    def __init__(self, app: ASGIApp, metrics: Metrics, paths: frozenset[str]) -> None:
        self._app, self._metrics, self._paths = app, metrics, paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, status = time.perf_counter(), 500

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            path = scope["path"] if scope["path"] in self._paths else "other"
            self._metrics.answered(path, status, time.perf_counter() - begun)
