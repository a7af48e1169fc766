"""The machine doors open to their token only."""

import asyncio

import httpx
import pytest

from sut import bearer
from sut.accounts.store import Accounts
from sut.database import Database
from sut.mes.machine import application
from sut.mes.settings import MesSettings
from sut.problems import MEDIA_TYPE, Problem

_TOKEN = "t" * 32
_NOWHERE = "postgresql://nobody@127.0.0.1:1/none"


def _ask(method: str, path: str, body: bytes = b"", token: str = _TOKEN) -> httpx.Response:
    settings = MesSettings(
        database_url=_NOWHERE,
        broker_url="nats://127.0.0.1:1",
        listen_port=1,
        mes_session_secret="s" * 32,
        mes_admin_token=_TOKEN,
        mes_audit_token=_TOKEN,
    )
    database = Database(_NOWHERE, name="test")
    app = application(settings, database, Accounts(database))

    async def ask() -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://mes") as client:
            return await client.request(method, path, content=body, headers=headers)

    return asyncio.run(ask())


@pytest.mark.parametrize("header", [f"Bearer {_TOKEN}", f"bearer {_TOKEN}", f"Bearer  {_TOKEN} "])
def test_token_opens_the_door(header: str) -> None:
    """The scheme's case and spaces do not matter."""
    bearer.check(header, _TOKEN)


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", _TOKEN, f"Basic {_TOKEN}", f"Bearer {_TOKEN}x", "Bearer ÿ"]
)
def test_anything_else_is_refused(header: str) -> None:
    """A wrong, missing or foreign token is a 401 that names the scheme."""
    with pytest.raises(Problem) as refusal:
        bearer.check(header, _TOKEN)

    assert refusal.value.status_code == 401
    assert refusal.value.headers == {"WWW-Authenticate": "Bearer"}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"\xff", 400),
        (b"[" * 50_000, 400),
        (b"[]", 422),
        (b"{}", 422),
        (b'{"email": "a@b.c", "name": "n", "password": "12345678", "more": 1}', 422),
        (b'{"email": "nope", "name": "n", "password": "12345678"}', 422),
        (b'{"email": "a@b.c", "name": "n\\u0000", "password": "12345678"}', 422),
        (b'{"email": "a@b.c", "name": "n", "password": "short"}', 422),
        (b"x" * 65_000, 413),
    ],
)
def test_operator_that_is_none_is_refused(body: bytes, status: int) -> None:
    """Whatever is sent instead of an operator is a problem with its status, and nothing is kept."""
    answer = _ask("POST", "/operators", body)

    assert (answer.status_code, answer.headers["Content-Type"]) == (status, MEDIA_TYPE)


def test_stranger_is_refused_before_the_body_is_read() -> None:
    """Nobody fills the memory without a token."""
    assert _ask("POST", "/operators", b"x" * 65_000, token="wrong").status_code == 401


def test_machine_refusals_are_never_pages() -> None:
    """A program reads problem+json, whatever it got wrong."""
    answers = [_ask("GET", "/nothing"), _ask("PUT", "/operators"), _ask("GET", "/work-orders?limit=x")]
    away = _ask("GET", "/work-orders")

    assert [answer.status_code for answer in (*answers, away)] == [404, 405, 422, 503]
    assert {answer.headers["Content-Type"] for answer in (*answers, away)} == {MEDIA_TYPE}
