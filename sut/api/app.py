"""The partner API as one application: its routes, its parts and how they are wired."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Response

from sut import health, problems, pruning, server
from sut.api import audit, decisions, keys, orders, partners, published, sla, uploads, webhooks
from sut.api.calls import Calls
from sut.api.documents import openapi
from sut.api.handlers import HANDLERS
from sut.api.limits import Limits
from sut.api.metering import Metering
from sut.api.partner_metrics import PartnerMetrics
from sut.api.partner_shapes import KeyIn, WebhookIn
from sut.api.parts import Parts
from sut.api.settings import ApiSettings
from sut.api.shapes import OrderIn
from sut.api.tenants import CHANNEL, Changes, Tenants
from sut.api.webhook_sender import Sender
from sut.broker import Broker
from sut.database import Database
from sut.inbox import Consumer
from sut.live import Live
from sut.metrics import door, outbox
from sut.metrics.registry import Metrics
from sut.model_files import ModelFiles
from sut.outbox import Relay
from sut.pages.headers import MACHINE_HEADERS, SecurityHeaders
from sut.pruning import Aged, Pruning
from sut.warm_up import WarmUp

NAME = "api"
_SCHEMA = Path(__file__).with_name("schema.sql")


def create(settings: ApiSettings) -> FastAPI:
    """Build the application; nothing connects before it is served."""
    database = Database(settings.database_url, _SCHEMA, name=NAME)
    broker = Broker(settings.broker_url, name=NAME)
    consumer = Consumer(NAME, database, broker, HANDLERS)
    relay = Relay(database, broker)
    tenants, calls = (
        Tenants(database, settings.api_shop_key),
        Calls(database, clean_every_s=settings.prune_every_s),
    )
    changes = Changes(tenants, Live(settings.database_url, CHANNEL))
    ours = (changes, calls, Sender(database, settings.api_webhook_reach))
    app = FastAPI(
        openapi_url=None,
        redirect_slashes=False,
        lifespan=server.lifespan(
            database, *ours, broker, relay, consumer, _pruning(database, settings), WarmUp()
        ),
    )
    metrics = Metrics(database, outbox.read)
    app.add_middleware(
        Metering,
        tenants=tenants,
        limits=Limits(database),
        calls=calls,
        partners=PartnerMetrics(metrics.registry),
    )
    app.state.parts = Parts(settings, database, ModelFiles(broker), tenants, calls)
    app.add_middleware(SecurityHeaders, headers=MACHINE_HEADERS)
    problems.install(app)
    health.install(app, database, broker, consumer)
    door.install(app, metrics, settings.metrics_token)
    _add_routes(app)
    text = json.dumps(openapi(app, OrderIn, KeyIn, WebhookIn))

    @app.get("/openapi.json", include_in_schema=False)
    async def document() -> Response:
        return Response(text, media_type="application/json")

    return app


def _pruning(database: Database, settings: ApiSettings) -> Pruning:
    keys = Aged("idempotency", "created_at", settings.idempotency_keep_s)
    return Pruning(database, *pruning.of_settings(settings), keys, every_s=settings.prune_every_s)


def document() -> dict[str, Any]:
    """Return the OpenAPI document without a running service."""
    app = FastAPI(openapi_url=None)
    _add_routes(app)
    return openapi(app, OrderIn, KeyIn, WebhookIn)


def _add_routes(app: FastAPI) -> None:
    for routes in (uploads, orders, decisions, published, sla, webhooks, keys, partners, audit):
        app.include_router(routes.router)
