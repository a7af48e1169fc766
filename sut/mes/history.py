"""Fill the MES with a past: `python -m sut.mes.history --orders 20000`, with DATABASE_URL set."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import time
from pathlib import Path

from sut.accounts.store import SCHEMA as ACCOUNTS
from sut.database import Database, DatabaseUnavailable
from sut.settings import EXIT_CONFIG

_SCHEMA = Path(__file__).with_name("schema.sql")
_FILL = Path(__file__).with_name("history.sql")
_MOST = 5_000_000


async def fill(database_url: str, orders: int) -> None:
    """Add so many finished orders of the past year; live orders and earlier fillings are left alone.

    Raises:
        DatabaseUnavailable: there is no database at the address.
    """
    database = Database(database_url, ACCOUNTS, _SCHEMA, name="mes-history", max_connections=1)
    await database.start()
    try:
        async with database.transaction() as connection:
            await connection.execute(_FILL.read_text(), orders, timeout=600)
    finally:
        await database.stop()


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
