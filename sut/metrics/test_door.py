"""Metrics are for whoever knows the token, and for nobody else."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from fastapi import FastAPI

from sut.database import Database
from sut.metrics import door
from sut.metrics.registry import Metrics

TOKEN = "t0ken-of-the-tests-0123456789-abcdef"  # a made-up one


def ask(token: str, authorization: str, method: str = "GET") -> httpx.Response:
    """Ask an application with this token for its metrics."""
    app = FastAPI(openapi_url=None)
    door.install(app, Metrics(Database("postgresql://nobody@127.0.0.1:1/none", name="test")), token)

    headers = {b"Authorization": authorization.encode("latin-1")}

    async def sent() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://it") as client:
            return await client.request(method, "/metrics", headers=headers)

    return asyncio.run(sent())


@pytest.mark.parametrize("header", ["", TOKEN, f"Basic {TOKEN}", "Bearer ", f"Bearer {TOKEN}x", "Bearer é"])
def test_without_the_token_nothing_is_told(header: str) -> None:
    """Neither figures nor whose they are."""
    answer = ask(TOKEN, header)

    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert "assay_" not in answer.text


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_with_the_token_all_is_told(method: str) -> None:
    """In the format that Prometheus reads."""
    answer = ask(TOKEN, f"Bearer {TOKEN}", method)

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert ("assay_metrics_complete" in answer.text) == (method == "GET")


def test_without_a_token_set_there_is_no_such_address() -> None:
    """Whoever forgets the setting opens nothing, not even to an empty token."""
    assert ask("", "Bearer ").status_code == 404
