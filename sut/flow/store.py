"""The flow's orders in its database: held while they change, and written as a whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sut.database import Connection, Database, Row
from sut.events import Event
from sut.flow import projection
from sut.flow.hops import Mark
from sut.flow.projection import Order
from sut.pages.forms import is_plain
from sut.telemetry import spans

SCHEMA = Path(__file__).with_name("schema.sql")

_SENT = ("sent_to_broker", "sent_to_pricing")
_TRACE = ("trace_id", "traced_at")
_OWN = ("channel", "customer", *_SENT, "confirmed_by_api", "asked_at", "failed_at", "failed_why", *_TRACE)
_MARKS = tuple(f"{mark}_at" for mark in Mark)
_DERIVED = ("work_orders", "state", "hop", "waiting_since", "moved_at", "attention_since")
_WRITTEN = (*_OWN, *_MARKS, *_DERIVED)

# Statements are made of our own column names; everything from outside is an argument.
COLUMNS = ", ".join(("order_id", "number", "work_orders", *_OWN, *_MARKS))
_READ = f"SELECT {COLUMNS} FROM orders WHERE"  # noqa: S608  # our words
_ONE = f"{_READ} order_id = $1 FOR UPDATE"
_KNOWN = f"{_READ} order_id = ANY($1::uuid[])"
# Always in the order of the ids, so that two never wait for each other.
_HELD = f"{_KNOWN} ORDER BY order_id FOR UPDATE"
_OF_NUMBER = f"""
    SELECT {COLUMNS}, now() AS as_of FROM orders WHERE number = $1 ORDER BY first_seen_at, order_id LIMIT 1
"""  # noqa: S608  # our words
_BEGIN = """
    INSERT INTO orders (order_id, number) SELECT * FROM unnest($1::uuid[], $2::text[]) ORDER BY 1
    ON CONFLICT DO NOTHING
"""
_WRITE = "UPDATE orders SET {} WHERE order_id = $1".format(  # noqa: S608  # our words
    ", ".join(f"{column} = ${place}" for place, column in enumerate(_WRITTEN, start=2))
)

Change = Callable[[Order], Order]


async def project(connection: Connection, event: Event) -> Order:
    """Apply an event to its order, in the transaction that keeps the event's id; return what was known."""
    row = await connection.fetchrow(_ONE, event.order_id)
    if row is None:
        await connection.execute(_BEGIN, [event.order_id], [event.order_number])
        row = await connection.fetchrow(_ONE, event.order_id)
    before = order_of(row)
    after = projection.after(before, event)
    after = projection.traced(after, spans.trace_id(), event.occurred_at)
    if after != before:
        await connection.execute(_WRITE, *_values(after))
    return before


async def known(connection: Connection, order_ids: list[UUID]) -> dict[UUID, Order]:
    """Return those of the orders that are known."""
    return {row["order_id"]: order_of(row) for row in await connection.fetch(_KNOWN, order_ids)}


async def change(connection: Connection, changes: Mapping[tuple[UUID, str], Change]) -> None:
    """Hold the orders of a transaction, new ones included, and write what changes of them."""
    order_ids = [order_id for order_id, _ in changes]
    await connection.execute(_BEGIN, order_ids, [number for _, number in changes])
    held = {row["order_id"]: order_of(row) for row in await connection.fetch(_HELD, order_ids)}
    after = {order_id: made(held[order_id]) for (order_id, _), made in changes.items()}
    written = [_values(order) for order_id, order in after.items() if order != held[order_id]]
    await connection.executemany(_WRITE, written)


async def of_number(database: Database, number: str) -> tuple[Order, datetime] | None:
    """Return the order of a number, and the moment at which that was so."""
    if not is_plain(number):
        return None
    async with database.connection() as connection:
        row = await connection.fetchrow(_OF_NUMBER, number)
    return (order_of(row), row["as_of"]) if row else None


def order_of(row: Row) -> Order:
    """Return a row as an order."""
    marks = {mark: row[f"{mark}_at"] for mark in Mark if row[f"{mark}_at"] is not None}
    own = {column: row[column] for column in _OWN}
    work_orders = frozenset(row["work_orders"])
    return Order(row["order_id"], row["number"], marks=marks, work_orders=work_orders, **own)


def _values(order: Order) -> list[object]:
    wait = order.wait
    own = [getattr(order, column) for column in _OWN]
    marks = [order.marks.get(mark) for mark in Mark]
    waiting = [wait.hop.name, wait.since] if wait else [None, None]
    attention_since = order.attention and order.attention.since
    derived = [sorted(order.work_orders), order.state, *waiting, order.moved_at, attention_since]
    return [order.order_id, *own, *marks, *derived]
