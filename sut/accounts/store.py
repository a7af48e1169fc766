"""Accounts and who is signed in, in the service's database."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import asyncpg

from sut.accounts.attempts import SignInAttempts
from sut.accounts.passwords import AT_ONCE, Passwords
from sut.accounts.roles import Role
from sut.database import Database, Row
from sut.settings import PASSWORD_MEMORY_KIB

SCHEMA = Path(__file__).with_name("accounts.sql")
STAYS_SIGNED_IN = timedelta(hours=12)

_CREATE = """
    INSERT INTO accounts (email, name, password_hash, role) VALUES ($1, $2, $3, $4)
    RETURNING id, email, name, role
"""
_BY_EMAIL = "SELECT id, email, name, role, password_hash FROM accounts WHERE email = $1"
_OPEN = "INSERT INTO sign_ins (account_id, expires_at) VALUES ($1, now() + $2) RETURNING id"
_PRUNE = "DELETE FROM sign_ins WHERE account_id = $1 AND expires_at < now()"
_CLOSE = "DELETE FROM sign_ins WHERE id = $1"
_WHOSE = """
    SELECT accounts.id, email, name, role FROM sign_ins JOIN accounts ON accounts.id = account_id
    WHERE sign_ins.id = $1 AND expires_at > now()
"""


class Account(NamedTuple):
    """Somebody who may sign in."""

    id: UUID
    email: str
    name: str
    role: Role = Role.SHOPPER


class EmailTaken(Exception):  # noqa: N818 - named for what happened, not for being an error
    """There is an account with this e-mail already."""


class WrongPassword(Exception):  # noqa: N818 - named for what happened, not for being an error
    """No account has this e-mail, or its password is another."""


class TooManyAttempts(Exception):  # noqa: N818 - named for what happened, not for being an error
    """The account's door is shut for `wait_s` seconds."""

    def __init__(self, wait_s: int) -> None:
        super().__init__(f"shut for {wait_s} s")
        self.wait_s = wait_s


class Accounts:
    """The accounts of one service; `role` is that of those whom it serves and creates.

    `on_sign_in` is called each time that somebody has signed in.
    """

    def __init__(
        self,
        database: Database,
        role: Role = Role.SHOPPER,
        *,
        password_memory_kib: int = PASSWORD_MEMORY_KIB,
        on_sign_in: Callable[[], None] = lambda: None,
    ) -> None:
        self._database = database
        self.role = role
        self._on_sign_in = on_sign_in
        self._passwords = Passwords(password_memory_kib)
        self._attempts = SignInAttempts(database)
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def start(self) -> None:
        """Begin; nothing is needed."""

    async def stop(self) -> None:
        """Let the password threads end."""
        self._passwords.stop()

    async def sign_up(self, email: str, name: str, password: str, address: str) -> Account:
        """Make an account for a stranger; to learn that an e-mail has one already counts as an attempt at it.

        Raises:
            TooManyAttempts: this address has made too many.
            EmailTaken: the e-mail has an account already.
        """
        await self._refuse_too_many(email.lower(), address)
        try:
            return await self.create(email, name, password)
        except EmailTaken:
            await self._attempts.failed(email.lower(), address)
            raise

    async def create(self, email: str, name: str, password: str) -> Account:
        """Make an account.

        Raises:
            EmailTaken: the e-mail has one already.
        """
        hashed = await self._passwords.hash(password)
        try:
            async with self._database.transaction() as connection:
                row = await connection.fetchrow(_CREATE, email.lower(), name, hashed, self.role)
        except asyncpg.UniqueViolationError:
            raise EmailTaken(email) from None
        return _account(row)

    async def check(self, email: str, password: str, address: str) -> Account:
        """Return the account that a password opens.

        Raises:
            TooManyAttempts: even the right password is not heard now.
            WrongPassword: it opens none.
        """
        email = email.lower()
        await self._refuse_too_many(email, address)
        async with self._database.connection() as connection:
            row = await connection.fetchrow(_BY_EMAIL, email)
        async with self._turns:
            # Again: others may have failed while this one waited for its turn.
            await self._refuse_too_many(email, address)
            if not await self._passwords.matches(row and row["password_hash"], password):
                await self._attempts.failed(email, address)
                raise WrongPassword(email)
        await self._attempts.succeeded(email, address)
        return _account(row)

    async def _refuse_too_many(self, email: str, address: str) -> None:
        if wait_s := await self._attempts.wait_s(email, address):
            raise TooManyAttempts(wait_s)

    async def open_sign_in(self, account: Account) -> str:
        """Return the ticket that a signed-in browser carries."""
        async with self._database.transaction() as connection:
            await connection.execute(_PRUNE, account.id)
            ticket = await connection.fetchval(_OPEN, account.id, STAYS_SIGNED_IN)
        self._on_sign_in()
        return str(ticket)

    async def close_sign_in(self, ticket: str) -> None:
        """Make a ticket worth nothing."""
        async with self._database.transaction() as connection:
            await connection.execute(_CLOSE, UUID(ticket))

    async def whose(self, ticket: str) -> Account | None:
        """Return the account that a ticket stands for, if it still does."""
        async with self._database.connection() as connection:
            row = await connection.fetchrow(_WHOSE, UUID(ticket))
        return _account(row) if row else None


def _account(row: Row) -> Account:
    return Account(row["id"], row["email"], row["name"], Role(row["role"]))
