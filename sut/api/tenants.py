"""Who calls: the shop or a partner, known by an API key of which only a hash is kept."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyHeader

from sut import events, tasks
from sut.api import contracts
from sut.api.contracts import Contract
from sut.database import Connection, Database, Row
from sut.live import Live
from sut.problems import Problem

_CACHE_S = 5.0
_CACHE_MOST = 10_000
_FIND = """
    SELECT id AS key_id, extract(epoch FROM ends_at - now())::float AS ends_in_s, contract.*
    FROM partner_key JOIN contract USING (partner_id)
    WHERE sha256 = $1 AND (ends_at IS NULL OR ends_at > now())
"""
_EXISTS = "SELECT true FROM partner WHERE id = $1"
_TELL = "SELECT pg_notify($1, '')"

#: Where a changed contract or key is told of, so that every process forgets what it remembered.
CHANNEL = "tenants"
TENANT = "assay.tenant"
_ADD = "INSERT INTO partner (id, name, created_at) VALUES ($1, $2, $3)"
_ADD_KEY = """
    INSERT INTO partner_key (id, partner_id, sha256, created_at) VALUES ($1, $2, $3, $4) RETURNING *
"""


@dataclass(frozen=True)
class Tenant:
    """The owner of models and orders: the shop as a whole, or one partner with its contract and key."""

    id: str
    channel: str
    contract: Contract | None = None
    key_id: UUID | None = None


SHOP = Tenant("shop", "shop")


class Tenants:
    """Finds tenants by key; a found one is remembered for some seconds, so that a request costs no query."""

    def __init__(self, database: Database, shop_key: str) -> None:
        self._database = database
        self._shop_sha256 = _sha256(shop_key)
        self._known: dict[bytes, tuple[Tenant, float]] = {}
        self._forgotten = 0

    async def by_key(self, key: str) -> Tenant | None:
        """Return whose key this is, if anyone's.

        Raises:
            DatabaseUnavailable: nobody can tell now.
        """
        digest = _sha256(key)
        if hmac.compare_digest(digest, self._shop_sha256):
            return SHOP
        tenant, until = self._known.get(digest, (None, 0.0))
        if tenant and time.monotonic() < until:
            return tenant
        return await self._look_up(digest)

    def last_known(self, key: str) -> Tenant | None:
        """Return whose key this was when it was last looked up: enough to count a call, not to answer one."""
        return self._known.get(_sha256(key), (None, 0.0))[0]

    def forget(self) -> None:
        """Look everybody up again, because something has changed."""
        self._forgotten += 1
        self._known = {digest: (tenant, 0.0) for digest, (tenant, _) in self._known.items()}

    async def add_partner(self, name: str, contract: Contract) -> tuple[UUID, str]:
        """Add a partner; return its id and its key, which is shown this once."""
        partner_id = uuid4()
        async with self._database.transaction() as connection:
            await connection.execute(_ADD, partner_id, name, events.now())
            await contracts.put(connection, partner_id, contract)
            _, key = await add_key(connection, partner_id)
        return partner_id, key

    async def change_contract(self, partner_id: UUID, contract: Contract) -> bool:
        """Give a partner another contract, from the next call on; False when there is no such partner."""
        async with self._database.transaction() as connection:
            if not await connection.fetchval(_EXISTS, partner_id):
                return False
            await contracts.put(connection, partner_id, contract)
            await tell(connection)
        self.forget()
        return True

    async def _look_up(self, digest: bytes) -> Tenant | None:
        forgotten = self._forgotten
        async with self._database.connection() as connection:
            row = await connection.fetchrow(_FIND, digest)
        if row is None:
            self._known.pop(digest, None)
            return None
        tenant = Tenant(str(row["partner_id"]), "partner", contracts.of_row(row), row["key_id"])
        if len(self._known) >= _CACHE_MOST:
            self._known.clear()
        if forgotten == self._forgotten:  # else it may have changed while we looked
            self._known[digest] = (tenant, time.monotonic() + min(_CACHE_S, row["ends_in_s"] or _CACHE_S))
        return tenant


async def add_key(connection: Connection, partner_id: UUID) -> tuple[Row, str]:
    """Give a partner one more key; return its row and the key, of which only a hash is kept."""
    key = secrets.token_urlsafe(32)
    row = await connection.fetchrow(_ADD_KEY, uuid4(), partner_id, _sha256(key), events.now())
    return row, key


async def tell(connection: Connection) -> None:
    """Have every process forget what it remembered, once this transaction is committed."""
    await connection.execute(_TELL, CHANNEL)


class Changes:
    """Has a process forget what it remembered as soon as another has changed it."""

    def __init__(self, tenants: Tenants, live: Live) -> None:
        self._tenants = tenants
        self._live = live
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to listen."""
        await self._live.start()
        self._task = asyncio.create_task(self._follow(), name="tenants-changed")

    async def stop(self) -> None:
        """Stop."""
        await self._live.stop()
        await tasks.end([self._task])

    async def _follow(self) -> None:
        async for is_news in self._live.wake_ups():
            if is_news:
                self._tenants.forget()


def _sha256(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).digest()


_key_header = APIKeyHeader(
    name="X-API-Key", scheme_name="ApiKey", auto_error=False, description="The key you were given."
)


async def _caller(request: Request, key: Annotated[str | None, Security(_key_header)]) -> Tenant:
    tenant: Tenant | None = request.scope.get(TENANT) if key else None
    if tenant is None:
        raise Problem(
            401,
            "The X-API-Key header is missing or holds no key that we know.",
            headers={"WWW-Authenticate": "ApiKey"},
        )
    return tenant


Caller = Annotated[Tenant, Depends(_caller)]
