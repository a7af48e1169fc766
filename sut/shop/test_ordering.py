"""The shop's line to `api`: what is retried, what is refused, what is only unavailable."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID

import httpx
import pytest

from sut.shop import ordering
from sut.shop.ordering import ApiRefused, ApiUnavailable, Ordering

_Answer = httpx.Response | Exception
_KEY = UUID(int=7)
_ORDER = {
    "id": str(UUID(int=1)),
    "number": "K7F3-0192",
    "state": "SUBMITTED",
    "material": "PLA",
    "quantity": 1,
    "price": None,
    "rejection": None,
    "cancellation_requested": False,
    "created_at": "2026-11-22T16:00:00.000Z",
    "updated_at": "2026-11-22T16:00:00.000Z",
    "something_new": True,
}


def _with(answers: list[_Answer], call: Callable[[Ordering], Any]) -> tuple[Any, int]:
    """Call with these answers of `api` in turn; return the result and how many were asked for."""
    asked = 0

    def answer(_: httpx.Request) -> httpx.Response:
        nonlocal asked
        asked += 1
        given = answers[min(asked, len(answers)) - 1]
        if isinstance(given, Exception):
            raise given
        return given

    async def run() -> Any:
        line = Ordering("http://api", "k" * 32)
        line._client = httpx.AsyncClient(transport=httpx.MockTransport(answer), base_url="http://api")
        return await call(line)

    return asyncio.run(run()), asked


def test_order_is_read_and_additions_are_ignored() -> None:
    """`api` may tell more than the shop reads."""
    order, asked = _with([httpx.Response(201, json=_ORDER)], lambda line: line.place(_KEY, {}))

    assert (order.number, asked) == ("K7F3-0192", 1)


def test_broken_connection_is_tried_once_more_where_that_is_harmless() -> None:
    """A connection that `api` closed at its restart costs nobody a page."""
    answers: list[_Answer] = [httpx.ReadError("gone"), httpx.Response(201, json=_ORDER)]

    order, asked = _with(answers, lambda line: line.place(_KEY, {}))

    assert (order.number, asked) == ("K7F3-0192", 2)


def test_decision_is_never_sent_twice() -> None:
    """An approval that may have arrived is not repeated behind the shopper's back."""
    with pytest.raises(ApiUnavailable):
        _with(
            [httpx.ReadError("gone"), httpx.Response(200, json=_ORDER)],
            lambda line: line.decide(_KEY, "approve"),
        )


def test_order_in_flight_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two clicks at once are one order, and both see it."""
    monkeypatch.setattr(ordering, "_IN_FLIGHT_PAUSE_S", 0)
    answers: list[_Answer] = [
        httpx.Response(409, json={}),
        httpx.Response(201, json=_ORDER),
    ]

    order, asked = _with(answers, lambda line: line.place(_KEY, {}))

    assert (order.number, asked) == ("K7F3-0192", 2)


def test_refusal_carries_its_words_and_the_state() -> None:
    """What `api` says is what the page can say."""
    problem = httpx.Response(409, json={"detail": "Not now.", "state": "MADE"})

    with pytest.raises(ApiRefused) as refused:
        _with([problem], lambda line: line.decide(_KEY, "cancel"))

    assert (refused.value.status, refused.value.detail, refused.value.state) == (409, "Not now.", "MADE")


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(500),
        httpx.Response(503, text="<html>"),
        httpx.Response(401, json={}),
        httpx.Response(429, json={}),
        httpx.Response(200, text="not json"),
        httpx.Response(200, json={"id": 1}),
        httpx.ConnectError("refused"),
        httpx.ReadTimeout("slow"),
    ],
)
def test_anything_else_is_unavailable(answer: _Answer) -> None:
    """Where nobody knows what `api` did, the shop says so and lets try again."""
    with pytest.raises(ApiUnavailable):
        _with([answer], lambda line: line.order(_KEY))


@pytest.mark.parametrize("body", [b"", b"plain words", b"[]", b"null"])
def test_refusal_of_any_shape_is_a_refusal(body: bytes) -> None:
    """A proxy's own 404 does not break the page."""
    with pytest.raises(ApiRefused) as refused:
        _with([httpx.Response(404, content=body)], lambda line: line.order(_KEY))

    assert refused.value.detail == "Not Found"
