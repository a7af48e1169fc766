"""Adding partners, for administrators; not part of the partner API's document."""

from __future__ import annotations

import hmac
from typing import Annotated

from fastapi import APIRouter, Header, Request
from fastapi.responses import JSONResponse

from sut.api.parts import Wired
from sut.api.shapes import PartnerIn
from sut.api.strict import StrictRoute, json_body
from sut.problems import Problem

router = APIRouter(route_class=StrictRoute, include_in_schema=False)


@router.post("/admin/partners", status_code=201)
async def add_partner(
    request: Request, parts: Wired, x_admin_token: Annotated[str | None, Header()] = None
) -> JSONResponse:
    """Add a partner and show its key, this once."""
    sent, kept = (x_admin_token or "").encode(), parts.settings.api_admin_token.encode()
    if not hmac.compare_digest(sent, kept):
        raise Problem(401, "The X-Admin-Token header is missing or wrong.")
    body = await json_body(request, PartnerIn)
    partner_id, key = await parts.tenants.add_partner(body.name)
    return JSONResponse({"id": str(partner_id), "name": body.name, "api_key": key}, status_code=201)
