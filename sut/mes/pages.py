"""The operators' pages: the dashboard and an order's card."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from sut.accounts.current import SignedIn
from sut.database import Database
from sut.mes import production, store, wanted
from sut.mes.changes import UnknownOrder
from sut.mes.production import STEPS, Refused
from sut.pages.forms import Form, SentForm, is_plain
from sut.pages.routing import PageRoute
from sut.pages.templating import pages_of
from sut.problems import Problem
from sut.states import Command

TEMPLATES = Path(__file__).with_name("templates")
_NUMBER_LONGEST = 32

_EVENTS_IN_WORDS = {
    "api.submitted": "Submitted",
    "mes.pricing-requested": "Price asked for",
    "pricing.quoted": "Priced",
    "pricing.unprintable": "Cannot be made",
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
_STATE_CHOICES = [("", "All open"), *((str(state), str(state)) for state in wanted.STATES)]

router = APIRouter(include_in_schema=False, route_class=PageRoute)


@router.get("/")
async def home() -> Response:
    """Lead to the dashboard."""
    return RedirectResponse("/orders", 303)


@router.get("/orders")
async def dashboard(
    request: Request, operator: SignedIn, state: str = "", customer: str = "", size: str = "", after: str = ""
) -> Response:
    """Show a page of work orders, newest first, and how many are in each state."""
    query = wanted.read(state, customer, size, after)
    async with _database(request).connection() as connection:
        orders, next_after = await store.page(connection, query)
        counts = await store.counts(connection)
    return pages_of(request).page(
        request,
        "orders.html",
        wanted=query,
        state_choices=_STATE_CHOICES,
        form=Form(values={"state": state, "customer": query.customer}),
        orders=orders,
        next_page=query.query(next_after) if next_after else None,
        first_page=query.query() if query.after else None,
        counts=[(each, counts.get(each, 0)) for each in wanted.STATES],
    )


@router.get("/orders/{number}")
async def card(request: Request, operator: SignedIn, number: str) -> Response:
    """Show an order, what happened to it, and what the operator can do with it."""
    _check_number(number)
    async with _database(request).connection() as connection:
        order = await store.of_number(connection, number)
        history = await store.history(connection, order.id) if order else []
    if order is None:
        raise _unknown(number)
    steps = production.open_steps(order.state)
    yours = order.taken_by in (None, operator.id)
    return pages_of(request).page(
        request,
        "order.html",
        order=order,
        history=history,
        in_words=_EVENTS_IN_WORDS,
        yours=yours,
        steps=[(command, STEPS[command].button) for command in steps] if yours else [],
    )


async def do_step(request: Request, operator: SignedIn, number: str, form: SentForm) -> Response:
    """Do a step of production, the last word of the address, and show the card again."""
    _check_number(number)
    step = Command(request.url.path.rpartition("/")[2])
    try:
        await production.do(_database(request), number, step, operator)
    except UnknownOrder:
        raise _unknown(number) from None
    except Refused as refusal:
        raise Problem(409, str(refusal), back=f"/orders/{number}", back_text="Back to the order") from None
    return RedirectResponse(f"/orders/{quote(number)}", 303)


for _step in STEPS:
    router.add_api_route(f"/orders/{{number}}/{_step}", do_step, methods=["POST"])


def _database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


def _check_number(number: str) -> None:
    if len(number) > _NUMBER_LONGEST or not is_plain(number):
        raise _unknown(number)


def _unknown(number: str) -> Problem:
    shown = number if len(number) <= _NUMBER_LONGEST and is_plain(number) else "of that number"
    text = f"There is no order {shown}."
    return Problem(404, text, title="No such order", back="/orders", back_text="All orders")
