"""Counts and durations of requests for Prometheus, by route: never by path, for links are secrets."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from time import perf_counter
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_METHODS = frozenset({"GET", "HEAD", "POST"})


class RequestMetrics:
    """The process's numbers; `answer` is the `/metrics` endpoint."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        labels = ("method", "route")
        self.requests = Counter(
            "inviteonce_http_requests", "Requests answered.", (*labels, "status"), registry=self._registry
        )
        self.durations = Histogram(
            "inviteonce_http_request_duration_seconds",
            "Time to the end of the answer.",
            labels,
            buckets=_BUCKETS_S,
            registry=self._registry,
        )
        self._of = lru_cache(self._found)  # to find them by their labels takes longer than to count

    def _found(self, method: str, route: str, status: int) -> tuple[Counter, Histogram]:
        return self.requests.labels(method, route, str(status)), self.durations.labels(method, route)

    def note(self, method: str, route: str, status: int, seconds: float) -> None:
        answered, lasted = self._of(method, route, status)
        answered.inc()
        lasted.observe(seconds)

    def answer(self, _request: Request) -> Response:
        return Response(generate_latest(self._registry), headers={"Content-Type": CONTENT_TYPE_LATEST})


class Measured:
    """Measures each request. `routes` maps an endpoint to its template; everything else is `other`."""

    def __init__(self, app: ASGIApp, *, metrics: RequestMetrics, routes: Mapping[Any, str]) -> None:
        self._app = app
        self._metrics = metrics
        self._routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 500
        began = perf_counter()

        async def noted_send(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noted_send)
        finally:
            method = scope["method"] if scope["method"] in _METHODS else "other"
            route = self._routes.get(scope.get("endpoint"), "other")
            self._metrics.note(method, route, status, perf_counter() - began)
