"""The operators' pages of one order: its card with its story, and the steps of production."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qsl, quote

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from sut.accounts.current import SignedIn
from sut.database import Database
from sut.mes import attention, production, store, story, wanted
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


@router.get("/")
async def home() -> Response:
    """Lead to the dashboard."""
    return RedirectResponse("/orders", 303)


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
        history=story.told(history),
        in_words=_EVENTS_IN_WORDS,
        yours=yours,
        steps=[(command, STEPS[command].button) for command in steps] if yours else [],
    )


async def do_step(request: Request, operator: SignedIn, number: str, form: SentForm) -> Response:
    """Do a step of production, the last word of the address, and show the page again that it was done on."""
    _check_number(number)
    step = request.url.path.rpartition("/")[2]
    page, page_name = _page_before(number, form)
    try:
        if step == attention.ASK_AGAIN:
            await attention.ask_again(_database(request), number, operator)
        else:
            await production.do(_database(request), number, Command(step), operator)
    except UnknownOrder:
        raise _unknown(number) from None
    except Refused as refusal:
        raise Problem(409, str(refusal), back=page, back_text=page_name) from None
    request.app.state.activity.did(step)
    return RedirectResponse(page, 303)


for _step in (*STEPS, attention.ASK_AGAIN):
    router.add_api_route(f"/orders/{{number}}/{_step}", do_step, methods=["POST"])


def _page_before(number: str, form: Form) -> tuple[str, str]:
    """Return the page that a form was on: the dashboard of the query in `back`, else the order's card."""
    if "back" not in form.values:
        return f"/orders/{quote(number)}", "Back to the order"
    words = dict(parse_qsl(form.values["back"]))
    query = wanted.read(**{name: words.get(name, "") for name in wanted.Filter._fields})
    return f"/orders?{query.query(query.after)}".rstrip("?"), "Back to the orders"


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
