"""Work orders as they are read: by page, by number, by state, for the audit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg

from sut.mes.wanted import AuditFilter, Filter
from sut.states import State

_ABOVE_ALL = 2**63 - 1

SCHEMA = Path(__file__).with_name("schema.sql")

_FOUND = """
    SELECT found.*, accounts.name AS taker
    FROM (
        SELECT id, order_id, order_number, reference, state, channel, customer, material, quantity,
               price_total, currency, taken_by, reason, attention, created_at, updated_at
        FROM work_orders WHERE {where} ORDER BY id {direction} LIMIT {limit:d}
    ) AS found
    LEFT JOIN accounts ON accounts.id = taken_by ORDER BY found.id {direction}
"""
_HISTORY = """
    SELECT type, state, actor, detail, occurred_at, noted_at FROM work_order_history
    WHERE work_order_id = $1 ORDER BY id
"""
_COUNTS = "SELECT state, sum(orders)::bigint AS orders FROM state_counts GROUP BY state"


class WorkOrder(NamedTuple):
    """An order as the factory sees it; `taken_by` is the operator's account, `taker` the operator's name."""

    id: int
    order_id: UUID
    order_number: str
    reference: str | None
    state: State
    channel: str
    customer: str
    material: str
    quantity: int
    price_total: Decimal | None
    currency: str | None
    taken_by: UUID | None
    reason: str | None
    attention: dict[str, Any] | None
    created_at: datetime
    updated_at: datetime
    taker: str | None


class Entry(NamedTuple):
    """One line of a work order's history; `noted_at` is when we wrote it, `occurred_at` when it happened."""

    type: str
    state: State
    actor: str
    detail: str | None
    occurred_at: datetime
    noted_at: datetime


async def page(connection: asyncpg.Connection, wanted: Filter) -> tuple[list[WorkOrder], int | None]:
    """Return the newest work orders below the cursor, and the next page's cursor if there is one."""
    conditions = {
        f"{_bounds(wanted)} AND id < {{}}": _ABOVE_ALL if wanted.after is None else wanted.after,
        "customer = {}": wanted.customer or None,
        "material = {}": wanted.material or None,
        "channel = {}": wanted.channel or None,
    }
    found = await _fetch(connection, conditions, limit=wanted.size + 1, newest_first=True)
    shown = found[: wanted.size]
    return shown, shown[-1].id if len(found) > wanted.size else None


async def audit(connection: asyncpg.Connection, wanted: AuditFilter) -> tuple[list[WorkOrder], int | None]:
    """Return the work orders above the cursor, by id, and the next cursor if there are more.

    An id is given before its transaction commits, so a reader that follows a running system by `after` looks
    again from the beginning before it calls an order lost.
    """
    conditions = {
        "id > {}": wanted.after,
        "customer = {}": wanted.customer,
        "id = (SELECT id FROM work_order_keys WHERE order_id = {})": wanted.order_id,
    }
    found = await _fetch(connection, conditions, limit=wanted.limit + 1)
    shown = found[: wanted.limit]
    return shown, shown[-1].id if len(found) > wanted.limit else None


async def of_number(connection: asyncpg.Connection, number: str) -> WorkOrder | None:
    """Return the work order of an order number."""
    conditions = {"id = (SELECT id FROM work_order_keys WHERE order_number = {})": number}
    found = await _fetch(connection, conditions, limit=1)
    return found[0] if found else None


async def history(connection: asyncpg.Connection, work_order_id: int) -> list[Entry]:
    """Return what happened to a work order, oldest first."""
    rows = await connection.fetch(_HISTORY, work_order_id)
    return [Entry(row[0], State(row[1]), *row[2:]) for row in map(tuple, rows)]


async def counts(connection: asyncpg.Connection) -> dict[State, int]:
    """Return how many work orders are in each state."""
    return {State(row["state"]): row["orders"] for row in await connection.fetch(_COUNTS)}


def _bounds(wanted: Filter) -> str:
    """Return what the planner must know to read few rows, in literals of our own making.

    By the states it leaves out the other partitions; by the times it tells few new orders from many old ones,
    also in a plan that it keeps.
    """
    since, before = wanted.created
    states = ", ".join(f"'{state}'" for state in wanted.states)
    bounds = [f"state IN ({states})"]
    bounds += [f"created_at >= '{since.isoformat()}'"] if since else []
    bounds += [f"created_at < '{before.isoformat()}'"] if before else []
    return " AND ".join(bounds)


async def _fetch(
    connection: asyncpg.Connection,
    conditions: Mapping[str, object],
    *,
    limit: int,
    newest_first: bool = False,
) -> list[WorkOrder]:
    """Fetch by conditions in our own words; what comes from outside is an argument, None leaves one out."""
    asked = {words: value for words, value in conditions.items() if value is not None}
    where = " AND ".join(words.format(f"${place}") for place, words in enumerate(asked, start=1))
    query = _FOUND.format(where=where, direction="DESC" if newest_first else "ASC", limit=limit)
    rows = await connection.fetch(query, *asked.values())
    return [WorkOrder(**{**row, "state": State(row["state"])}) for row in rows]
