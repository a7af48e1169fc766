"""The operators' dashboard: work orders by state, customer, material, channel and age, kept fresh."""

from __future__ import annotations

from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from sut import sessions
from sut.accounts.current import SignedIn, is_still_signed_in
from sut.database import Database
from sut.mes import live_orders, production, store, wanted
from sut.mes.live_orders import Shown
from sut.mes.store import WorkOrder
from sut.mes.wanted import Filter
from sut.pages import streams
from sut.pages.forms import Form, is_plain
from sut.pages.routing import PageRoute
from sut.pages.templating import pages_of

_NUMBER_LONGEST = 32
_CHOICES = {
    "state": [("", "All open"), *((state, state) for state in wanted.STATES)],
    "material": [("", "Any"), *((material, material) for material in wanted.MATERIALS)],
    "channel": [("", "Any"), *((channel, channel) for channel in wanted.CHANNELS)],
    "age": [("", "Any"), *((word, age.text) for word, age in wanted.AGES.items())],
}

router = APIRouter(include_in_schema=False, route_class=PageRoute)


def _wanted(
    state: str = "",
    customer: str = "",
    size: str = "",
    after: str = "",
    material: str = "",
    channel: str = "",
    age: str = "",
) -> Filter:
    return wanted.read(state, customer, size, after, material, channel, age)


#: What the query string asks for; every page has an address that leads back to it.
Asked = Annotated[Filter, Depends(_wanted)]


@router.get("/orders")
async def dashboard(request: Request, operator: SignedIn, query: Asked) -> Response:
    """Show a page of work orders, newest first, and how many are in each state."""
    return _page(request, operator.id, query, await live_orders.look(_database(request), query))


@router.get("/orders/search")
async def search(request: Request, operator: SignedIn, number: str = "") -> Response:
    """Lead to the order of a number, whatever its state, or say that there is none."""
    meant = wanted.number_of(number) if len(number) <= _NUMBER_LONGEST and is_plain(number) else ""
    async with _database(request).connection() as connection:
        order = await store.of_number(connection, meant) if meant else None
    if order:
        return RedirectResponse(f"/orders/{order.order_number}", 303)
    query = wanted.read("", "", "", "")
    shown = await live_orders.look(_database(request), query)
    return _page(request, operator.id, query, shown, number=number if meant else "", status=404)


@router.get("/orders/live")
async def stream(request: Request, operator: SignedIn, query: Asked, seen: str = "") -> Response:
    """Send an open page what has changed (server-sent events), as long as its reader is signed in."""
    row = partial(_row, request, operator.id, query)
    frames = live_orders.frames(
        request.app.state.orders_live,
        _database(request),
        query,
        seen,
        row,
        partial(is_still_signed_in, request),
    )
    return streams.answer(frames)


def _page(
    request: Request, operator_id: UUID, query: Filter, shown: Shown, *, number: str = "", status: int = 200
) -> Response:
    form = Form(values={name: str(word or "") for name, word in query._asdict().items()})
    return pages_of(request).page(
        request,
        "orders.html",
        status=status,
        wanted=query,
        choices=_CHOICES,
        form=form,
        search=Form(values={"number": number}),
        not_found=f"There is no order {number or 'of that number'}." if status == 404 else "",
        orders=shown.orders,
        step_of=partial(_step, operator_id),
        back=query.query(query.after),
        stream=_and(query.query(query.after), f"seen={shown.mark}"),
        next_page=query.query(shown.next_after) if shown.next_after else None,
        first_page=query.query() if query.after else None,
        counts=shown.counts.items(),
    )


def _row(request: Request, operator_id: UUID, query: Filter, order: WorkOrder) -> str:
    return pages_of(request).part(
        "orders-rows.html",
        row=order,
        step=_step(operator_id, order),
        csrf_token=sessions.csrf_token(request),
        back=query.query(query.after),
    )


def _step(operator_id: UUID, order: WorkOrder) -> dict[str, str] | None:
    """Return the step that an operator can do with an order now."""
    if order.taken_by not in (None, operator_id):
        return None
    commands = production.open_steps(order.state)
    return {"command": commands[0], "button": production.STEPS[commands[0]].button} if commands else None


def _and(query: str, word: str) -> str:
    return f"{query}&{word}" if query else word


def _database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database
