"""How long requests take and how they end, by method, route and status."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

if TYPE_CHECKING:
    from sut.metrics.registry import Metrics

UNMATCHED = "unmatched"
NO_ANSWER = "none"
_METHODS = frozenset(("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"))
_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


def route_of(scope: Scope, status: int | None) -> str:
    """Return the template of the route that a request came to, never what the sender wrote.

    Whatever no route answered is one word, so that nobody can make series by asking for odd addresses.
    """
    route = scope.get("route")
    if route is not None:
        return f"{scope.get('root_path', '')}{route.path}"
    if scope.get("root_path") and status is not None and status < 400:
        return f"{scope['root_path']}/*"
    return UNMATCHED


class Requests:
    """The histogram of a service's requests."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._seconds = Histogram(
            "assay_http_request_seconds",
            "From a request's last byte to its answer's first, by route template and status.",
            ["method", "route", "status"],
            buckets=_BUCKETS_S,
            registry=registry,
        )
        self._known: dict[tuple[str, str, str], Histogram] = {}

    def note(self, scope: Scope, status: int | None, took_s: float, *, failed: bool) -> None:
        """Count a request; one that broke with an error is answered with 500 further out."""
        method = scope["method"] if scope["method"] in _METHODS else "other"
        ended = str(status) if status else "500" if failed else NO_ANSWER
        key = (method, route_of(scope, status), ended)
        known = self._known.get(key)
        if known is None:  # the library's own look-up costs as much as the rest
            known = self._known[key] = self._seconds.labels(*key)
        known.observe(took_s)


class Timed:
    """Stands in front of everything and times each request."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._requests = Requests(metrics.registry)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        watched = Watched(receive, send)
        failed = False
        try:
            await self._app(scope, watched.receive, watched.send)
        except Exception:
            failed = True
            raise
        finally:
            self._requests.note(scope, watched.status, watched.took_s, failed=failed)


class Watched:
    """One request and its answer; a slow sender and a slow reader are not our time."""

    __slots__ = ("_answered", "_began", "_receive", "_send", "status")

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive, self._send = receive, send
        self._began = time.perf_counter()
        self._answered = 0.0
        self.status: int | None = None

    @property
    def took_s(self) -> float:
        """Seconds from the request's last byte to the answer's first, or until now without one."""
        return max(0.0, (self._answered or time.perf_counter()) - self._began)

    async def receive(self) -> Message:
        """Pass on a part of the request."""
        message = await self._receive()
        if self.status is None and message["type"] == "http.request" and not message.get("more_body"):
            self._began = time.perf_counter()
        return message

    async def send(self, message: Message) -> None:
        """Pass on a part of the answer."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self._answered = time.perf_counter()
        await self._send(message)
