"""A process that starts beside others of its service keeps out of their transactions."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from fixtures.testbed.postgres import NativePostgres
from sut.database import Connection, Database

Story = Callable[[], Awaitable[None]]
_HANDLED = "INSERT INTO inbox (event_id) VALUES (gen_random_uuid())"


@pytest.fixture
def url(own_postgres: NativePostgres) -> str:
    """An empty service's database."""
    return own_postgres.url("flow")


@asynccontextmanager
async def started(url: str, *schemas: Path) -> AsyncIterator[Database]:
    """A service's connections, which may not be there yet."""
    database = Database(url, *schemas, name="test")
    await database.start()
    try:
        yield database
    finally:
        await database.stop()


@asynccontextmanager
async def a_writer(database: Database) -> AsyncIterator[Connection]:
    """A transaction that has written and is still open."""
    async with database.transaction() as connection:
        await connection.execute(_HANDLED)
        yield connection


def test_one_more_process_does_not_wait_for_writers(url: str) -> None:
    """Its schema is there already, so its start asks for no lock that a writer's transaction holds."""

    async def story() -> None:
        async with started(url) as first, a_writer(first), started(url) as second:
            assert await second.ping()

    asyncio.run(story())


def test_a_new_schema_waits_for_writers_and_is_applied_after_them(url: str, tmp_path: Path) -> None:
    """The upgrade gives up its turn and tries again; the writer is never undone."""
    newer = tmp_path / "newer.sql"
    newer.write_text("ALTER TABLE inbox ADD COLUMN IF NOT EXISTS note text;")

    async def story() -> None:
        async with started(url) as first:
            async with a_writer(first) as writer, started(url, newer) as upgrade:
                assert not await upgrade.ping()
                await writer.execute(_HANDLED)
            async with started(url, newer) as upgrade, upgrade.transaction() as connection:
                await connection.execute("UPDATE inbox SET note = 'upgraded'")

    asyncio.run(story())
