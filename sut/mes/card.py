"""An order's card: what it is, its story, what an operator can do with it; an open one stays fresh."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response, StreamingResponse

from sut import sessions
from sut.accounts.current import SignedIn, is_still_signed_in
from sut.accounts.store import Account
from sut.database import Database, DatabaseUnavailable
from sut.events import now, timestamp
from sut.live import Live
from sut.mes import production, store, story
from sut.mes.numbers import check_number, unknown
from sut.mes.production import STEPS
from sut.pages import streams
from sut.pages.routing import PageRoute
from sut.pages.templating import pages_of
from sut.problems import Problem

_ALLOWED_EVERY_S = 10.0
_BEAT_EVERY_S = 2.0
_LOOK_EVERY_S = 0.3  # others' orders wake this page too, and each look costs two queries

_EVENTS_IN_WORDS = {
    "api.submitted": "Submitted",
    "mes.pricing-requested": "Price asked for",
    "pricing.quoted": "Priced",
    "pricing.unprintable": "Cannot be made",
    "pricing.failed": "Price could not be calculated",
    "api.approved": "Price approved",
    "api.cancelled": "Cancelled",
    "api.cancellation-requested": "Cancellation asked for",
    "mes.withdrawn": "Withdrawn",
    "mes.cancellation-refused": "Cancellation refused",
    "mes.taken": "Taken",
    "mes.made": "Made",
    "mes.packed": "Packed",
    "mes.shipped": "Shipped",
    "api.closed": "Receipt confirmed",
    "mes.imported": "Imported",
}

router = APIRouter(include_in_schema=False, route_class=PageRoute)


@router.get("/orders/{number}")
async def card(request: Request, operator: SignedIn, number: str) -> Response:
    """Show an order, what happened to it, and what the operator can do with it."""
    check_number(number)
    return pages_of(request).page(request, "order.html", **await _shown(request, operator, number))


@router.get("/orders/{number}/live", response_class=StreamingResponse)
async def card_live(request: Request, operator: SignedIn, number: str) -> Response:
    """Send an open card each time that it has changed (server-sent events)."""
    check_number(number)
    live: Live = request.app.state.orders_live
    if live.is_full:
        raise Problem(503, "Too many pages are open.")
    token = sessions.csrf_token(request)

    async def made() -> str:
        values = await _shown(request, operator, number)
        return pages_of(request).part("order-card.html", csrf_token=token, **values)

    await made()  # an order that is unknown is refused before the stream begins
    return streams.answer(_frames(live, made, partial(is_still_signed_in, request)))


async def _shown(request: Request, operator: Account, number: str) -> dict[str, Any]:
    database: Database = request.app.state.database
    async with database.connection() as connection:
        order = await store.of_number(connection, number)
        history = await store.history(connection, order.id) if order else []
    if order is None:
        raise unknown(number)
    yours = order.taken_by in (None, operator.id)
    steps = production.open_steps(order.state) if yours else []
    return {
        "order": order,
        "history": story.told(history),
        "in_words": _EVENTS_IN_WORDS,
        "yours": yours,
        "steps": [(command, STEPS[command].button) for command in steps],
    }


async def _frames(
    live: Live, made: Callable[[], Awaitable[str]], allowed: Callable[[], Awaitable[bool]]
) -> AsyncIterator[str]:
    clock = asyncio.get_running_loop().time
    shown, checked_at_s = "", clock()
    yield streams.RETRY
    async for _ in live.wake_ups(_BEAT_EVERY_S):
        try:
            if clock() - checked_at_s >= _ALLOWED_EVERY_S:
                checked_at_s = clock()
                if not await allowed():
                    yield streams.frame("over", "")
                    return
            part = await made()
        except DatabaseUnavailable:
            return  # the browser comes back by itself
        if part != shown:
            shown = part
            yield streams.frame("part", part)
        yield streams.frame("beat", timestamp(now()))
        await asyncio.sleep(_LOOK_EVERY_S)
