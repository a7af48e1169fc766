"""Uploading and reading 3D models."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse

from sut import events, mesh
from sut.api import shown
from sut.api.documents import refusals
from sut.api.parts import Parts, Wired
from sut.api.shapes import Model
from sut.api.strict import StrictRoute, limited_body
from sut.api.tenants import Caller, Tenant
from sut.broker import BrokerUnavailable
from sut.mesh import BadModel
from sut.problems import Problem, unavailable

router = APIRouter(route_class=StrictRoute, tags=["models"])

MEDIA_TYPES = ("model/stl", "application/octet-stream")
_ADD = """
    INSERT INTO model (id, tenant, filename, sha256, size_bytes, triangles, bounding_box_mm, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING *
"""
_FIND = "SELECT * FROM model WHERE id = $1 AND tenant = $2"
_BODY = {
    "required": True,
    "description": "An STL file, binary or ASCII, in millimetres.",
    "content": {name: {"schema": {"type": "string", "format": "binary"}} for name in MEDIA_TYPES},
}


@router.post(
    "/v1/models",
    status_code=201,
    operation_id="createModel",
    response_model=Model,
    responses=refusals(400, 401, 413, 415, 422, 503),
    openapi_extra={"requestBody": _BODY},
)
async def create_model(
    request: Request,
    tenant: Caller,
    parts: Wired,
    filename: Annotated[str, Query(max_length=255, pattern=r"^[^\x00-\x1f\x7f]+$")] = "model.stl",
) -> JSONResponse:
    """Upload a 3D model; the answer's id is what orders name."""
    _check_media_type(request)
    content = await limited_body(request, mesh.MAX_BYTES)
    triangles, sides = await asyncio.to_thread(_measure, content)
    row = await _keep(parts, tenant, filename, content, triangles, sides)
    return JSONResponse(shown.model(row), status_code=201, headers={"Location": f"/v1/models/{row['id']}"})


@router.get(
    "/v1/models/{model_id}",
    operation_id="getModel",
    response_model=Model,
    responses=refusals(401, 404, 422, 503),
)
async def get_model(model_id: UUID, tenant: Caller, parts: Wired) -> JSONResponse:
    """Show what is known of an uploaded model."""
    async with parts.database.connection() as connection:
        row = await connection.fetchrow(_FIND, model_id, tenant.id)
    if row is None:
        raise Problem(404, "You have no model with this id.")
    return JSONResponse(shown.model(row))


def _check_media_type(request: Request) -> None:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in MEDIA_TYPES:
        raise Problem(415, f"Send the model as {' or '.join(MEDIA_TYPES)}.")


def _measure(content: bytes) -> tuple[int, list[float]]:
    """Return a model's number of triangles and its sides in mm, or refuse it."""
    try:
        model = mesh.read(content)
    except BadModel as bad:
        raise Problem(422, bad.detail, code=bad.code) from None
    return len(model), [round(float(side), 4) for side in model.extents]


async def _keep(
    parts: Parts, tenant: Tenant, filename: str, content: bytes, triangles: int, sides: list[float]
) -> Any:
    """Keep the file, then its row: a row always has its file, and a file without a row is out of reach."""
    model_id = uuid4()
    try:
        await parts.files.put(str(model_id), content)
    except BrokerUnavailable:
        raise unavailable("The store of models cannot be reached.") from None
    digest = hashlib.sha256(content).hexdigest()
    async with parts.database.connection() as connection:
        return await connection.fetchrow(
            _ADD, model_id, tenant.id, filename, digest, len(content), triangles, sides, events.now()
        )
