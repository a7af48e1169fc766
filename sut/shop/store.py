"""Drafts and orders of the shop's customers."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg

from sut.shop.answers import Model

SCHEMA = Path(__file__).with_name("schema.sql")
PAGE_SIZE = 20
DRAFTS_SHOWN = 20

_ADD_DRAFT = """
    INSERT INTO drafts (shopper_id, model_id, filename, size_bytes, triangles, bounding_box_mm)
    VALUES ($1, $2, $3, $4, $5, $6) RETURNING id
"""
_DRAFT = """
    SELECT drafts.*, orders.number AS order_number FROM drafts LEFT JOIN orders ON draft_id = drafts.id
    WHERE drafts.id = $1 AND drafts.shopper_id = $2
"""
_DRAFTS = """
    SELECT drafts.*, NULL AS order_number FROM drafts
    WHERE shopper_id = $1 AND NOT EXISTS (SELECT FROM orders WHERE draft_id = drafts.id)
    ORDER BY created_at DESC LIMIT $2
"""
_CHOOSE = """
    UPDATE drafts SET material = coalesce(material, $2), quantity = coalesce(quantity, $3)
    WHERE id = $1 RETURNING material, quantity
"""
_UNCHOOSE = """
    UPDATE drafts SET material = NULL, quantity = NULL
    WHERE id = $1 AND NOT EXISTS (SELECT FROM orders WHERE draft_id = $1)
"""
_DISCARD = """
    DELETE FROM drafts WHERE id = $1 AND shopper_id = $2 AND material IS NULL
    AND NOT EXISTS (SELECT FROM orders WHERE draft_id = $1) RETURNING id
"""
_ADD_ORDER = """
    INSERT INTO orders (id, number, shopper_id, draft_id) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING
"""
_ORDER = """
    SELECT orders.*, filename FROM orders JOIN drafts ON drafts.id = draft_id
    WHERE number = $1 AND orders.shopper_id = $2
"""
_ORDERS = """
    SELECT orders.*, filename FROM orders JOIN drafts ON drafts.id = draft_id
    WHERE orders.shopper_id = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3
"""
_KEEP_FINAL = "UPDATE orders SET final = $2 WHERE id = $1 AND final IS NULL"


class Draft(NamedTuple):
    """An uploaded model that is not ordered yet, or whose order has `order_number`."""

    id: UUID
    shopper_id: UUID
    model_id: UUID
    filename: str
    size_bytes: int
    triangles: int
    bounding_box_mm: list[float]
    material: str | None
    quantity: int | None
    created_at: datetime
    order_number: str | None


class Placed(NamedTuple):
    """One of `api`'s orders that a shopper placed here."""

    seq: int
    id: UUID
    number: str
    shopper_id: UUID
    draft_id: UUID
    final: dict[str, Any] | None
    filename: str


async def add_draft(connection: asyncpg.Connection, shopper_id: UUID, model: Model) -> UUID:
    """Keep an uploaded model as a draft."""
    facts = (model.filename, model.size_bytes, model.triangles, model.bounding_box_mm)
    draft_id: UUID = await connection.fetchval(_ADD_DRAFT, shopper_id, model.id, *facts)
    return draft_id


async def draft(connection: asyncpg.Connection, draft_id: UUID, shopper_id: UUID) -> Draft | None:
    """Return a shopper's draft."""
    row = await connection.fetchrow(_DRAFT, draft_id, shopper_id)
    return Draft(**row) if row else None


async def drafts(connection: asyncpg.Connection, shopper_id: UUID) -> list[Draft]:
    """Return a shopper's newest drafts that are not ordered yet."""
    return [Draft(**row) for row in await connection.fetch(_DRAFTS, shopper_id, DRAFTS_SHOWN)]


async def choose(
    connection: asyncpg.Connection, draft_id: UUID, material: str, quantity: int
) -> tuple[str, int] | None:
    """Fix a draft's choice before it goes to `api`; return the one that holds, which may be an earlier one.

    None: the draft has been discarded meanwhile.
    """
    row = await connection.fetchrow(_CHOOSE, draft_id, material, quantity)
    return (row["material"], row["quantity"]) if row else None


async def unchoose(connection: asyncpg.Connection, draft_id: UUID) -> None:
    """Let another choice be made, because `api` has surely refused this one."""
    await connection.execute(_UNCHOOSE, draft_id)


async def discard(connection: asyncpg.Connection, draft_id: UUID, shopper_id: UUID) -> bool:
    """Delete a draft that was never submitted; say whether it was."""
    return await connection.fetchval(_DISCARD, draft_id, shopper_id) is not None


async def add_order(
    connection: asyncpg.Connection, order_id: UUID, number: str, shopper_id: UUID, draft_id: UUID
) -> None:
    """Keep which order came of a draft; keeping it again changes nothing."""
    await connection.execute(_ADD_ORDER, order_id, number, shopper_id, draft_id)


async def order(connection: asyncpg.Connection, number: str, shopper_id: UUID) -> Placed | None:
    """Return a shopper's order."""
    row = await connection.fetchrow(_ORDER, number, shopper_id)
    return Placed(**row) if row else None


async def orders(
    connection: asyncpg.Connection, shopper_id: UUID, before: int
) -> tuple[list[Placed], int | None]:
    """Return a shopper's newest orders below the cursor, and the next cursor if there are more."""
    rows = await connection.fetch(_ORDERS, shopper_id, before, PAGE_SIZE + 1)
    shown = [Placed(**row) for row in rows[:PAGE_SIZE]]
    return shown, shown[-1].seq if len(rows) > PAGE_SIZE else None


async def keep_final(connection: asyncpg.Connection, order_id: UUID, final: dict[str, Any]) -> None:
    """Keep an order to which nothing can happen any more."""
    await connection.execute(_KEEP_FINAL, order_id, final)
