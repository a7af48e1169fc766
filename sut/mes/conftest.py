"""A factory with one order on its way."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import uuid4

import pytest

from fixtures.testbed.postgres import NativePostgres
from sut import events
from sut.accounts.store import SCHEMA as ACCOUNTS
from sut.accounts.store import Account
from sut.database import Database
from sut.events import Event
from sut.mes import dead_letter_store, notices, production, store
from sut.mes.handlers import HANDLERS
from sut.mes.store import WorkOrder
from sut.states import Command
from sut.telemetry.conftest import recorded

_PRICE = {"unit": "7.00", "total": "12.00", "discount_share": "0", "setup": "5.00", "currency": "EUR"}
_MODEL = {"model_id": "m", "material": "PLA", "quantity": 1}
_DATA: Mapping[str, Mapping[str, Any]] = {
    "api.submitted": {"channel": "shop", "customer": "ada", "reference": None, **_MODEL},
    "api.approved": {"price": _PRICE},
    "pricing.quoted": {"price": _PRICE, "analysis": {}},
    "pricing.unprintable": {"code": "larger-than-build-box", "detail": "It does not fit."},
    "pricing.failed": {
        "stage": "geometry",
        "tries": 4,
        "code": "model-missing",
        "detail": "Gone.",
        "model_id": "m",
    },
}


class Factory:
    """The MES's database with one order going through it."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.order_id = uuid4()
        self.number = f"{self.order_id.hex[:4]}-{self.order_id.hex[4:8]}".upper()
        self.operator = Account(uuid4(), "olga@example.com", "Olga")

    def event(self, type_: str) -> Event:
        """Make an event of the order."""
        return events.new(type_, self.order_id, self.number, **_DATA.get(type_, {}))

    async def hear(self, *types: str) -> None:
        """Handle events of the order, each in a transaction of its own as the consumer does."""
        for type_ in types:
            async with self.database.transaction() as connection:
                await HANDLERS[type_](connection, self.event(type_))

    async def do(self, command: Command, operator: Account | None = None) -> None:
        """Do a step of production."""
        await production.do(self.database, self.number, command, operator or self.operator)

    async def order(self) -> WorkOrder:
        """Return the order as it is."""
        async with self.database.connection() as connection:
            found = await store.of_number(connection, self.number)
        assert found
        return found

    async def told(self) -> list[str]:
        """Return the types of the events that the MES told of the order, in their order."""
        async with self.database.connection() as connection:
            payloads = [events.from_json(row[0]) for row in await connection.fetch(_TOLD)]
        return [event.type for event in payloads if event.order_id == self.order_id]


__all__ = ["recorded"]
Story = Callable[[Factory], Awaitable[None]]
_TOLD = "SELECT payload FROM outbox WHERE subject LIKE 'orders.mes.%' ORDER BY id"


@pytest.fixture(scope="session")
def mes_database_url(own_postgres: NativePostgres) -> str:
    """The address of an empty database that ends with the tests."""
    return own_postgres.url("mes")


@pytest.fixture
def tell(mes_database_url: str) -> Callable[[Story], None]:
    """Run a story in a factory."""

    async def run(story: Story) -> None:
        database = Database(
            mes_database_url, ACCOUNTS, store.SCHEMA, notices.SCHEMA, dead_letter_store.SCHEMA, name="test"
        )
        await database.start()
        try:
            await asyncio.gather(*(_occupy(database) for _ in range(8)))
            await story(Factory(database))
        finally:
            await database.stop()

    return lambda story: asyncio.run(run(story))


async def _occupy(database: Database) -> None:
    """Have the pool open a connection, so that what a story does at once really meets."""
    async with database.connection() as connection:
        await connection.execute("SELECT pg_sleep(0.1)")
