"""Adding partners, for administrators; not part of the partner API's document."""

from __future__ import annotations

import hmac
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Request
from fastapi.responses import JSONResponse

from sut.api import contracts
from sut.api.partner_shapes import ContractIn, PartnerIn
from sut.api.parts import Wired
from sut.api.strict import StrictRoute, json_body
from sut.problems import Problem


async def _admin(parts: Wired, x_admin_token: Annotated[str | None, Header()] = None) -> None:
    sent, kept = (x_admin_token or "").encode(), parts.settings.api_admin_token.encode()
    if not hmac.compare_digest(sent, kept):
        raise Problem(401, "The X-Admin-Token header is missing or wrong.")


router = APIRouter(route_class=StrictRoute, include_in_schema=False, dependencies=[Depends(_admin)])


@router.post("/admin/partners", status_code=201)
async def add_partner(request: Request, parts: Wired) -> JSONResponse:
    """Add a partner, with the usual contract or one of its own, and show its key, this once."""
    body = await json_body(request, PartnerIn)
    partner_id, key = await parts.tenants.add_partner(body.name, body.contract.made())
    return JSONResponse({"id": str(partner_id), "name": body.name, "api_key": key}, status_code=201)


@router.put("/admin/partners/{partner_id}/contract")
async def change_contract(request: Request, partner_id: UUID, parts: Wired) -> JSONResponse:
    """Give a partner another contract; what is left out is as usual."""
    contract = (await json_body(request, ContractIn)).made()
    if not await parts.tenants.change_contract(partner_id, contract):
        raise Problem(404, "There is no partner with this id.")
    return JSONResponse(contracts.shown(contract))
