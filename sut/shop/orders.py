"""The shopper's orders: the list, each order's page, and what the shopper decides."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from sut.accounts.current import SignedIn
from sut.pages.forms import SentForm, is_plain
from sut.pages.routing import PageRoute
from sut.pages.templating import pages_of
from sut.problems import Problem, invalid
from sut.shop import store
from sut.shop.answers import Order
from sut.shop.ordering import ApiRefused
from sut.shop.parts import Parts, Wired
from sut.shop.progress import steps
from sut.shop.store import Placed
from sut.states import State
from sut.telemetry import spans

_NEWEST = 2**63 - 1
_NUMBER_LONGEST = 32
_DECISIONS = {
    "approve": "its price cannot be approved",
    "cancel": "it cannot be cancelled",
    "confirm-receipt": "its receipt cannot be confirmed",
}
_CANCELLABLE = (State.SUBMITTED, State.PRICED, State.APPROVED)

router = APIRouter(include_in_schema=False, route_class=PageRoute)


@router.get("/orders")
async def my_orders(request: Request, shopper: SignedIn, parts: Wired, after: str = "") -> Response:
    """Show the shopper's orders, newest first, and on the first page what is not ordered yet."""
    before = _cursor(after)
    async with parts.database.connection() as connection:
        placed, next_after = await store.orders(connection, shopper.id, before)
        drafts = await store.drafts(connection, shopper.id) if before == _NEWEST else []
    orders = await asyncio.gather(*(_listed(parts, each) for each in placed))
    return pages_of(request).page(
        request,
        "orders.html",
        drafts=drafts,
        orders=list(zip(placed, orders, strict=True)),
        next_after=next_after,
        later=before != _NEWEST,
    )


@router.get("/orders/{number}")
async def show_order(request: Request, shopper: SignedIn, parts: Wired, number: str) -> Response:
    """Show an order, how far it is, and what the shopper can do."""
    return await _order_page(request, parts, await _own(parts, number, shopper.id), "order.html")


@router.get("/orders/{number}/status")
async def show_status(request: Request, shopper: SignedIn, parts: Wired, number: str) -> Response:
    """Show the part of an order's page that changes; the page asks for it every second."""
    return await _order_page(request, parts, await _own(parts, number, shopper.id), "order-status.html")


async def decide(request: Request, shopper: SignedIn, parts: Wired, number: str, form: SentForm) -> Response:
    """Tell `api` what the shopper decides, the last word of the address, and show the order again."""
    placed = await _own(parts, number, shopper.id)
    decision = request.url.path.rpartition("/")[2]
    spans.current().of_order(placed.id, placed.number)
    try:
        await parts.ordering.decide(placed.id, decision)
    except ApiRefused as refusal:
        text = refusal.detail
        if refusal.state:
            text = f"The order is {refusal.state} by now, so {_DECISIONS[decision]}."
        back = f"/orders/{placed.number}"
        raise Problem(refusal.status, text, back=back, back_text="Back to the order") from None
    return RedirectResponse(f"/orders/{quote(placed.number)}", 303)


for _decision in _DECISIONS:
    router.add_api_route(f"/orders/{{number}}/{_decision}", decide, methods=["POST"])


async def _order_page(request: Request, parts: Parts, placed: Placed, template: str) -> Response:
    try:
        order, history = await asyncio.gather(
            parts.ordering.order(placed.id), parts.ordering.history(placed.id)
        )
    except ApiRefused as refusal:
        raise Problem(refusal.status, refusal.detail, back="/orders", back_text="My orders") from None
    return pages_of(request).page(
        request,
        template,
        headers={"X-Final": "true"} if order.final else None,
        placed=placed,
        order=order,
        steps=steps(order.state, history.items),
        refused=bool(history.items) and history.items[-1].type == "cancellation-refused",
        actions=_actions(order),
    )


def _actions(order: Order) -> list[tuple[str, str, str]]:
    """Return what the shopper can do now: address, button, look."""
    actions = []
    if order.state is State.PRICED:
        actions.append(("approve", "Approve price", ""))
    if order.state is State.SHIPPED:
        actions.append(("confirm-receipt", "Confirm receipt", ""))
    if order.state in _CANCELLABLE and not order.cancellation_requested:
        actions.append(("cancel", "Cancel order", "danger"))
    return actions


async def _listed(parts: Parts, placed: Placed) -> Order | None:
    """Return an order as it is now; an order that `api` does not know is shown without a state."""
    if placed.final:
        return Order.model_validate(placed.final)
    try:
        order = await parts.ordering.order(placed.id)
    except ApiRefused:
        return None
    if order.final:
        await _keep(parts, order.id, order.model_dump(mode="json"))
    return order


async def _keep(parts: Parts, order_id: UUID, final: dict[str, Any]) -> None:
    async with parts.database.transaction() as connection:
        await store.keep_final(connection, order_id, final)


async def _own(parts: Parts, number: str, shopper_id: UUID) -> Placed:
    placed = None
    if len(number) <= _NUMBER_LONGEST and is_plain(number):
        async with parts.database.connection() as connection:
            placed = await store.order(connection, number, shopper_id)
    if placed is None:
        text = "You have no such order."
        raise Problem(404, text, title="No such order", back="/orders", back_text="My orders")
    return placed


def _cursor(after: str) -> int:
    if not after:
        return _NEWEST
    if not (after.isascii() and after.isdigit() and len(after) <= 19 and int(after) <= _NEWEST):
        raise invalid([("after", "must be the number that the page before gave")])
    return int(after)
