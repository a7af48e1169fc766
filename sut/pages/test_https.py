"""Where people come by https, nothing of theirs travels without it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI, Request

from sut import sessions
from sut.pages import site
from sut.pages.templating import Pages


def _answer(folder: Path, *, https: bool) -> httpx.Response:
    app = FastAPI(openapi_url=None)

    @app.get("/")
    async def page(request: Request) -> str:
        """Begin a session."""
        return sessions.csrf_token(request)

    sessions.install(app, cookie="test", secret="s" * 32, https=https)
    site.install(app, Pages("Test", folder), https=https)

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
            return await client.get("/")

    return asyncio.run(ask())


@pytest.mark.parametrize("https", [True, False])
def test_cookie_and_browser_keep_to_https(tmp_path: Path, https: bool) -> None:
    """The cookie is Secure and the browser told to ask by https, if and only if people come by it."""
    answer = _answer(tmp_path, https=https)

    assert ("secure" in answer.headers["set-cookie"].lower()) is https
    assert ("strict-transport-security" in answer.headers) is https
