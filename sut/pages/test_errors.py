"""Whatever goes wrong is a page, with the right status and the headers of every page."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from sut import sessions
from sut.database import DatabaseUnavailable
from sut.pages import site
from sut.pages.headers import SECURITY_HEADERS
from sut.pages.templating import Pages
from sut.problems import Problem


@pytest.fixture
def app(tmp_path: Path) -> FastAPI:
    """A site whose every address fails in its own way."""
    (tmp_path / "layout.html").write_text('{% extends "base.html" %}')
    app = FastAPI(openapi_url=None)

    @app.get("/number")
    async def number(count: int) -> None:
        """Take a number."""

    @app.get("/away")
    async def away() -> None:
        raise DatabaseUnavailable("gone")

    @app.get("/bug")
    async def bug() -> None:
        raise ZeroDivisionError

    @app.post("/form")
    async def form() -> None:
        raise Problem(409, "<b>Taken</b> already.", back="/number", back_text="Back")

    sessions.install(app, cookie="test", secret="s" * 32)
    site.install(app, Pages("Test", tmp_path))
    return app


def _ask(app: FastAPI, method: str, path: str) -> httpx.Response:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.request(method, path)

    return asyncio.run(ask())


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("PUT", "/form", 405),
        ("GET", "/number?count=abc", 422),
        ("GET", "/away", 503),
        ("GET", "/bug", 500),
        ("POST", "/form", 409),
        ("GET", "/static/nothing.css", 404),
    ],
)
def test_failure_is_a_page_with_its_status(app: FastAPI, method: str, path: str, status: int) -> None:
    """People never see JSON or a blank page, and every page carries the security headers."""
    answer = _ask(app, method, path)

    assert answer.status_code == status
    assert 'role="alert"' in answer.text
    assert all(answer.headers[name] == value for name, value in SECURITY_HEADERS.items())


def test_unavailable_page_offers_to_try_again(app: FastAPI) -> None:
    """A page that is away says when to come back."""
    answer = _ask(app, "GET", "/away")

    assert answer.headers["Retry-After"]
    assert 'href="/away">Try again' in answer.text


def test_refusals_words_are_escaped(app: FastAPI) -> None:
    """What came from outside is text, never markup."""
    assert "&lt;b&gt;Taken" in _ask(app, "POST", "/form").text


def test_method_that_is_not_offered_names_those_that_are(app: FastAPI) -> None:
    """A 405 says what could be done instead."""
    assert _ask(app, "PUT", "/form").headers["Allow"] == "POST"


def test_static_files_may_be_kept_while_their_address_stands(app: FastAPI) -> None:
    """A browser asks for the style sheet once per release."""
    assert "immutable" in _ask(app, "GET", "/static/style.css?v=1").headers["Cache-Control"]
    assert _ask(app, "GET", "/static/style.css").headers["Cache-Control"] == "no-store"


def test_icon_is_there_for_browsers_that_ask_by_habit(app: FastAPI) -> None:
    """No console shows a missing favicon."""
    assert _ask(app, "GET", "/favicon.ico").headers["Content-Type"] == "image/svg+xml"
