"""Whether a service lives, and whether it can do its work."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from fastapi import APIRouter, FastAPI
from fastapi.responses import JSONResponse

from sut.database import Database

if TYPE_CHECKING:  # a service without a broker need not load its client
    from sut.broker import Broker
    from sut.inbox import Consumer


def install(
    app: FastAPI,
    database: Database,
    broker: Broker | None = None,
    consumer: Consumer | None = None,
    also: Mapping[str, Callable[[], bool]] | None = None,
) -> None:
    """Add GET /health/live and GET /health/ready.

    Ready is 503 until the database answers, the broker was reached once, the consumer runs and all of `also`
    is true. A broker that goes away later is reported but leaves the service ready, because the outbox keeps
    what it cannot send.
    """
    router = APIRouter(include_in_schema=False)

    @router.api_route("/health/live", methods=["GET", "HEAD"])
    async def live() -> JSONResponse:
        return JSONResponse({"status": "live"})

    @router.api_route("/health/ready", methods=["GET", "HEAD"])
    async def ready() -> JSONResponse:
        checks = {"database": await database.ping()}
        report: dict[str, object] = {"checks": checks}
        if broker:
            checks["broker"] = broker.was_connected
            report["broker_connected_now"] = broker.connected
        if consumer:
            checks["consumer"] = consumer.running
        checks |= {name: check() for name, check in (also or {}).items()}
        is_ready = all(checks.values())
        report["status"] = "ready" if is_ready else "not ready"
        return JSONResponse(report, status_code=200 if is_ready else 503)

    app.include_router(router)
