"""How operators are told of new orders: their choice, and the stream that an open page follows."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response, StreamingResponse

from sut import sessions
from sut.accounts.current import SignedIn
from sut.accounts.store import Account, Accounts
from sut.database import Database, DatabaseUnavailable
from sut.live import Live
from sut.mes import notices
from sut.mes.notices import Notice, Preferences, Unseen
from sut.pages.forms import Form, SentForm
from sut.pages.routing import PageRoute
from sut.pages.templating import pages_of
from sut.problems import Problem

router = APIRouter(include_in_schema=False, route_class=PageRoute)


@router.get("/notifications")
async def preferences(request: Request, operator: SignedIn, saved: str = "") -> Response:
    """Show how the operator is told of new orders."""
    async with _database(request).connection() as connection:
        wanted = await notices.preferences(connection, operator.id)
    return pages_of(request).page(
        request, "notifications.html", wanted=wanted, saved=bool(saved), has_mail=request.app.state.has_mail
    )


@router.post("/notifications")
async def prefer(request: Request, operator: SignedIn, form: SentForm) -> Response:
    """Keep the operator's choice."""
    async with _database(request).transaction() as connection:
        await notices.prefer(connection, operator.id, _wanted(form))
    return RedirectResponse("/notifications?saved=yes", 303)


@router.get("/notifications/stream", response_class=StreamingResponse)
async def stream(request: Request, operator: SignedIn) -> Response:
    """Send each new notice to an open page (server-sent events), from the last one it has seen."""
    seen = request.headers.get("last-event-id", "")
    after = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 19 else None
    live: Live = request.app.state.notices_live
    if live.is_full:
        raise Problem(503, "Too many pages are open.")
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    events = _events(_database(request), live, _Reader(request, operator), Unseen(after))
    return StreamingResponse(events, media_type="text/event-stream", headers=headers)


class _Reader:
    """Who follows a stream, as long as they are signed in."""

    def __init__(self, request: Request, operator: Account) -> None:
        self._accounts: Accounts = request.app.state.accounts
        self._ticket = sessions.ticket(request)
        self.id = operator.id

    async def is_signed_in(self) -> bool:
        return self._ticket is not None and await self._accounts.whose(self._ticket) is not None


async def _events(database: Database, live: Live, reader: _Reader, unseen: Unseen) -> AsyncIterator[str]:
    yield "retry: 1000\n\n"
    async for something_new in live.wake_ups():
        try:
            if not await reader.is_signed_in():
                return  # the browser comes back by itself and is sent to sign in
            async with database.connection() as connection:
                wanted = await notices.preferences(connection, reader.id)
                fresh = await unseen.fetch(connection) if something_new else []
        except DatabaseUnavailable:
            return  # the browser comes back by itself and says what it has seen
        if not something_new:
            yield ": still here\n\n"
        for notice in fresh if wanted.in_page else ():
            yield _event(notice)


def _event(notice: Notice) -> str:
    told = {"number": notice.order_number, "material": notice.material, "quantity": notice.quantity}
    return f"id: {notice.id}\nevent: order-to-make\ndata: {json.dumps(told)}\n\n"


def _wanted(form: Form) -> Preferences:
    return Preferences(by_mail="by_mail" in form.values, in_page="in_page" in form.values)


def _database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database
