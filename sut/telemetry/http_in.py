"""A span for each request that comes in, named by its route."""

from __future__ import annotations

from collections.abc import Awaitable
from functools import lru_cache

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sut.telemetry import spans
from sut.telemetry.spans import Named, Span
from sut.telemetry.wire import Kind, Value

_UNSEEN = ("/health/", "/metrics", "/page-times")
_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
_STREAM = b"text/event-stream"


class TracedHttp:
    """Stands in front of an application."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["path"].startswith(_UNSEEN):
            await self._app(scope, receive, send)
            return
        with spans.after(_traceparent(scope), _ARRIVED) as span:
            span.set("url.path", scope["path"])
            answer = _Answer(span, scope, send)
            try:
                await self._app(scope, receive, answer.send)
            finally:
                _name(span, scope, answer.status)


class _Answer:
    """An answer on its way, watched; its parts are passed on as they come."""

    __slots__ = ("_scope", "_send", "_span", "status")

    def __init__(self, span: Span, scope: Scope, send: Send) -> None:
        self._span, self._scope, self._send = span, scope, send
        self.status = 0

    def send(self, message: Message) -> Awaitable[None]:
        """Pass on a part."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            if self._scope["method"] == "GET" and _is_stream(message):
                _name(self._span, self._scope, self.status)
                self._span.end()  # it may go on for hours, and is no part of any order's way
        return self._send(message)


def _name(span: Span, scope: Scope, status: int) -> None:
    route = scope.get("route")
    template = scope.get("root_path", "") + route.path if route is not None else ""
    method = scope["method"] if scope["method"] in _METHODS else "_OTHER"
    span.named = _of(method, template, status, scope["scheme"])
    if status >= 500:
        span.fail()


@lru_cache(2048)
def _of(method: str, template: str, status: int, scheme: str) -> Named:
    attributes: dict[str, Value] = {"http.request.method": method, "url.scheme": scheme}
    if template:
        attributes["http.route"] = template
    if status:
        attributes["http.response.status_code"] = status
    return Named(f"{method} {template}".rstrip(), Kind.SERVER, attributes)


def _traceparent(scope: Scope) -> str | None:
    for name, value in scope["headers"]:
        if name == b"traceparent":
            written: str = value.decode("latin-1")
            return written
    return None


def _is_stream(message: Message) -> bool:
    return any(
        name.lower() == b"content-type" and value.startswith(_STREAM)
        for name, value in message.get("headers", ())
    )


_ARRIVED = Named("HTTP", Kind.SERVER)
