"""What a customer decides about an order: approve its price, cancel it, confirm that it came."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from sut import events, outbox, states
from sut.api import shown, store
from sut.api.documents import refusals
from sut.api.parts import Parts, Wired
from sut.api.shapes import Order
from sut.api.strict import StrictRoute
from sut.api.tenants import Caller, Tenant
from sut.database import Connection, Row
from sut.problems import Problem
from sut.states import Actor, Command, State
from sut.telemetry import spans

router = APIRouter(route_class=StrictRoute, tags=["orders"])

_REFUSALS = refusals(401, 404, 409, 422, 503)


@router.post(
    "/v1/orders/{order_id}/approve", operation_id="approveOrder", response_model=Order, responses=_REFUSALS
)
async def approve_order(order_id: UUID, tenant: Caller, parts: Wired) -> JSONResponse:
    """Approve the price; the order goes to production."""
    return await _decide(parts, tenant, order_id, Command.APPROVE, "approved")


@router.post(
    "/v1/orders/{order_id}/confirm-receipt",
    operation_id="confirmReceipt",
    response_model=Order,
    responses=_REFUSALS,
)
async def confirm_receipt(order_id: UUID, tenant: Caller, parts: Wired) -> JSONResponse:
    """Confirm that the parts came; the order is closed."""
    return await _decide(parts, tenant, order_id, Command.CONFIRM_RECEIPT, "closed")


@router.post(
    "/v1/orders/{order_id}/cancel",
    operation_id="cancelOrder",
    response_model=Order,
    responses={
        202: {"model": Order, "description": "Production was asked; the order shows its answer shortly."},
        **_REFUSALS,
    },
)
async def cancel_order(order_id: UUID, tenant: Caller, parts: Wired) -> JSONResponse:
    """Cancel an order: at once before its approval, by asking production after it."""
    return await _decide(parts, tenant, order_id, Command.CANCEL, "cancelled")


async def _decide(
    parts: Parts, tenant: Tenant, order_id: UUID, command: Command, outcome: str
) -> JSONResponse:
    async with parts.database.transaction() as connection:
        order = await store.lock(connection, order_id)
        if order is None or order["tenant"] != tenant.id:
            raise Problem(404, "You have no order with this id.")
        _note(order)
        if command is Command.CANCEL and order["state"] == State.APPROVED:
            changed = await _ask_production(connection, order)
            return JSONResponse(shown.order(changed), status_code=202)
        state = states.target(State(order["state"]), command)
        event = _event(order, outcome)
        changed = await store.change(
            connection, order, event, type_=outcome, actor=Actor.CUSTOMER, state=state
        )
        await outbox.put(connection, event)
    return JSONResponse(shown.order(changed))


def _note(order: Row) -> None:
    """Have the decision's trace lead to what happened to the order before."""
    span = spans.current()
    span.of_order(order["id"])
    span.link(order["traceparent"])


async def _ask_production(connection: Connection, order: Row) -> Row:
    """Ask the MES to stop an approved order; asking again changes nothing."""
    if order["cancellation_requested"]:
        return order
    event = _event(order, "cancellation-requested")
    await outbox.put(connection, event)
    return await store.change(
        connection,
        order,
        event,
        type_="cancellation-requested",
        actor=Actor.CUSTOMER,
        cancellation_requested=True,
    )


def _event(order: Row, what: str) -> events.Event:
    data = {"price": order["price"]} if what == "approved" else {}
    return events.new(f"api.{what}", order["id"], order["number"], **data)
