"""Puts the MES together."""

from __future__ import annotations

from fastapi import FastAPI

from sut import health, pruning, server
from sut.accounts import routes as account_pages
from sut.accounts.roles import Role
from sut.accounts.store import SCHEMA as ACCOUNTS
from sut.accounts.store import Accounts
from sut.broker import Broker
from sut.database import Database
from sut.inbox import Consumer
from sut.live import Live
from sut.mes import (
    card,
    dashboard,
    dead_letters,
    figures,
    live_orders,
    machine,
    notices,
    notifications,
    page_times,
    pages,
)
from sut.mes.dead_letter_store import SCHEMA as DEAD_LETTERS
from sut.mes.dead_letters import DeadLetterOffice
from sut.mes.figures import Activity
from sut.mes.handlers import HANDLERS
from sut.mes.notice_mail import NoticeMail
from sut.mes.page_times import PageTimes
from sut.mes.settings import MesSettings
from sut.mes.store import SCHEMA
from sut.metrics import door, outbox
from sut.metrics.registry import Metrics
from sut.outbox import Relay
from sut.pages import site
from sut.pages.templating import Pages
from sut.pruning import Pruning

NAME = "mes"
_COOKIE = "mes_session"


def application(settings: MesSettings) -> FastAPI:
    """Return the MES, not yet started."""
    database = database_of(settings)
    broker = Broker(settings.broker_url, name=NAME)
    consumer = Consumer(NAME, database, broker, HANDLERS)
    metrics = Metrics(database, outbox.read, figures.read)
    activity = Activity(metrics.registry)
    accounts = Accounts(
        database,
        Role.OPERATOR,
        password_memory_kib=settings.password_memory_kib,
        on_sign_in=activity.signed_in,
    )
    lives = [Live(settings.database_url, channel) for channel in (notices.CHANNEL, live_orders.CHANNEL)]
    mail = NoticeMail(database, settings)
    pruned = Pruning(database, *pruning.of_settings(settings), every_s=settings.prune_every_s)
    parts: tuple[server.Part, ...] = (
        database,
        accounts,
        broker,
        Relay(database, broker),
        consumer,
        *lives,
        mail,
        pruned,
        DeadLetterOffice(database, broker),
    )
    app = FastAPI(
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=server.lifespan(*parts),
    )
    app.state.database = database
    app.state.notices_live, app.state.orders_live = lives
    app.state.activity, app.state.page_times = activity, PageTimes(metrics.registry)
    app.state.has_mail = bool(settings.smtp_url)
    health.install(app, database, broker, consumer)
    app.mount("/v1", machine.application(settings, database, accounts))
    app.include_router(dashboard.router)
    app.include_router(card.router)
    app.include_router(pages.router)
    app.include_router(notifications.router)
    app.include_router(dead_letters.router)
    app.include_router(page_times.router)
    account_pages.install(
        app, accounts, cookie=_COOKIE, secret=settings.mes_session_secret, https=settings.is_https
    )
    site.install(app, Pages("Assay MES", pages.TEMPLATES, account_pages.TEMPLATES), https=settings.is_https)
    door.install(app, metrics, settings.metrics_token)
    return app


def end_streams(app: FastAPI) -> None:
    """Let every open page's streams end."""
    for live in (app.state.notices_live, app.state.orders_live):
        live.end_streams()


def database_of(settings: MesSettings) -> Database:
    """Return the MES's database, not yet connected."""
    return Database(settings.database_url, ACCOUNTS, SCHEMA, notices.SCHEMA, DEAD_LETTERS, name=NAME)
