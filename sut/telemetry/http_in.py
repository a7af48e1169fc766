"""A span for each request that comes in, named by its route."""

from __future__ import annotations

from functools import lru_cache

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sut.telemetry import spans
from sut.telemetry.spans import Named, Span
from sut.telemetry.wire import Kind, Value

_UNSEEN = ("/health/", "/metrics")
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
        status = 0

        async def noting_send(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                if _is_stream(message):  # it may go on for hours, and is no part of any order's way
                    _name(span, scope, status)
                    span.end()
            await send(message)

        with spans.after(_traceparent(scope), _of("_", "", 0, "")) as span:
            span.set("url.path", scope["path"])
            try:
                await self._app(scope, receive, noting_send)
            finally:
                _name(span, scope, status)


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
    found = [value for name, value in scope["headers"] if name == b"traceparent"]
    return found[0].decode("latin-1") if len(found) == 1 else None


def _is_stream(message: Message) -> bool:
    return any(
        name.lower() == b"content-type" and value.startswith(_STREAM)
        for name, value in message.get("headers", ())
    )
