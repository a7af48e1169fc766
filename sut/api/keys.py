"""A partner's API keys: a new one while the old still works for a while, an end at once for a leaked one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from sut.api import tenants
from sut.api.documents import json_of, refusals
from sut.api.partner_shapes import KeyIn, KeyList, KeyMade
from sut.api.parts import Wired
from sut.api.strict import StrictRoute, json_body
from sut.api.tenants import Caller, Tenant
from sut.database import Row
from sut.events import timestamp
from sut.problems import Problem

router = APIRouter(route_class=StrictRoute, tags=["keys"])

_VALID_MOST = 20
_LOCK = "SELECT FROM partner WHERE id = $1 FOR UPDATE"
_END_OTHERS = """
    UPDATE partner_key SET ends_at = least(ends_at, now() + make_interval(secs => $3))
    WHERE partner_id = $1 AND id <> $2
"""
# A partner that rotates without end has not more valid keys than this; the one it calls with stays.
_END_OLDEST = """
    UPDATE partner_key SET ends_at = now()
    WHERE id <> $2 AND id IN (
        SELECT id FROM partner_key WHERE partner_id = $1 AND (ends_at IS NULL OR ends_at > now())
        ORDER BY created_at DESC, id OFFSET $3
    )
"""
_FORGET = "DELETE FROM partner_key WHERE partner_id = $1 AND ends_at < now() - interval '30 days'"
_VALID = """
    SELECT * FROM partner_key WHERE partner_id = $1 AND (ends_at IS NULL OR ends_at > now())
    ORDER BY created_at DESC, id
"""
_REVOKE = """
    UPDATE partner_key SET ends_at = now()
    WHERE partner_id = $1 AND id = $2 AND (ends_at IS NULL OR ends_at > now()) RETURNING id
"""


@router.post(
    "/v1/keys",
    status_code=201,
    operation_id="createKey",
    response_model=KeyMade,
    responses=refusals(400, 401, 403, 413, 415, 422, 503),
    openapi_extra=json_of(KeyIn.__name__),
)
async def create_key(request: Request, tenant: Caller, parts: Wired) -> JSONResponse:
    """Get a new key, shown this once; the others stay valid for `grace_s` seconds and then end."""
    partner_id = _partner(tenant)
    wish = await json_body(request, KeyIn)
    async with parts.database.transaction() as connection:
        await connection.execute(_LOCK, partner_id)
        row, key = await tenants.add_key(connection, partner_id)
        await connection.execute(_END_OTHERS, partner_id, row["id"], wish.grace_s)
        await connection.execute(_END_OLDEST, partner_id, tenant.key_id, _VALID_MOST)
        await connection.execute(_FORGET, partner_id)
        await tenants.tell(connection)
    parts.tenants.forget()
    return JSONResponse({**_shown(row, tenant), "api_key": key}, status_code=201)


@router.get(
    "/v1/keys", operation_id="listKeys", response_model=KeyList, responses=refusals(401, 403, 422, 503)
)
async def list_keys(tenant: Caller, parts: Wired) -> JSONResponse:
    """List your valid keys, newest first; the keys themselves are not shown."""
    partner_id = _partner(tenant)
    async with parts.database.connection() as connection:
        rows = await connection.fetch(_VALID, partner_id)
    return JSONResponse({"items": [_shown(row, tenant) for row in rows]})


@router.delete(
    "/v1/keys/{key_id}",
    status_code=204,
    operation_id="revokeKey",
    responses=refusals(401, 403, 404, 409, 422, 503),
)
async def revoke_key(key_id: UUID, tenant: Caller, parts: Wired) -> Response:
    """End a key at once; never the one that you call with, so that nobody locks themselves out."""
    partner_id = _partner(tenant)
    if key_id == tenant.key_id:
        raise Problem(409, "You are calling with this key: call with another one to end it.")
    async with parts.database.transaction() as connection:
        ended = await connection.fetchval(_REVOKE, partner_id, key_id)
        await tenants.tell(connection)
    if ended is None:
        raise Problem(404, "You have no valid key with this id.")
    parts.tenants.forget()
    return Response(status_code=204)


def _partner(tenant: Tenant) -> UUID:
    if tenant.key_id is None:
        raise Problem(403, "Only partners have keys of their own.")
    return UUID(tenant.id)


def _shown(row: Row, tenant: Tenant) -> dict[str, Any]:
    return {
        "id": str(row["id"]),
        "created_at": timestamp(row["created_at"]),
        "ends_at": row["ends_at"] and timestamp(row["ends_at"]),
        "in_use": row["id"] == tenant.key_id,
    }
