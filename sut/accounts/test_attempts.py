"""Failed sign-ins shut a door for a while: a person's, an account's, an address's, in every process."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from fixtures.testbed.postgres import NativePostgres
from sut.accounts.attempts import ALLOWED_ACCOUNT, ALLOWED_ADDRESS, ALLOWED_PAIR, WINDOW_S, SignInAttempts
from sut.accounts.store import SCHEMA
from sut.database import Database

ADA, BOB = "ada@example.com", "bob@example.com"
HERE, THERE = "192.0.2.1", "192.0.2.2"


class Door:
    """A service's door with nobody's failures, whose time passes as it is told."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.attempts = SignInAttempts(database)

    async def fail(self, times: int, email: str = ADA, address: str = HERE) -> None:
        """Fail so many times."""
        for _ in range(times):
            await self.attempts.failed(email, address)

    async def wait_s(self, email: str = ADA, address: str = HERE) -> int:
        """How long somebody has to wait."""
        return await self.attempts.wait_s(email, address)

    async def pass_s(self, seconds: float) -> None:
        """Let time pass."""
        earlier = "UPDATE failed_sign_ins SET failed_at = failed_at - make_interval(secs => $1)"
        async with self.database.connection() as connection:
            await connection.execute(earlier, seconds)

    async def kept(self) -> int:
        """How many failures are kept."""
        async with self.database.connection() as connection:
            return int(await connection.fetchval("SELECT count(*) FROM failed_sign_ins"))


Story = Callable[[Door], Awaitable[None]]


@pytest.fixture
def tell(own_postgres: NativePostgres) -> Callable[[Story], None]:
    """Run a story at a door where nobody has failed yet."""

    async def run(story: Story) -> None:
        database = Database(own_postgres.url("shop"), SCHEMA, name="test")
        await database.start()
        try:
            async with database.connection() as connection:
                await connection.execute("TRUNCATE failed_sign_ins")
            await story(Door(database))
        finally:
            await database.stop()

    return lambda story: asyncio.run(run(story))


def test_one_failure_too_few_leaves_the_door_open(tell: Callable[[Story], None]) -> None:
    """Mistyping a password now and then has no consequence."""

    async def story(door: Door) -> None:
        await door.fail(ALLOWED_PAIR - 1)

        assert await door.wait_s() == 0

    tell(story)


def test_too_many_failures_shut_the_door_for_a_minute_at_most(tell: Callable[[Story], None]) -> None:
    """After ten failures nobody is heard until the first of them is a minute old."""

    async def story(door: Door) -> None:
        await door.fail(ALLOWED_PAIR)
        wait_s = await door.wait_s()
        await door.pass_s(wait_s)

        assert 0 < wait_s <= WINDOW_S
        assert await door.wait_s() == 0

    tell(story)


def test_processes_count_together(tell: Callable[[Story], None]) -> None:
    """Whoever is refused by one process of a service is refused by all."""

    async def story(door: Door) -> None:
        await door.fail(ALLOWED_PAIR // 2)
        another = Door(door.database)
        await another.fail(ALLOWED_PAIR - ALLOWED_PAIR // 2)

        assert await door.wait_s() > 0
        assert await another.wait_s() > 0

    tell(story)


def test_failures_at_one_account_shut_neither_another_nor_another_place(
    tell: Callable[[Story], None],
) -> None:
    """Who attacks one account locks out neither others nor its owner elsewhere."""

    async def story(door: Door) -> None:
        await door.fail(ALLOWED_PAIR)

        assert await door.wait_s(email=BOB) == await door.wait_s(address=THERE) == 0

    tell(story)


def test_guesses_from_many_addresses_shut_the_account(tell: Callable[[Story], None]) -> None:
    """Spreading guesses over many addresses does not make them unlimited."""

    async def story(door: Door) -> None:
        for number in range(ALLOWED_ACCOUNT):
            await door.fail(1, address=f"192.0.2.{number}")

        assert await door.wait_s(address="198.51.100.1") > 0
        assert await door.wait_s(email=BOB, address="198.51.100.1") == 0

    tell(story)


def test_guesses_at_many_accounts_shut_the_address(tell: Callable[[Story], None]) -> None:
    """Trying one password on everybody ends after thirty people."""

    async def story(door: Door) -> None:
        for number in range(ALLOWED_ADDRESS):
            await door.fail(1, email=f"{number}@example.com")

        assert await door.wait_s() > 0
        assert await door.wait_s(address=THERE) == 0

    tell(story)


def test_success_forgets_what_was_mistyped_here_alone(tell: Callable[[Story], None]) -> None:
    """Signing in starts the person's count anew, and no attacker's."""

    async def story(door: Door) -> None:
        await door.fail(ALLOWED_PAIR - 1)
        await door.fail(ALLOWED_PAIR, address=THERE)
        await door.attempts.succeeded(ADA, HERE)
        await door.fail(1)

        assert await door.wait_s() == 0
        assert await door.wait_s(address=THERE) > 0

    tell(story)


def test_no_failure_is_kept_for_longer_than_it_counts(tell: Callable[[Story], None]) -> None:
    """However many made-up people fail, a minute later they are gone."""

    async def story(door: Door) -> None:
        for number in range(20):
            await door.fail(1, email=f"{number}@example.com")
        await door.pass_s(WINDOW_S + 1)
        await door.fail(1)

        assert await door.kept() == 3

    tell(story)
