"""The SQL of orders: each function is one round trip."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sut import events, outbox
from sut.api.tenants import Tenant
from sut.database import Connection, Row
from sut.events import Event
from sut.states import State
from sut.telemetry import messaging, spans

# Key, order, history and event in one statement: one round trip, and all of it or nothing.
_PLACE = """
    WITH claim AS (
        INSERT INTO idempotency (tenant, key, request_sha256, order_id, created_at)
        SELECT $1, $2, $3, $4, $12 FROM model WHERE model.id = $8 AND model.tenant = $1
        ON CONFLICT DO NOTHING
        RETURNING order_id
    ), placed AS (
        INSERT INTO orders (id, number, tenant, state, channel, customer, reference, model_id, material,
                            quantity, created_at, updated_at, traceparent)
        SELECT order_id, $5, $1, 'SUBMITTED', $6, $7, $11, $8, $9, $10, $12, $12, $17 FROM claim
        RETURNING *
    ), noted AS (
        INSERT INTO order_history (order_id, type, state, actor, occurred_at)
        SELECT order_id, 'submitted', 'SUBMITTED', 'customer', $12 FROM claim
    ), told AS (
        INSERT INTO outbox (event_id, subject, payload, lane, traceparent)
        SELECT $13, $14, $15, $16, $17 FROM claim
    ), delivered AS (
        INSERT INTO delivery (webhook_id, event_id, type, occurred_at, order_id, order_number, reference,
                              order_state, traceparent)
        SELECT webhook.id, $13, 'order.submitted', $12, claim.order_id, $5, $11, 'SUBMITTED', $17
        FROM claim JOIN webhook ON webhook.tenant = $1
    )
    SELECT * FROM placed
"""
_USED_KEY = """
    SELECT idempotency.request_sha256, orders.*
    FROM idempotency JOIN orders ON orders.id = idempotency.order_id
    WHERE idempotency.tenant = $1 AND key = $2
"""
_FIND = "SELECT * FROM orders WHERE id = $1 AND tenant = $2"
_LOCK = "SELECT * FROM orders WHERE id = $1 FOR UPDATE"
_PAGE = """
    SELECT * FROM orders WHERE tenant = $1 AND (created_at, id) < ($2, $3)
    ORDER BY created_at DESC, id DESC LIMIT $4
"""
_PAGE_OF_STATE = """
    SELECT * FROM orders WHERE tenant = $1 AND (created_at, id) < ($2, $3) AND state = $5
    ORDER BY created_at DESC, id DESC LIMIT $4
"""
_CHANGE = """
    WITH noted AS (
        INSERT INTO order_history (order_id, type, state, actor, occurred_at) VALUES ($1, $6, $2, $7, $8)
    ), changed AS (
        UPDATE orders SET state = $2, cancellation_requested = $3, price = $4, rejection = $5,
                          updated_at = $8, attention = CASE WHEN $2 = 'SUBMITTED' THEN $10::jsonb END,
                          traceparent = $11
        WHERE id = $1 RETURNING *
    ), delivered AS (
        INSERT INTO delivery (webhook_id, event_id, type, occurred_at, order_id, order_number, reference,
                              order_state, traceparent)
        SELECT webhook.id, $9, 'order.' || replace($6::text, '-', '_'), $8, changed.id, number, reference,
               state, $11
        FROM changed JOIN webhook ON webhook.tenant = changed.tenant
        ON CONFLICT DO NOTHING
    )
    SELECT * FROM changed
"""
_HISTORY = "SELECT type, state, actor, occurred_at FROM order_history WHERE order_id = $1 ORDER BY id"


@dataclass(frozen=True)
class Wish:
    """What a caller wants ordered; `fingerprint` tells it from another request under the same key."""

    tenant: Tenant
    key: str
    fingerprint: bytes
    customer: str
    reference: str | None
    model_id: UUID
    material: str
    quantity: int


async def place(connection: Connection, wish: Wish, submitted: Event) -> Row | None:
    """Store an order and its event; None when the key was used before or the caller has no such model."""
    order_id, event_id = submitted.order_id, submitted.event_id
    wanted = (wish.customer, wish.model_id, wish.material, wish.quantity, wish.reference)
    told = (event_id, submitted.subject, events.to_json(submitted), outbox.lane_of(order_id))
    with messaging.written(submitted) as span:
        row: Row | None = await connection.fetchrow(
            _PLACE,
            *(wish.tenant.id, wish.key, wish.fingerprint),
            *(order_id, submitted.order_number, wish.tenant.channel),
            *wanted,
            submitted.occurred_at,
            *told,
            span.traceparent,
        )
    return row


async def placed_with(connection: Connection, tenant: Tenant, key: str) -> Row | None:
    """Return the order that an idempotency key made, with the fingerprint of its request."""
    row: Row | None = await connection.fetchrow(_USED_KEY, tenant.id, key)
    return row


async def find(connection: Connection, order_id: UUID, tenant: Tenant) -> Row | None:
    """Return one of a tenant's own orders."""
    row: Row | None = await connection.fetchrow(_FIND, order_id, tenant.id)
    return row


async def lock(connection: Connection, order_id: UUID) -> Row | None:
    """Return an order and keep others from changing it until the transaction ends."""
    row: Row | None = await connection.fetchrow(_LOCK, order_id)
    return row


async def page(
    connection: Connection,
    tenant: Tenant,
    state: State | None,
    before: tuple[datetime, UUID],
    limit: int,
) -> list[Row]:
    """Return a tenant's orders older than a position, newest first."""
    arguments: list[Any] = [tenant.id, *before, limit]
    if state is None:
        return list(await connection.fetch(_PAGE, *arguments))
    return list(await connection.fetch(_PAGE_OF_STATE, *arguments, state))


async def change(
    connection: Connection, order: Row, event: Event, *, type_: str, actor: str, **new: Any
) -> Row:
    """Change a locked order, note what happened in its history and have webhooks tell of it.

    `event` is what brought the change; `new` holds the columns that differ.
    """
    row: Row = await connection.fetchrow(
        _CHANGE,
        order["id"],
        new.get("state", order["state"]),
        new.get("cancellation_requested", order["cancellation_requested"]),
        new.get("price", order["price"]),
        new.get("rejection", order["rejection"]),
        type_,
        actor,
        event.occurred_at,
        event.event_id,
        new.get("attention", order["attention"]),
        spans.traceparent(),
    )
    return row


async def history(connection: Connection, order_id: UUID) -> list[Row]:
    """Return what happened to an order, oldest first."""
    return list(await connection.fetch(_HISTORY, order_id))
