"""Pricing as one application: it has no pages and no API, only its health."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI

from sut import health, problems, pruning, server
from sut.broker import Broker
from sut.database import Database
from sut.inbox import Consumer
from sut.mesh import WarmUp
from sut.model_files import ModelFiles
from sut.outbox import Relay
from sut.pricing.handlers import handlers
from sut.pruning import Pruning
from sut.settings import EventSettings

NAME = "pricing"
_SCHEMA = Path(__file__).with_name("schema.sql")


def create(settings: EventSettings) -> FastAPI:
    """Build the application; nothing connects before it is served."""
    database = Database(settings.database_url, _SCHEMA, name=NAME)
    broker = Broker(settings.broker_url, name=NAME)
    consumer = Consumer(NAME, database, broker, handlers(ModelFiles(broker)))
    relay = Relay(database, broker)
    pruned = Pruning(database, *pruning.of_settings(settings), every_s=settings.prune_every_s)
    app = FastAPI(
        openapi_url=None,
        redirect_slashes=False,
        lifespan=server.lifespan(database, broker, relay, consumer, pruned, WarmUp()),
    )
    problems.install(app)
    health.install(app, database, broker, consumer)
    return app
