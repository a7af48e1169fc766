"""Calls are counted once, whoever counts them."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest

from sut.api.calls import Calls
from sut.api.conftest import Story
from sut.api.contracts import Contract
from sut.database import Database, DatabaseUnavailable

OnDatabase = Callable[[Story], None]
KEPT = "SELECT kind, sum(calls)::int FROM partner_calls WHERE partner_id = $1 AND span = $2 GROUP BY kind"


@pytest.mark.parametrize("span", ["minute", "hour"])
def test_processes_add_to_each_others_counts(on_database: OnDatabase, span: str) -> None:
    """Two processes and two flushes of one make one sum; a slow answer is an answer, too."""
    partner, contract = str(uuid4()), Contract(latency_ms=100)

    async def story(database: Database) -> None:
        one, other = Calls(database), Calls(database)
        for calls in (one, other, one):
            for status, took_s in ((200, 0.01), (404, 0.2), (503, 0.01), (None, 9.0), (429, 0.001)):
                calls.note(partner, contract, status, took_s)
            await calls.flush()
        await one.flush()
        async with database.connection() as connection:
            kept = dict(await connection.fetch(KEPT, partner, span))
        assert kept == {"answered": 6, "slow": 3, "failed": 6, "limited": 3}

    on_database(story)


def test_counts_wait_for_a_database_that_is_away(on_database: OnDatabase) -> None:
    """What could not be kept is kept the next time, once."""
    partner, away = str(uuid4()), Database("postgresql://nobody@127.0.0.1:1/none", name="test")
    calls = Calls(away)

    async def story(database: Database) -> None:
        calls.note(partner, Contract(), 503, 0.01)
        with pytest.raises(DatabaseUnavailable):
            await calls.flush()
        calls._database = database
        await calls.flush()
        await calls.flush()
        async with database.connection() as connection:
            assert dict(await connection.fetch(KEPT, partner, "minute")) == {"failed": 1}

    on_database(story)
