"""Who calls: the shop or a partner, known by an API key of which only a hash is kept."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyHeader

from sut import events
from sut.database import Database
from sut.problems import Problem

_CACHE_S = 5.0
_CACHE_MOST = 10_000
_FIND = "SELECT id FROM partner WHERE key_sha256 = $1"
_ADD = "INSERT INTO partner (id, name, key_sha256, created_at) VALUES ($1, $2, $3, $4)"


@dataclass(frozen=True)
class Tenant:
    """The owner of models and orders: the shop as a whole, or one partner."""

    id: str
    channel: str


SHOP = Tenant("shop", "shop")


class Tenants:
    """Finds tenants by key; a found one is remembered for some seconds, so that a request costs no query."""

    def __init__(self, database: Database, shop_key: str) -> None:
        self._database = database
        self._shop_sha256 = _sha256(shop_key)
        self._known: dict[bytes, tuple[Tenant, float]] = {}

    async def by_key(self, key: str) -> Tenant | None:
        """Return whose key this is, if anyone's."""
        digest = _sha256(key)
        if hmac.compare_digest(digest, self._shop_sha256):
            return SHOP
        tenant, until = self._known.get(digest, (None, 0.0))
        if tenant and time.monotonic() < until:
            return tenant
        return await self._look_up(digest)

    async def add_partner(self, name: str) -> tuple[UUID, str]:
        """Add a partner; return its id and its key, which is shown this once."""
        partner_id, key = uuid4(), secrets.token_urlsafe(32)
        async with self._database.connection() as connection:
            await connection.execute(_ADD, partner_id, name, _sha256(key), events.now())
        return partner_id, key

    async def _look_up(self, digest: bytes) -> Tenant | None:
        async with self._database.connection() as connection:
            partner_id = await connection.fetchval(_FIND, digest)
        if partner_id is None:
            return None
        tenant = Tenant(str(partner_id), "partner")
        if len(self._known) >= _CACHE_MOST:
            self._known.clear()
        self._known[digest] = (tenant, time.monotonic() + _CACHE_S)
        return tenant


def _sha256(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).digest()


_key_header = APIKeyHeader(
    name="X-API-Key", scheme_name="ApiKey", auto_error=False, description="The key you were given."
)


async def _caller(request: Request, key: Annotated[str | None, Security(_key_header)]) -> Tenant:
    tenant = await request.app.state.parts.tenants.by_key(key) if key else None
    if tenant is None:
        raise Problem(
            401,
            "The X-API-Key header is missing or holds no key that we know.",
            headers={"WWW-Authenticate": "ApiKey"},
        )
    return tenant  # type: ignore[no-any-return]  # app.state is untyped


Caller = Annotated[Tenant, Depends(_caller)]
