"""Where a partner wants to be told what happens to its orders, and the log of what was sent there."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic.json_schema import SkipJsonSchema

from sut import events
from sut.api import webhook_signing, webhook_store
from sut.api.documents import json_of, refusals
from sut.api.partner_shapes import DeliveryCursor, DeliveryPage, Webhook, WebhookIn, WebhookList, WebhookMade
from sut.api.parts import Parts, Wired
from sut.api.strict import StrictRoute, json_body
from sut.api.tenants import Caller, Tenant
from sut.api.webhook_addresses import NotAllowed, check_url
from sut.database import Row
from sut.events import timestamp
from sut.problems import Problem, invalid

router = APIRouter(route_class=StrictRoute, tags=["webhooks"])

_NEWEST = 2**63 - 1


@router.post(
    "/v1/webhooks",
    status_code=201,
    operation_id="createWebhook",
    response_model=WebhookMade,
    responses=refusals(400, 401, 403, 409, 413, 415, 422, 503),
    openapi_extra=json_of(WebhookIn.__name__),
)
async def create_webhook(request: Request, tenant: Caller, parts: Wired) -> JSONResponse:
    """Register an address that is told of every change of your orders; the secret is shown this once.

    Messages are signed as Standard Webhooks are, and sent for a day until they are taken (2xx): at least
    once, under the same `webhook-id`; those of one order come in their order.
    """
    _check_partner(tenant)
    url = (await json_body(request, WebhookIn)).url
    try:
        check_url(url, parts.settings.api_webhook_reach)
    except NotAllowed as refused:
        raise invalid([("url", str(refused))]) from None
    made = (uuid4(), tenant.id, url, webhook_signing.new_secret(), events.now())
    async with parts.database.connection() as connection:
        row = await webhook_store.add(connection, *made)
    if row is None:
        raise Problem(409, f"You have {webhook_store.MOST} webhooks: remove one first.")
    headers = {"Location": f"/v1/webhooks/{row['id']}"}
    return JSONResponse({**_shown(row), "secret": row["secret"]}, status_code=201, headers=headers)


@router.get(
    "/v1/webhooks",
    operation_id="listWebhooks",
    response_model=WebhookList,
    responses=refusals(401, 422, 503),
)
async def list_webhooks(tenant: Caller, parts: Wired) -> JSONResponse:
    """List your webhooks, oldest first."""
    async with parts.database.connection() as connection:
        rows = await webhook_store.of_tenant(connection, tenant.id)
    return JSONResponse({"items": [_shown(row) for row in rows]})


@router.get(
    "/v1/webhooks/{webhook_id}",
    operation_id="getWebhook",
    response_model=Webhook,
    responses=refusals(401, 404, 422, 503),
)
async def get_webhook(webhook_id: UUID, tenant: Caller, parts: Wired) -> JSONResponse:
    """Show one webhook."""
    return JSONResponse(_shown(await _own(parts, webhook_id, tenant)))


@router.delete(
    "/v1/webhooks/{webhook_id}",
    status_code=204,
    operation_id="deleteWebhook",
    responses=refusals(401, 404, 422, 503),
)
async def delete_webhook(webhook_id: UUID, tenant: Caller, parts: Wired) -> Response:
    """Remove a webhook with its log; what waits for it is not sent any more."""
    async with parts.database.transaction() as connection:
        if not await webhook_store.remove(connection, webhook_id, tenant.id):
            raise _unknown()
    return Response(status_code=204)


@router.get(
    "/v1/webhooks/{webhook_id}/deliveries",
    operation_id="listDeliveries",
    response_model=DeliveryPage,
    responses=refusals(401, 404, 422, 503),
)
async def list_deliveries(
    webhook_id: UUID,
    tenant: Caller,
    parts: Wired,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[
        DeliveryCursor | SkipJsonSchema[None], Query(description="`next_cursor` of the page before.")
    ] = None,
) -> JSONResponse:
    """List what was sent to a webhook in the last 30 days, newest first, with every attempt."""
    await _own(parts, webhook_id, tenant)
    before = int(cursor) if cursor else _NEWEST
    async with parts.database.connection() as connection:
        rows = await webhook_store.deliveries(connection, webhook_id, before, limit + 1)
    more, rows = len(rows) > limit, rows[:limit]
    items = [_delivery(row) for row in rows]
    return JSONResponse({"items": items, "next_cursor": str(rows[-1]["id"]) if more else None})


async def _own(parts: Parts, webhook_id: UUID, tenant: Tenant) -> Row:
    async with parts.database.connection() as connection:
        row = await webhook_store.find(connection, webhook_id, tenant.id)
    if row is None:
        raise _unknown()
    return row


def _unknown() -> Problem:
    return Problem(404, "You have no webhook with this id.")


def _check_partner(tenant: Tenant) -> None:
    if tenant.contract is None:
        raise Problem(403, "Only partners have webhooks.")


def _shown(row: Row) -> dict[str, Any]:
    return {
        "id": str(row["id"]),
        "url": row["url"],
        "created_at": timestamp(row["created_at"]),
        "failing": row["failures"] > 0,
    }


def _delivery(row: Row) -> dict[str, Any]:
    return {
        "event_id": str(row["event_id"]),
        "type": row["type"],
        "occurred_at": timestamp(row["occurred_at"]),
        "order_id": str(row["order_id"]),
        "state": row["state"],
        "next_try_at": timestamp(row["next_try_at"]) if row["state"] == "pending" else None,
        "attempts": row["attempts"],
    }
