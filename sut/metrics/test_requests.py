"""Requests are counted by what they came to, never by what a stranger wrote."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from string import ascii_letters

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse
from prometheus_client import CollectorRegistry

from sut.database import Database
from sut.metrics.registry import Metrics
from sut.metrics.requests import Timed

Ask = Callable[..., httpx.Response]
METRIC = "assay_http_request_seconds"


@pytest.fixture
def metrics() -> Metrics:
    """Metrics that need no database."""
    return Metrics(Database("postgresql://nobody@127.0.0.1:1/none", name="test"))


@pytest.fixture
def ask(metrics: Metrics) -> Ask:
    """Send one request to an application that is timed."""
    inner = FastAPI(openapi_url=None)
    inner.add_api_route("/work-orders/{number}", _answer)
    app = FastAPI(openapi_url=None)
    app.add_api_route("/orders/{number}", _answer, methods=["GET", "POST"])
    app.add_api_route("/breaks", _break)
    app.add_api_route("/stream", _stream)
    app.mount("/v1", inner)
    app.add_middleware(Timed, metrics=metrics)

    def send(method: str, path: str, content: object = None) -> httpx.Response:
        async def sent() -> httpx.Response:
            transport = httpx.ASGITransport(app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://it") as client:
                return await client.request(method, path, content=content)  # type: ignore[arg-type]

        return asyncio.run(sent())

    return send


async def _answer(request: Request) -> str:
    await request.body()
    return "here"


async def _break() -> None:
    raise RuntimeError


async def _stream() -> StreamingResponse:
    async def lines() -> AsyncIterator[str]:
        yield "first"
        await asyncio.sleep(0.05)
        yield "last"

    return StreamingResponse(lines())


def counted(registry: CollectorRegistry, method: str, route: str, status: str) -> float | None:
    """Return how many requests were counted under these labels."""
    return registry.get_sample_value(f"{METRIC}_count", {"method": method, "route": route, "status": status})


def series(registry: CollectorRegistry) -> int:
    """Return how many series a registry holds."""
    return sum(len(family.samples) for family in registry.collect())


@pytest.mark.parametrize(
    ("method", "path", "route", "status"),
    [
        ("GET", "/orders/K7F3-0192", "/orders/{number}", "200"),
        ("POST", "/orders/K7F3-0192?secret=1", "/orders/{number}", "200"),
        ("DELETE", "/orders/K7F3-0192", "/orders/{number}", "405"),
        ("GET", "/v1/work-orders/7", "/v1/work-orders/{number}", "200"),
        ("GET", "/v1/elsewhere", "unmatched", "404"),
        ("GET", "/elsewhere", "unmatched", "404"),
        ("BREW", "/orders/K7F3-0192", "/orders/{number}", "405"),
        ("GET", "/breaks", "/breaks", "500"),
    ],
)
def test_a_request_is_counted_by_route_and_status(
    metrics: Metrics, ask: Ask, method: str, path: str, route: str, status: str
) -> None:
    """Labels are the route's template, the method if it is one of HTTP's, and the status."""
    ask(method, path)

    assert counted(metrics.registry, method if method != "BREW" else "other", route, status) == 1


def test_odd_requests_make_no_series(metrics: Metrics, ask: Ask) -> None:
    """However many addresses and methods somebody makes up, what Prometheus must keep stays the same."""
    dice = random.Random(1)

    def odd(length: int) -> str:
        return "".join(dice.choices(ascii_letters, k=length))

    def odd_ones() -> None:
        for _ in range(40):
            ask("GET", f"/{odd(12)}/{odd(5)}")
            ask("GET", f"/orders/{odd(9)}?{odd(3)}={odd(3)}")
            ask("GET", f"/v1/{odd(9)}")
            ask(odd(6), "/orders/1")

    odd_ones()
    before = series(metrics.registry)
    odd_ones()

    assert series(metrics.registry) == before
    assert counted(metrics.registry, "GET", "unmatched", "404") == 160


def test_a_stream_is_timed_to_its_first_byte(metrics: Metrics, ask: Ask) -> None:
    """A page that stays open for hours is not a slow one."""
    ask("GET", "/stream")

    labels = {"method": "GET", "route": "/stream", "status": "200"}
    assert (metrics.registry.get_sample_value(f"{METRIC}_sum", labels) or 1) < 0.05


def test_a_slow_sender_is_not_our_slowness(metrics: Metrics, ask: Ask) -> None:
    """An upload over a thin line is timed from its last byte."""

    async def slowly() -> AsyncIterator[bytes]:
        for _ in range(3):
            await asyncio.sleep(0.05)
            yield b"part"

    ask("POST", "/orders/7", content=slowly())

    labels = {"method": "POST", "route": "/orders/{number}", "status": "200"}
    assert (metrics.registry.get_sample_value(f"{METRIC}_sum", labels) or 1) < 0.05
