"""The steps of production that operators do with an order, wherever they see it."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qsl, quote

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from sut.accounts.current import SignedIn
from sut.database import Database
from sut.mes import attention, production, wanted
from sut.mes.changes import UnknownOrder
from sut.mes.numbers import check_number, unknown
from sut.mes.production import STEPS, Refused
from sut.pages.forms import Form, SentForm
from sut.pages.routing import PageRoute
from sut.problems import Problem
from sut.states import Command

TEMPLATES = Path(__file__).with_name("templates")

router = APIRouter(include_in_schema=False, route_class=PageRoute)


@router.get("/")
async def home() -> Response:
    """Lead to the dashboard."""
    return RedirectResponse("/orders", 303)


async def do_step(request: Request, operator: SignedIn, number: str, form: SentForm) -> Response:
    """Do a step of production, the last word of the address, and show the page again that it was done on."""
    check_number(number)
    step = request.url.path.rpartition("/")[2]
    page, page_name = _page_before(number, form)
    try:
        if step == attention.ASK_AGAIN:
            await attention.ask_again(_database(request), number, operator)
        else:
            await production.do(_database(request), number, Command(step), operator)
    except UnknownOrder:
        raise unknown(number) from None
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
