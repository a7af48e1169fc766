"""Puts the shop together."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import Response

from sut import health, server
from sut.accounts import routes as account_pages
from sut.accounts.store import SCHEMA as ACCOUNTS
from sut.accounts.store import Accounts
from sut.database import Database
from sut.metrics import door
from sut.metrics.registry import Metrics
from sut.pages import errors, site
from sut.pages.templating import Pages
from sut.shop import drafts, orders, welcome
from sut.shop.ordering import ApiUnavailable, Ordering
from sut.shop.parts import Parts
from sut.shop.settings import ShopSettings
from sut.shop.store import SCHEMA

NAME = "shop"
_COOKIE = "shop_session"
_TEMPLATES = Path(__file__).with_name("templates")
_AWAY = (
    "We cannot reach our order desk at the moment. Your account, drafts and orders are safe; please try "
    "again in a few seconds. If you were submitting an order, submit it again: it will not be ordered twice."
)


def application(settings: ShopSettings) -> FastAPI:
    """Return the shop, not yet started."""
    database = Database(settings.database_url, ACCOUNTS, SCHEMA, name=NAME)
    ordering = Ordering(settings.shop_api_url, settings.shop_api_key)
    accounts = Accounts(database, password_memory_kib=settings.password_memory_kib)
    app = FastAPI(
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=server.lifespan(database, accounts, ordering),
    )
    app.state.parts = Parts(database, ordering)
    health.install(app, database)
    for router in (welcome.router, drafts.router, orders.router):
        app.include_router(router)
    account_pages.install(
        app, accounts, cookie=_COOKIE, secret=settings.shop_session_secret, https=settings.is_https
    )
    site.install(app, Pages("Assay Parts", _TEMPLATES, account_pages.TEMPLATES), https=settings.is_https)
    app.add_exception_handler(ApiUnavailable, _api_is_away)
    door.install(app, Metrics(database), settings.metrics_token)
    return app


async def _api_is_away(request: Request, error: Exception) -> Response:
    return errors.page_of(request, errors.unavailable(request, _AWAY))
