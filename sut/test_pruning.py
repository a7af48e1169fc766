"""What is old goes, a bounded number of rows at a time; what is needed stays, however old."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from fixtures.testbed.postgres import NativePostgres
from sut import pruning
from sut.database import Database
from sut.pruning import Aged, Pruning, prune

Story = Callable[[Database], Awaitable[None]]
_SENT, _HANDLED = Aged("outbox", "sent_at", 3600), Aged("inbox", "received_at", 3600)
_FILL_OUTBOX = """
    INSERT INTO outbox (event_id, lane, subject, payload, created_at, sent_at)
    SELECT gen_random_uuid(), 0, 'orders.x', '', now() - age, CASE WHEN is_sent THEN now() - age END
    FROM (VALUES (interval '2 hours', true), ('2 hours', false), ('1 minute', true)) AS rows (age, is_sent)
"""
_FILL_INBOX = """
    INSERT INTO inbox SELECT gen_random_uuid(), now() - $2 * interval '1 hour' FROM generate_series(1, $1)
"""


@pytest.fixture
def tell(own_postgres: NativePostgres) -> Callable[[Story], None]:
    """Run a story on empty tables."""

    async def run(story: Story) -> None:
        database = Database(own_postgres.url("flow"), name="test")
        await database.start()
        try:
            async with database.connection() as connection:
                await connection.execute("TRUNCATE outbox, inbox")
            await story(database)
        finally:
            await database.stop()

    return lambda story: asyncio.run(run(story))


async def count(database: Database, table: str) -> int:
    """Count a table's rows."""
    async with database.connection() as connection:
        return int(await connection.fetchval(f"SELECT count(*) FROM {table}"))  # noqa: S608 - our own words


def test_only_sent_events_of_age_go(tell: Callable[[Story], None]) -> None:
    """An event that was not sent stays, however long the broker has been away."""

    async def story(database: Database) -> None:
        async with database.connection() as connection:
            await connection.execute(_FILL_OUTBOX)

        assert await prune(database, _SENT) == 1
        async with database.connection() as connection:
            left = await connection.fetch("SELECT sent_at IS NULL AS unsent FROM outbox ORDER BY id")
        assert [row["unsent"] for row in left] == [True, False]

    tell(story)


def test_a_look_deletes_a_batch_and_no_more(tell: Callable[[Story], None]) -> None:
    """A backlog of years holds no long lock: it goes batch by batch, several processes side by side."""

    async def story(database: Database) -> None:
        async with database.connection() as connection:
            await connection.execute(_FILL_INBOX, 1500, 2)
            await connection.execute(_FILL_INBOX, 10, 0)

        assert await prune(database, _HANDLED) == pruning.BATCH
        gone = await asyncio.gather(prune(database, _HANDLED), prune(database, _HANDLED))
        assert sum(gone) == 500
        assert await count(database, "inbox") == 10

    tell(story)


def test_pruning_goes_on_until_all_of_age_is_gone(tell: Callable[[Story], None]) -> None:
    """The task looks by itself, and empties a backlog in one go."""

    async def story(database: Database) -> None:
        async with database.connection() as connection:
            await connection.execute(_FILL_INBOX, 2500, 2)
        task = Pruning(database, _SENT, _HANDLED, every_s=1)
        await task.start()
        for _ in range(500):
            await asyncio.sleep(0.02)
            if not await count(database, "inbox"):
                break
        await task.stop()
        assert await count(database, "inbox") == 0

    tell(story)
