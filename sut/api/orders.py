"""Placing and reading orders."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import replace
from typing import Annotated
from uuid import UUID, uuid4

import asyncpg
from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import JSONResponse
from pydantic.json_schema import SkipJsonSchema

from sut import events
from sut.api import shown, store
from sut.api.documents import json_of, refusals
from sut.api.parts import Parts, Wired
from sut.api.shapes import Cursor, History, Order, OrderIn, OrderPage, ShopOrderIn
from sut.api.store import Wish
from sut.api.strict import StrictRoute, json_body
from sut.api.tenants import SHOP, Caller, Tenant
from sut.database import Connection, Row
from sut.problems import Problem
from sut.states import State
from sut.telemetry import spans

router = APIRouter(route_class=StrictRoute, tags=["orders"])

_NUMBER_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U
_in_flight: set[tuple[str, str]] = set()


@router.post(
    "/v1/orders",
    status_code=201,
    operation_id="createOrder",
    response_model=Order,
    responses=refusals(400, 401, 403, 404, 409, 413, 415, 422, 503),
    openapi_extra=json_of(OrderIn.__name__),
)
async def create_order(
    request: Request,
    tenant: Caller,
    parts: Wired,
    idempotency_key: Annotated[
        str,
        Header(
            alias="Idempotency-Key",
            pattern=r"^[\x21-\x7e]{1,128}$",
            description="Your id of this request: sent again with the same body, it gives the same answer.",
        ),
    ],
) -> JSONResponse:
    """Place an order for a model you uploaded; it is priced within seconds."""
    wish = _wish(tenant, idempotency_key, await json_body(request, ShopOrderIn))
    slot = (tenant.id, idempotency_key)
    if slot in _in_flight:
        raise Problem(409, "A request with this Idempotency-Key is being answered right now.")
    _in_flight.add(slot)
    try:
        return await _placed(parts, wish)
    finally:
        _in_flight.discard(slot)


@router.get(
    "/v1/orders",
    operation_id="listOrders",
    response_model=OrderPage,
    responses=refusals(401, 422, 503),
)
async def list_orders(
    tenant: Caller,
    parts: Wired,
    state: Annotated[State | SkipJsonSchema[None], Query(description="Only orders in this state.")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[
        Cursor | SkipJsonSchema[None], Query(description="`next_cursor` of the page before.")
    ] = None,
) -> JSONResponse:
    """List your orders, newest first."""
    before = shown.position(cursor)
    async with parts.database.connection() as connection:
        rows = await store.page(connection, tenant, state, before, limit + 1)
    more = len(rows) > limit
    rows = rows[:limit]
    return JSONResponse(
        {
            "items": [shown.order(row) for row in rows],
            "next_cursor": shown.cursor(rows[-1]) if more else None,
        }
    )


@router.get(
    "/v1/orders/{order_id}",
    operation_id="getOrder",
    response_model=Order,
    responses=refusals(401, 404, 422, 503),
)
async def get_order(order_id: UUID, tenant: Caller, parts: Wired) -> JSONResponse:
    """Show one order."""
    async with parts.database.connection() as connection:
        return JSONResponse(shown.order(await _own(connection, order_id, tenant)))


@router.get(
    "/v1/orders/{order_id}/history",
    operation_id="getOrderHistory",
    response_model=History,
    responses=refusals(401, 404, 422, 503),
)
async def get_order_history(order_id: UUID, tenant: Caller, parts: Wired) -> JSONResponse:
    """Show what happened to an order, oldest first."""
    async with parts.database.connection() as connection:
        await _own(connection, order_id, tenant)
        rows = await store.history(connection, order_id)
    return JSONResponse({"items": [shown.history_item(row) for row in rows]})


async def _own(connection: Connection, order_id: UUID, tenant: Tenant) -> Row:
    row = await store.find(connection, order_id, tenant)
    if row is None:
        raise Problem(404, "You have no order with this id.")
    return row


def _wish(tenant: Tenant, key: str, body: ShopOrderIn) -> Wish:
    if tenant is not SHOP and "customer" in body.model_fields_set:
        raise Problem(403, "Only the shop orders in the name of customers: leave out `customer`.")
    meant = json.dumps(body.model_dump(mode="json"), sort_keys=True)
    return Wish(
        tenant=tenant,
        key=key,
        fingerprint=hashlib.sha256(meant.encode()).digest(),
        customer=body.customer or tenant.id,
        reference=body.reference,
        model_id=body.model_id,
        material=str(body.material),
        quantity=body.quantity,
    )


async def _placed(parts: Parts, wish: Wish) -> JSONResponse:
    async with parts.database.connection() as connection:
        row = await _place(connection, wish)
        if row is not None:
            return _created(row)
        earlier = await store.placed_with(connection, wish.tenant, wish.key)
    if earlier is None:
        raise Problem(404, "You have no model with this id.")
    if earlier["request_sha256"] != wish.fingerprint:
        raise Problem(422, "This Idempotency-Key was used for another order.", code="key-reused")
    return _created(earlier, {"Idempotent-Replayed": "true"})


async def _place(connection: Connection, wish: Wish) -> Row | None:
    while True:
        submitted = _submitted(wish)
        try:
            return await store.place(connection, wish, submitted)
        except asyncpg.UniqueViolationError as error:
            if error.constraint_name != "orders_number_key":
                raise


def _submitted(wish: Wish) -> events.Event:
    digits = "".join(secrets.choice(_NUMBER_DIGITS) for _ in range(8))
    submitted = events.new(
        "api.submitted",
        uuid4(),
        f"{digits[:4]}-{digits[4:]}",
        channel=wish.tenant.channel,
        customer=wish.customer,
        reference=wish.reference,
        model_id=str(wish.model_id),
        material=wish.material,
        quantity=wish.quantity,
    )
    # The order's id is that of its first event too, so that the audit finds it in the outbox.
    return replace(submitted, event_id=submitted.order_id)


def _created(row: Row, headers: dict[str, str] | None = None) -> JSONResponse:
    spans.current().of_order(row["id"])
    location = {"Location": f"/v1/orders/{row['id']}"}
    return JSONResponse(shown.order_as_placed(row), status_code=201, headers={**location, **(headers or {})})
