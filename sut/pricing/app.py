"""Pricing as one application: it has no pages and no API, only its health."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI

from sut import health, problems, pruning, server
from sut.broker import Broker
from sut.database import Database
from sut.inbox import Consumer
from sut.metrics import door, outbox
from sut.metrics.registry import Metrics
from sut.model_files import ModelFiles
from sut.outbox import Relay
from sut.pricing import queue
from sut.pricing.crew import Crew
from sut.pricing.handlers import handlers
from sut.pricing.held_models import HeldModels
from sut.pricing.lanes import Lanes
from sut.pricing.settings import PricingSettings
from sut.pruning import Pruning

NAME = "pricing"
SCHEMA = Path(__file__).with_name("schema.sql")

_OTHER_CONNECTIONS = 10
_PATIENCE_S = 10


def create(settings: PricingSettings) -> FastAPI:
    """Build the application; nothing connects before it is served."""
    count, limit_s = settings.pricing_workers, settings.pricing_stage_limit_s
    database = Database(
        settings.database_url,
        SCHEMA,
        name=NAME,
        max_connections=count + _OTHER_CONNECTIONS,
        # Frees what a service holds that stands still instead of ending.
        session={"idle_in_transaction_session_timeout": f"{limit_s + _PATIENCE_S}s"},
    )
    broker = Broker(settings.broker_url, name=NAME)
    files, crew = ModelFiles(broker), Crew(count, settings.pricing_stage_memory_mb)
    consumer = Consumer(NAME, database, broker, handlers(files))
    relay = Relay(database, broker)
    lanes = Lanes(database, HeldModels(files), crew, count=count, limit_s=limit_s)
    pruned = Pruning(database, *pruning.of_settings(settings), every_s=settings.prune_every_s)
    app = FastAPI(
        openapi_url=None,
        redirect_slashes=False,
        lifespan=server.lifespan(crew, database, broker, relay, consumer, lanes, pruned),
    )
    problems.install(app)
    health.install(app, database, broker, consumer, also={"workers": lambda: crew.working})
    door.install(app, Metrics(database, outbox.read, queue.read), settings.metrics_token)
    return app
