"""How a work order changes: held first, so that changes come one by one, then moved and noted."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import asyncpg

from sut.events import Event
from sut.states import State
from sut.telemetry import spans

_BEGIN = """
    WITH key AS (
        INSERT INTO work_order_keys (order_id, order_number, id) VALUES ($1, $2, nextval('work_order_ids'))
        ON CONFLICT (order_id) DO NOTHING RETURNING id
    )
    INSERT INTO work_orders (id, order_id, order_number, state, reference, channel, customer, material,
                             quantity, created_at, updated_at, traceparent)
    SELECT id, $1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10 FROM key RETURNING id
"""
_HOLD = "SELECT id FROM work_order_keys WHERE order_id = $1 FOR UPDATE"
_HOLD_NUMBER = "SELECT id FROM work_order_keys WHERE order_number = $1 FOR UPDATE"
_HELD = "SELECT id, state, order_id, order_number, taken_by, traceparent FROM work_orders WHERE id = $1"
_MOVE = """
    UPDATE work_orders SET state = $3, updated_at = greatest(updated_at, $4), attention = NULL,
        traceparent = $5
    WHERE id = $1 AND state = $2
"""
_NOTE = """
    INSERT INTO work_order_history (work_order_id, type, state, actor, detail, occurred_at, event_id)
    VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (event_id) WHERE event_id IS NOT NULL DO NOTHING
"""


class Held(NamedTuple):
    """A work order that nobody else changes until this transaction ends."""

    id: int
    state: State
    order_id: UUID
    order_number: str
    taken_by: UUID | None
    traceparent: str | None


class UnknownOrder(LookupError):  # noqa: N818 - named for what happened, not for being an error
    """No work order is known for this order; its first event may still be on the way."""


async def begin(connection: asyncpg.Connection, event: Event) -> Held | None:
    """Make the work order of a submitted order; None if there is one already."""
    wish = [event.data[name] for name in ("reference", "channel", "customer", "material", "quantity")]
    state = State.SUBMITTED
    order, place = (event.order_id, event.order_number), spans.traceparent()
    work_order_id = await connection.fetchval(_BEGIN, *order, state, *wish, event.occurred_at, place)
    if work_order_id is None:
        return None
    return Held(work_order_id, state, *order, None, place)


async def hold(connection: asyncpg.Connection, order_id: UUID) -> Held:
    """Hold the work order of an order.

    Raises:
        UnknownOrder: there is none (yet).
    """
    return await _hold(connection, _HOLD, order_id)


async def hold_number(connection: asyncpg.Connection, number: str) -> Held:
    """Hold the work order of an order number; the trace of who wants it leads to what happened before.

    Raises:
        UnknownOrder: there is none.
    """
    held = await _hold(connection, _HOLD_NUMBER, number)
    span = spans.current()
    span.of_order(held.order_id, held.order_number)
    span.link(held.traceparent)
    return held


async def move(connection: asyncpg.Connection, held: Held, state: State, at: datetime) -> Held:
    """Move a held work order to another state."""
    await connection.execute(_MOVE, held.id, held.state, state, at, spans.traceparent())
    return held._replace(state=state)


async def note(
    connection: asyncpg.Connection,
    held: Held,
    type_: str,
    actor: str,
    at: datetime,
    detail: str | None = None,
    *,
    event_id: UUID | None = None,
) -> None:
    """Write a line of a work order's history, an event once, with the state that it left the order in."""
    await connection.execute(_NOTE, held.id, type_, held.state, actor, detail, at, event_id)


async def _hold(connection: asyncpg.Connection, query: str, key: UUID | str) -> Held:
    work_order_id = await connection.fetchval(query, key)
    if work_order_id is None:
        raise UnknownOrder(str(key))
    row = await connection.fetchrow(_HELD, work_order_id)
    return Held(**{**row, "state": State(row["state"])})
