"""Requests in the trace: named by their route, joined over services, and silent where they would be noise."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import httpx
import pytest
from fastapi import FastAPI, Response
from fastapi.responses import StreamingResponse

from sut.telemetry import spans
from sut.telemetry.conftest import Recorded, attributes
from sut.telemetry.http_in import TracedHttp
from sut.telemetry.http_out import Call

REMOTE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
FAR = "http://far.example:8080"


def application() -> FastAPI:
    """A service with a few doors."""
    app, mounted = FastAPI(), FastAPI()

    @app.get("/orders/{number}")
    async def order(number: str) -> Response:
        return Response(spans.trace_id(), 200 if number != "broken" else 503)

    @app.get("/health/live")
    async def live() -> Response:
        return Response(spans.trace_id() or "untraced")

    @app.get("/live")
    async def stream() -> Response:
        async def words() -> object:
            with spans.below(spans.Named("refresh")):
                yield "data: 1\n\n"

        return StreamingResponse(words(), media_type="text/event-stream")  # type: ignore[arg-type]

    @app.get("/bug")
    async def bug() -> Response:
        raise RuntimeError("a bug")

    @mounted.get("/flow/{number}")
    async def flow(number: str) -> str:
        return number

    app.mount("/v1", mounted)
    return app


@pytest.fixture
def ask(recorded: Recorded) -> Callable[..., httpx.Response]:
    """Ask the service."""

    def asked(path: str, **words: dict[str, str]) -> httpx.Response:
        async def run() -> httpx.Response:
            transport = httpx.ASGITransport(TracedHttp(application()), raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
                return await client.get(path, **words)  # type: ignore[arg-type]  # headers

        return asyncio.run(run())

    return asked


def test_request_is_named_by_its_route(ask: Callable[..., httpx.Response], recorded: Recorded) -> None:
    """However many orders there are, their pages are one name; the path is told beside it."""
    answer = ask("/orders/7F3K-0192", headers={"traceparent": REMOTE})

    (span,) = recorded.spans
    assert span.name == "GET /orders/{number}"
    assert span.kind == span.SPAN_KIND_SERVER
    assert span.parent_span_id.hex() == "b7ad6b7169203331"
    assert answer.text == span.trace_id.hex() == "0af7651916cd43dd8448eb211c80319c"
    assert attributes(span) == {
        "http.request.method": "GET",
        "http.route": "/orders/{number}",
        "http.response.status_code": 200,
        "url.scheme": "http",
        "url.path": "/orders/7F3K-0192",
    }


@pytest.mark.parametrize(
    ("path", "name", "failed"),
    [
        ("/v1/flow/1", "GET /v1/flow/{number}", False),
        ("/nowhere", "GET", False),
        ("/orders/broken", "GET /orders/{number}", True),
        ("/bug", "GET /bug", True),
    ],
)
def test_only_our_own_faults_are_failures(
    ask: Callable[..., httpx.Response], recorded: Recorded, path: str, name: str, failed: bool
) -> None:
    """A wrong address is no failure of the service, 5xx is; mounted applications have whole names."""
    ask(path)

    (span,) = recorded.spans
    assert span.name == name
    assert (span.status.code == span.status.STATUS_CODE_ERROR) is failed


def test_looks_at_health_leave_no_trace(ask: Callable[..., httpx.Response], recorded: Recorded) -> None:
    """What asks every second whether a service lives does not fill the collector."""
    assert ask("/health/live").text == "untraced"
    assert recorded.taken == []


def test_stream_is_over_for_the_trace_when_it_begins(
    ask: Callable[..., httpx.Response], recorded: Recorded
) -> None:
    """A page that is open for hours is no span of hours, and its refreshes are no part of one."""
    ask("/live")

    assert [span.name for span in recorded.spans] == ["GET /live"]


def test_call_carries_the_trace_on(recorded: Recorded) -> None:
    """A call to another service is a part of what asked for it, and hands on its own place."""
    with spans.after(REMOTE, spans.Named("click")), Call("POST", FAR, "/v1/orders") as call:
        sent = call.headers["traceparent"]
        call.answered(201)

    span = recorded.named("POST")
    assert sent == f"00-{span.trace_id.hex()}-{span.span_id.hex()}-01"
    assert span.parent_span_id == recorded.named("click").span_id
    assert attributes(span) == {
        "http.request.method": "POST",
        "http.response.status_code": 201,
        "server.address": "far.example",
        "server.port": 8080,
        "url.path": "/v1/orders",
    }


def test_call_that_nobody_asked_for_is_not_recorded_on_either_side(recorded: Recorded) -> None:
    """Services that look at each other all day leave no traces."""
    with Call("GET", FAR, "/audit/orders") as call:
        call.answered(200)

    assert call.headers["traceparent"].endswith("-00")
    assert recorded.taken == []


def test_call_without_tracing_has_no_header() -> None:
    """Without a collector calls are as they were."""
    assert Call("GET", FAR, "/").headers == {}
