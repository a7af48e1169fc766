"""The MES's doors for machines, JSON behind bearer tokens: the audit of work orders, and making operators."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, FastAPI, Request

from sut import bearer, problems
from sut.accounts import newcomer
from sut.accounts.store import Accounts, EmailTaken
from sut.database import Database
from sut.events import timestamp
from sut.mes import store, wanted
from sut.mes.settings import MesSettings
from sut.mes.store import WorkOrder
from sut.problems import Problem

router = APIRouter()


def application(settings: MesSettings, database: Database, accounts: Accounts) -> FastAPI:
    """Return the application to mount at /v1; its refusals are problem+json, not pages."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.state.settings, app.state.database, app.state.accounts = settings, database, accounts
    problems.install(app)
    app.include_router(router)
    return app


async def _auditor(request: Request) -> None:
    bearer.check(request.headers.get("Authorization", ""), request.app.state.settings.mes_audit_token)


async def _admin(request: Request) -> None:
    bearer.check(request.headers.get("Authorization", ""), request.app.state.settings.mes_admin_token)


@router.get("/work-orders", dependencies=[Depends(_auditor)])
async def list_work_orders(
    request: Request, customer: str = "", order_id: str = "", after: str = "", limit: str = ""
) -> dict[str, Any]:
    """Return work orders in the order of their ids, for whoever has to prove that none is lost or doubled."""
    query = wanted.read_audit(customer, order_id, after, limit)
    database: Database = request.app.state.database
    async with database.connection() as connection:
        items, next_after = await store.audit(connection, query)
    return {"items": [_written(item) for item in items], "next_after": next_after}


@router.post("/operators", status_code=201, dependencies=[Depends(_admin)])
async def create_operator(request: Request) -> dict[str, str]:
    """Make an operator's account; the body is read only after the token was checked."""
    accounts: Accounts = request.app.state.accounts
    new = await newcomer.read(request)
    try:
        account = await accounts.create(new.email, new.name, new.password)
    except EmailTaken:
        raise Problem(409, "An operator has this e-mail already.") from None
    return {"id": str(account.id), "email": account.email, "name": account.name}


def _written(item: WorkOrder) -> dict[str, Any]:
    return {
        "id": item.id,
        "order_id": str(item.order_id),
        "order_number": item.order_number,
        "reference": item.reference,
        "state": item.state,
        "channel": item.channel,
        "customer": item.customer,
        "material": item.material,
        "quantity": item.quantity,
        "price_total": None if item.price_total is None else str(item.price_total),
        "currency": item.currency,
        "attention": item.attention["detail"] if item.attention else None,
        "taken_by": item.taker,
        "created_at": timestamp(item.created_at),
        "updated_at": timestamp(item.updated_at),
    }
