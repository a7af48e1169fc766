"""The service level of a partner: to itself by its key, and of every partner to the manager's page."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse

from sut import events
from sut.api import contracts, figures
from sut.api.audit import auditor
from sut.api.contracts import Contract
from sut.api.documents import refusals
from sut.api.figures import WINDOWS, Counts
from sut.api.partner_shapes import Sla
from sut.api.parts import Wired
from sut.api.strict import StrictRoute
from sut.api.tenants import Caller
from sut.database import Connection, Row
from sut.events import timestamp
from sut.problems import Problem

router = APIRouter(route_class=StrictRoute)

_COUNTS = """
    SELECT partner_id, wanted.name AS window, kind, bucket, sum(calls)::bigint AS calls
    FROM unnest($2::text[], $3::text[], $4::timestamptz[]) AS wanted (name, span, since)
    JOIN partner_calls ON partner_calls.span = wanted.span AND began_at >= since
    WHERE $1::uuid IS NULL OR partner_id = $1
    GROUP BY partner_id, wanted.name, kind, bucket
"""
_PARTNERS = (
    "SELECT id, name, contract.* FROM partner JOIN contract ON partner_id = id ORDER BY name, id LIMIT $1"
)
_PARTNERS_MOST = 1000


@router.get(
    "/v1/sla",
    operation_id="getSla",
    response_model=Sla,
    responses=refusals(401, 403, 422, 503),
    tags=["service level"],
)
async def get_sla(tenant: Caller, parts: Wired) -> JSONResponse:
    """Show your contract and how well it was kept in the last 5 minutes, hour and 30 days.

    Failures are answers of 5xx and calls without an answer. Calls beyond the rate (429) count for nobody.
    """
    if tenant.contract is None:
        raise Problem(403, "Only partners have a contract.")
    await parts.calls.flush()
    now = events.now()
    async with parts.database.connection() as connection:
        rows = await _rows(connection, now, tenant.id)
    return JSONResponse(_shown(tenant.contract, now, rows))


@router.get("/audit/sla", include_in_schema=False, dependencies=[Depends(auditor)])
async def list_slas(parts: Wired) -> JSONResponse:
    """Show the service level of every partner, for the manager's page."""
    await parts.calls.flush()
    now = events.now()
    async with parts.database.connection() as connection:
        partners = await connection.fetch(_PARTNERS, _PARTNERS_MOST)
        rows = await _rows(connection, now, None)
    of_partner: dict[UUID, list[Row]] = {}
    for row in rows:
        of_partner.setdefault(row["partner_id"], []).append(row)
    items = [
        {
            "partner_id": str(partner["id"]),
            "name": partner["name"],
            **_shown(contracts.of_row(partner), now, of_partner.get(partner["id"], [])),
        }
        for partner in partners
    ]
    return JSONResponse({"items": items})


async def _rows(connection: Connection, now: datetime, partner_id: str | None) -> list[Row]:
    wanted = [(window.name, window.span, window.since(now)) for window in WINDOWS]
    return list(await connection.fetch(_COUNTS, partner_id, *map(list, zip(*wanted, strict=True))))


def _shown(contract: Contract, now: datetime, rows: list[Row]) -> dict[str, Any]:
    counts = figures.by_window(rows)
    return {
        "as_of": timestamp(now),
        "contract": contracts.shown(contract),
        "windows": [
            figures.shown(window, now, counts.get(window.name, Counts()), contract) for window in WINDOWS
        ],
    }
