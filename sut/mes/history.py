"""Fill the MES with a past: `python -m sut.mes.history --orders 20000`, with DATABASE_URL set."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import asyncpg

from sut.accounts.store import SCHEMA as ACCOUNTS
from sut.database import Database, DatabaseUnavailable
from sut.mes.bulk import without_indexes
from sut.settings import EXIT_CONFIG

_SCHEMA = Path(__file__).with_name("schema.sql")
_PAST = Path(__file__).with_name("history.sql").read_text()
_MOST = 5_000_000
_WITHIN_S = 600
# From so many on it is quicker to make the indexes anew; it locks the tables, which a short filling need not.
_MANY = 100_000

# The lock keeps others from taking an id of ours between the two calls.
_LOCK_IDS = "ALTER SEQUENCE work_order_ids NO CYCLE"
_TAKE_IDS = "SELECT setval('work_order_ids', nextval('work_order_ids') + $1 - 1) - $1 + 1"
_ORDERS = f"""
    INSERT INTO work_orders (id, state, order_id, order_number, channel, customer, material, quantity,
                             price_total, currency, reason, created_at, updated_at)
    SELECT id, state, order_id, order_number, channel, customer, material, quantity,
           price_total, currency, reason, created_at, updated_at
    FROM ({_PAST}) AS past
"""  # noqa: S608  # the past is a file of ours
_COUNTS = """
    INSERT INTO state_counts
    SELECT id % 16, state, count(*) FROM work_orders WHERE id >= $1 AND id < $1 + $2 GROUP BY 1, 2
    ON CONFLICT (slot, state) DO UPDATE SET orders = state_counts.orders + excluded.orders
"""
_KEYS = f"""
    INSERT INTO work_order_keys (order_id, order_number, id)
    SELECT order_id, order_number, id FROM ({_PAST}) AS past
"""  # noqa: S608
_NOTES = f"""
    INSERT INTO work_order_history (work_order_id, type, state, actor, occurred_at, noted_at)
    SELECT id, 'mes.imported', state, 'history', updated_at, $3 FROM ({_PAST}) AS past
"""  # noqa: S608
_LOOK_AT_SAMPLES = """
    SET default_statistics_target = 10;
    ANALYZE work_orders, work_order_keys, work_order_history;
    RESET default_statistics_target
"""


async def fill(database_url: str, orders: int) -> None:
    """Add so many finished orders of the past year, all or none; live orders are left alone.

    Raises:
        DatabaseUnavailable: there is no database at the address.
    """
    database = Database(database_url, ACCOUNTS, _SCHEMA, name="mes-history", max_connections=2)
    await database.start()
    try:
        async with database.transaction() as connection:
            await connection.execute(_LOCK_IDS)
            first = await connection.fetchval(_TAKE_IDS, orders)
        past = (first, orders, datetime.now(UTC))
        async with database.transaction() as one, database.transaction() as other:
            if orders < _MANY:
                await _insert(one, (_ORDERS, _KEYS, _NOTES), past)
            else:
                await asyncio.gather(_orders_in_bulk(one, past), _keys_in_bulk(other, past))
        async with database.connection() as connection:
            await connection.execute(_LOOK_AT_SAMPLES, timeout=_WITHIN_S)
    finally:
        await database.stop()


async def _orders_in_bulk(connection: asyncpg.Connection, past: tuple[object, ...]) -> None:
    """Insert the orders with their triggers off, and keep the counters by hand."""
    await connection.execute("ALTER TABLE work_orders DISABLE TRIGGER USER")
    async with without_indexes(connection, "work_orders"):
        await _insert(connection, (_ORDERS,), past)
        await connection.execute(_COUNTS, *past[:2], timeout=_WITHIN_S)
    await connection.execute("ALTER TABLE work_orders ENABLE TRIGGER USER")
    await connection.execute("SELECT pg_notify('mes_work_orders', '')")


async def _keys_in_bulk(connection: asyncpg.Connection, past: tuple[object, ...]) -> None:
    for table, statement in (("work_order_keys", _KEYS), ("work_order_history", _NOTES)):
        async with without_indexes(connection, table):
            await _insert(connection, (statement,), past)


async def _insert(
    connection: asyncpg.Connection, statements: Sequence[str], past: tuple[object, ...]
) -> None:
    for statement in statements:
        await connection.execute(statement, *past, timeout=_WITHIN_S)


def main(arguments: list[str] | None = None) -> int:
    """Read the command line, fill, and say how long it took."""
    parser = argparse.ArgumentParser(prog="python -m sut.mes.history", description=__doc__)
    parser.add_argument("--orders", type=_orders, required=True, metavar="N", help=f"how many, 1 to {_MOST}")
    orders = parser.parse_args(arguments).orders
    database_url = os.environ.get("DATABASE_URL")
    if not database_url:
        print("DATABASE_URL is missing", file=sys.stderr)
        return EXIT_CONFIG
    began = time.perf_counter()
    try:
        asyncio.run(fill(database_url, orders))
    except DatabaseUnavailable as error:
        print(f"the database cannot be reached: {error}", file=sys.stderr)
        return 1
    print(f"{orders} orders in {time.perf_counter() - began:.2f} s")
    return 0


def _orders(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= _MOST):
        raise argparse.ArgumentTypeError(f"must be a whole number from 1 to {_MOST}, not {text!r}")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
