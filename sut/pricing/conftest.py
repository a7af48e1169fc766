"""A pricing database with nothing in it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from uuid import uuid4

import pytest

from fixtures.testbed.postgres import NativePostgres
from sut import events
from sut.database import Connection, Database
from sut.events import Event
from sut.pricing import work
from sut.pricing.app import SCHEMA
from sut.pricing.stages import Finding
from sut.pricing.work import Trouble

CUBE: dict[str, Finding] = {
    "geometry": {
        "volume_cm3": "8.000",
        "surface_cm2": "24.00",
        "bounding_box_mm": ["20.000", "20.000", "20.000"],
    },
    "slicing": {"layers": 100},
    "supports": {"support_cm2": "0.00"},
}


class Queue:
    """The queue of stages, with one order in it."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.asked = self.request()

    def request(self) -> Event:
        """Make an MES's request for the order's price, each with an id of its own."""
        order_id = getattr(self, "asked", None) and self.asked.order_id
        wish = {"model_id": "m", "material": "PLA", "quantity": 10}
        return events.new("mes.pricing-requested", order_id or uuid4(), "K7F3-0192", **wish)

    async def ask(self, *, is_large: bool = False) -> None:
        """Ask for the order's price."""
        async with self.database.transaction() as connection:
            await work.ask(connection, self.request(), is_large=is_large)

    async def do(self, outcome_of: Callable[[str], Finding | Trouble]) -> str | None:
        """Take a stage and settle it; return its name."""
        async with self.database.transaction() as connection:
            job = await work.take(connection, large_too=True)
            if job is None:
                return None
            await work.settle(connection, job, outcome_of(job.stage))
            return job.stage

    async def hurry(self) -> None:
        """Let no time pass before the next try."""
        async with self.database.transaction() as connection:
            await connection.execute("UPDATE stages SET due_at = now() WHERE due_at IS NOT NULL")

    async def told(self) -> list[str]:
        """Return the types of the events that were told of the order."""
        async with self.database.connection() as connection:
            rows = await connection.fetch("SELECT payload FROM outbox ORDER BY id")
        found = [events.from_json(row["payload"]) for row in rows]
        return [event.type for event in found if event.order_id == self.asked.order_id]


Story = Callable[[Queue], Awaitable[None]]


@pytest.fixture
def tell(own_postgres: NativePostgres) -> Callable[[Story], None]:
    """Run a story with an empty queue."""

    async def run(story: Story) -> None:
        database = Database(own_postgres.url("pricing"), SCHEMA, name="test")
        await database.start()
        try:
            async with database.transaction() as connection:
                await connection.execute("TRUNCATE requests, stages, quotes")
            await story(Queue(database))
        finally:
            await database.stop()

    return lambda story: asyncio.run(run(story))


async def taken(connection: Connection) -> str:
    """Take a stage of which there is one."""
    job = await work.take(connection, large_too=True)
    assert job
    return job.stage
