"""A partner's rate, shared by processes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from uuid import uuid4

import pytest

from sut.api import contracts
from sut.api.conftest import Story
from sut.api.contracts import Contract
from sut.api.limits import Limits
from sut.database import Database

OnDatabase = Callable[[Story], None]


@pytest.mark.parametrize("quota", [1, 7, 100, 1000])
def test_processes_hand_out_the_quota_together(on_database: OnDatabase, quota: int) -> None:
    """Calls that come at once to three processes are allowed as often as the contract says, never more."""
    contract, partner = Contract(quota=quota, window_s=86_400), str(uuid4())

    async def story(database: Database) -> None:
        processes = [Limits(database) for _ in range(3)]
        calls = [limits.take(partner, contract) for limits in processes * quota]
        granted = [allowance.granted for allowance in await asyncio.gather(*calls)]
        assert sum(granted) == quota
        assert len(granted) == 3 * quota

    on_database(story)


def test_what_is_left_counts_down_and_the_refusal_says_how_long(on_database: OnDatabase) -> None:
    """Each answer says one less; at the end one call comes back after its share of the window."""
    contract, partner = Contract(quota=3, window_s=300), str(uuid4())

    async def story(database: Database) -> None:
        limits = Limits(database)
        taken = [await limits.take(partner, contract) for _ in range(5)]
        assert [allowance.remaining for allowance in taken] == [2, 1, 0, 0, 0]
        assert [allowance.granted for allowance in taken] == [True] * 3 + [False] * 2
        assert taken[-1].retry_in_s == pytest.approx(100, abs=5)
        assert taken[-1].full_in_s == pytest.approx(300, abs=5)
        assert taken[0].told == '"contract";r=2;t=100'

    on_database(story)


def test_the_bucket_fills_again(on_database: OnDatabase) -> None:
    """A rate of one call in some milliseconds is soon there again, up to the quota."""
    contract, partner = Contract(quota=100, window_s=1), str(uuid4())

    async def story(database: Database) -> None:
        limits = Limits(database)
        while (allowance := await limits.take(partner, contract)).granted:
            pass
        await asyncio.sleep(allowance.retry_in_s + 0.005)
        assert (await limits.take(partner, contract)).granted

    on_database(story)


def test_a_new_contract_begins_with_a_full_bucket(on_database: OnDatabase) -> None:
    """What was owed under the old rate is forgotten, or a wider rate would begin with a long wait."""
    narrow, wide, partner = Contract(quota=1, window_s=86_400), Contract(), uuid4()

    async def story(database: Database) -> None:
        limits = Limits(database)
        async with database.transaction() as connection:
            await connection.execute(
                "INSERT INTO partner (id, name, created_at) VALUES ($1, 'x', now())", partner
            )
        assert [(await limits.take(str(partner), narrow)).granted for _ in range(2)] == [True, False]
        async with database.transaction() as connection:
            await contracts.put(connection, partner, wide)
        assert (await limits.take(str(partner), wide)).granted

    on_database(story)
