"""Puts the flow together."""

from __future__ import annotations

import asyncio

import nats.errors
import nats.js.errors
from fastapi import FastAPI

from sut import events, health, pruning, server
from sut.accounts import routes as account_pages
from sut.accounts.roles import Role
from sut.accounts.store import SCHEMA as ACCOUNTS
from sut.accounts.store import Accounts
from sut.broker import Broker
from sut.database import Database
from sut.flow import deadlines, machine, pages, service_level, store
from sut.flow.asking import ApiAudit, Line, MesAudit, Silent
from sut.flow.board import Boards
from sut.flow.following import Following, FollowingMes
from sut.flow.live import Lives
from sut.flow.machine import Doors
from sut.flow.metrics import HopTimes, Waiting
from sut.flow.parts import Parts
from sut.flow.settings import FlowSettings
from sut.flow.suspects import Suspects
from sut.flow.watch import Watch
from sut.inbox import Consumer
from sut.metrics import door
from sut.metrics.registry import Metrics
from sut.pages import site
from sut.pages.templating import Pages
from sut.pruning import Pruning

NAME = "flow"
_COOKIE = "flow_session"


def application(settings: FlowSettings) -> FastAPI:
    """Return the flow, not yet started."""
    database = Database(settings.database_url, ACCOUNTS, store.SCHEMA, name=NAME)
    broker = Broker(settings.broker_url, name=NAME)
    boards = Boards(database, deadlines.of_setting(settings.flow_deadlines))
    metrics = Metrics(database, Waiting(boards.deadlines).read)
    project = HopTimes(metrics.registry).project
    consumer = Consumer(NAME, database, broker, dict.fromkeys(events.TYPES, project))
    accounts = Accounts(database, Role.MANAGER, password_memory_kib=settings.password_memory_kib)
    to_api = Line(settings.flow_api_url, settings.flow_api_token)
    parts = Parts(database, boards, Lives(), settings.flow_mes_url.rstrip("/"), settings.trace_url, to_api)
    asked = _asked(settings, to_api, database, broker, boards)
    pruned = Pruning(database, *pruning.of_settings(settings), every_s=settings.prune_every_s)
    running = server.lifespan(database, accounts, broker, consumer, pruned, *asked)
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False, lifespan=running)
    app.state.parts = parts
    health.install(app, database, broker, consumer)
    app.mount("/v1", machine.application(Doors(settings, database, boards, accounts)))
    app.include_router(pages.router)
    app.include_router(service_level.router)
    account_pages.install(
        app, accounts, cookie=_COOKIE, secret=settings.flow_session_secret, https=settings.is_https
    )
    site.install(app, Pages("Assay Flow", pages.TEMPLATES, account_pages.TEMPLATES), https=settings.is_https)
    door.install(app, metrics, settings.metrics_token)
    return app


def _asked(
    settings: FlowSettings, to_api: Line, database: Database, broker: Broker, boards: Boards
) -> list[server.Part]:
    """Return the lines to those that are asked, and a watch for each; their names are those of sources.py."""
    to_mes = Line(settings.flow_mes_url, settings.flow_mes_token)
    to_pricing = Line(settings.flow_pricing_url)
    api, mes = ApiAudit(to_api), MesAudit(to_mes)

    async def look_at_pricing() -> str:
        await to_pricing.get("/health/ready")
        return ""

    async def look_at_broker() -> str:
        return await _unread(broker)

    looks = {
        "api": Following("api", api.after, database).look,
        "mes": FollowingMes(mes, database).look,
        "pricing": look_at_pricing,
        "broker": look_at_broker,
    }
    suspects = Suspects(database, api, mes, boards.deadlines)
    # It asks about nearly late orders alone, so it may look for them more often than others are called.
    reconciliation = Watch("reconciliation", suspects.look, database, every_s=0.5)
    watches = (Watch(name, look, database) for name, look in looks.items())
    return [to_api, to_mes, to_pricing, *watches, reconciliation]


async def _unread(broker: Broker) -> str:
    """Ask the broker how many events wait for us."""
    if not broker.connected:
        raise Silent("cannot be reached")
    try:
        info = await asyncio.wait_for(broker.jetstream.consumer_info(events.STREAM, NAME), timeout=2)
    except (nats.errors.Error, nats.js.errors.Error, OSError, TimeoutError) as error:
        raise Silent(f"does not answer ({type(error).__name__})") from None
    return f"{info.num_pending} events not read yet" if info.num_pending else ""
