"""The managers' page of what partners were promised and how well it is kept, by the figures of `api`."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, ValidationError

from sut.flow.asking import Line, Silent
from sut.flow.parts import Manager, parts_of
from sut.pages.templating import pages_of
from sut.problems import Problem

router = APIRouter(include_in_schema=False)


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Contract(_Told):
    """What a partner may ask for and was promised."""

    quota: int
    window_s: int
    latency_ms: int
    latency_share: float
    availability_share: float


class Budget(_Told):
    """What of a promise is left."""

    left_share: float | None
    kept: bool


class Window(_Told):
    """How well the promises were kept in one window."""

    window: Literal["5m", "1h", "30d"]
    calls: int
    failed: int
    limited: int
    availability_share: float | None
    p95_ms: float | None
    p99_ms: float | None
    availability_budget: Budget
    latency_budget: Budget


class Partner(_Told):
    """One partner's contract and service level."""

    partner_id: str
    name: str
    as_of: datetime
    contract: Contract
    windows: list[Window]


class Partners(_Told):
    """Every partner, by name."""

    items: list[Partner]


async def asked(line: Line) -> list[Partner]:
    """Ask `api` for every partner's service level.

    Raises:
        Silent: it did not answer, or not as it should.
    """
    try:
        return Partners.model_validate_json(await line.get("/audit/sla")).items
    except ValidationError:
        raise Silent("answers what cannot be read") from None


@router.get("/partners")
async def partners(request: Request, manager: Manager) -> Response:
    """Show each partner's contract, availability, latency and error budget over the rolling windows."""
    try:
        found = await asked(parts_of(request).to_api)
    except Silent as silent:
        raise Problem(503, f"The partner API {silent}: nobody can tell now.") from None
    # Those who called most lately come first: they are looked for.
    found.sort(key=lambda partner: -partner.windows[-1].calls)
    return pages_of(request).page(request, "partners.html", partners=found)
