"""Who follows what is committed misses nothing of it, however soon one commit comes after another."""

from __future__ import annotations

import asyncio

import asyncpg

from fixtures.testbed.postgres import NativePostgres
from sut.live import Live

WOKEN_WITHIN_S = 10.0
AT_ONCE = 5


def test_each_commit_wakes_who_has_dealt_with_the_one_before(own_postgres: NativePostgres) -> None:
    """Whoever has just looked is told again: what is committed now was not there when they looked."""
    url = own_postgres.url("mes")

    async def story() -> None:
        live, connection = Live(url, "news"), await asyncpg.connect(url)
        await live.start()
        try:
            with live.following() as woken:
                await asyncio.wait_for(woken.wait(), WOKEN_WITHIN_S)  # it listens
                for _ in range(AT_ONCE):
                    woken.clear()
                    await connection.execute("NOTIFY news")
                    await asyncio.wait_for(woken.wait(), WOKEN_WITHIN_S)
        finally:
            await live.stop()
            await connection.close()

    asyncio.run(story())
