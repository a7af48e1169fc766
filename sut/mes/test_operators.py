"""Operators at work at the same time, in a real database."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import TYPE_CHECKING
from uuid import uuid4

import asyncpg
import pytest

from sut.accounts.store import Account
from sut.database import Database
from sut.mes import store
from sut.mes.changes import UnknownOrder
from sut.mes.production import Refused
from sut.states import Command, State

if TYPE_CHECKING:
    from sut.mes.conftest import Factory, Story


def test_of_many_operators_one_takes_the_order(tell: Callable[[Story], None]) -> None:
    """However many press the button at once, one has the order and the others are told."""

    async def story(factory: Factory) -> None:
        await factory.hear("api.submitted", "pricing.quoted", "api.approved")
        operators = [Account(uuid4(), f"{n}@example.com", str(n)) for n in range(8)]

        attempts = [factory.do(Command.TAKE, operator) for operator in operators]
        results = await asyncio.gather(*attempts, return_exceptions=True)

        assert sorted(type(result).__name__ for result in results) == ["NoneType", *["Refused"] * 7]
        assert (await factory.told()).count("mes.taken") == 1
        assert (await factory.order()).taken_by == operators[results.index(None)].id

    tell(story)


def test_only_the_taker_goes_on(tell: Callable[[Story], None]) -> None:
    """Nobody marks another operator's order."""

    async def story(factory: Factory) -> None:
        await factory.hear("api.submitted", "pricing.quoted", "api.approved")
        await factory.do(Command.TAKE)

        with pytest.raises(Refused):
            await factory.do(Command.MAKE, Account(uuid4(), "x@example.com", "Another"))
        assert (await factory.order()).state is State.IN_PRODUCTION

    tell(story)


def test_counters_are_right_after_changes_at_once(tell: Callable[[Story], None]) -> None:
    """The dashboard's counters equal a count, whatever happened at the same time."""

    async def one(kind: type[Factory], database: Database, chance: random.Random) -> None:
        factory = kind(database)
        await factory.hear("api.submitted", "pricing.quoted", "api.approved")
        if chance.random() < 0.3:
            await factory.hear("api.cancellation-requested")
        elif chance.random() < 0.7:
            await factory.do(Command.TAKE)
            await factory.do(Command.MAKE)

    async def story(factory: Factory) -> None:
        chance = random.Random(1)
        await asyncio.gather(*(one(type(factory), factory.database, chance) for _ in range(60)))

        async with factory.database.connection() as connection:
            assert {state: n for state, n in (await store.counts(connection)).items() if n} == await _counted(
                connection
            )

    tell(story)


async def _counted(connection: asyncpg.Connection) -> dict[State, int]:
    rows = await connection.fetch("SELECT state, count(*) AS orders FROM work_orders GROUP BY state")
    return {State(row["state"]): row["orders"] for row in rows}


def test_unknown_number_is_told_apart(tell: Callable[[Story], None]) -> None:
    """A mistyped number is no order, not a failure."""

    async def story(factory: Factory) -> None:
        with pytest.raises(UnknownOrder):
            await factory.do(Command.TAKE)
        async with factory.database.connection() as connection:
            assert await store.of_number(connection, "nope") is None
            assert await store.history(connection, 0) == []

    tell(story)
