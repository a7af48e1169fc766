"""The database of `api`, for tests that need no running service."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from fixtures.testbed.postgres import NativePostgres
from sut.database import Database

Story = Callable[[Database], Awaitable[None]]
SCHEMA = Path(__file__).with_name("schema.sql")


@pytest.fixture
def on_database(own_postgres: NativePostgres) -> Callable[[Story], None]:
    """Run a story on a database with the service's schema."""

    async def run(story: Story) -> None:
        database = Database(own_postgres.url("api"), SCHEMA, name="test")
        await database.start()
        try:
            await story(database)
        finally:
            await database.stop()

    return lambda story: asyncio.run(run(story))
