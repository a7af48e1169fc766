"""What cannot be a request is refused on the wire; a request as it should be is let in."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from uvicorn.config import Config
from uvicorn.server import ServerState

from sut.protocol import HEAD_MAX_BYTES, HEAD_WITHIN_S, HEADERS_MOST, REQUEST_MAX_BYTES, StrictHttp


class Wire(asyncio.Transport):
    """A connection that keeps what is written to it."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.closed = False

    def write(self, data: Any) -> None:
        """Keep it."""
        self.written += bytes(data)

    def close(self) -> None:
        """Note it."""
        self.closed = True

    def is_closing(self) -> bool:
        """Say whether it was closed."""
        return self.closed

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Know nothing."""
        return default

    def pause_reading(self) -> None:
        """Go on."""

    def resume_reading(self) -> None:
        """Go on."""

    @property
    def status(self) -> int:
        """The status that was written, 0 for none; a refusal is problem+json that says the same."""
        if not self.written:
            return 0
        head, _, body = self.written.partition(b"\r\n\r\n")
        status = int(head.split()[1])
        if status >= 400:
            assert b"Content-Type: application/problem+json" in head
            assert json.loads(body)["status"] == status
        return status


async def _answer(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


async def _never(scope: Any, receive: Any, send: Any) -> None:
    await asyncio.Event().wait()


def _sent(*parts: bytes, app: Any = _answer, slowly: bool = False) -> Wire:
    async def send() -> Wire:
        wire = Wire()
        protocol = StrictHttp(Config(app, lifespan="off"), ServerState(), {})
        protocol.connection_made(wire)
        for part in parts:
            protocol.data_received(part)
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        if slowly:
            protocol._head_is_late()
        protocol.connection_lost(None)
        return wire

    return asyncio.run(send())


GET = b"GET / HTTP/1.1\r\n"
HOST = b"Host: shop.example\r\n"


@pytest.mark.parametrize(
    "host", [b"shop.example", b"127.0.0.1:8000", b"[::1]:8000", b"localhost", b"a_b-c.example:1"]
)
def test_a_sound_request_is_let_in(host: bytes) -> None:
    """Names and addresses, with a port and without."""
    assert _sent(GET + b"Host: " + host + b"\r\n\r\n").status == 200


def test_an_old_request_needs_no_host() -> None:
    """HTTP/1.0 had none."""
    assert _sent(b"GET / HTTP/1.0\r\n\r\n").status == 200


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"hello\r\n\r\n", 400),
        (GET + b"\r\n", 400),
        (GET + HOST + HOST + b"\r\n", 400),
        (GET + b"Host: a/b?c\r\n\r\n", 400),
        (GET + b"Host: [\r\n\r\n", 400),
        (GET + b"Host: me@evil.example\r\n\r\n", 400),
        (GET + HOST + b"X: 1\r\n" * HEADERS_MOST + b"\r\n", 431),
        (GET + HOST + b"X: " + b"x" * HEAD_MAX_BYTES + b"\r\n\r\n", 431),
        (GET + HOST + b"X: " + b"x" * HEAD_MAX_BYTES, 431),
        (b"GET /" + b"x" * HEAD_MAX_BYTES, 431),
    ],
    ids=["no HTTP", "no host", "two hosts", "path", "bracket", "user", "many", "large", "endless", "address"],
)
def test_what_is_no_sound_request_is_refused(head: bytes, status: int) -> None:
    """Nothing of it reaches the application, and the connection ends."""
    wire = _sent(head, app=None)

    assert (wire.status, wire.closed) == (status, True)


def test_a_head_that_does_not_end_in_time_is_refused() -> None:
    """Who sends a letter now and then does not keep a connection for ever."""
    wire = _sent(GET, b"Host: ", slowly=True)

    assert (wire.status, wire.closed) == (408, True)
    assert HEAD_WITHIN_S <= 30


def test_an_endless_body_is_cut_off() -> None:
    """Also at a door that reads no body, and without an answer into the middle of another."""
    chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"
    head = b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n"
    times = REQUEST_MAX_BYTES // len(chunk) + 2

    answered, waiting = _sent(head, *[chunk] * times), _sent(head, *[chunk] * times, app=_never)

    assert (answered.status, answered.written.count(b"HTTP/1.1"), answered.closed) == (200, 1, True)
    assert (waiting.status, waiting.closed) == (413, True)


def test_nonsense_behind_a_request_is_not_answered_before_it() -> None:
    """Two answers on one connection keep their order."""
    wire = _sent(GET + HOST + b"\r\nhello\r\n\r\n", app=_never)

    assert (wire.written, wire.closed) == (b"", True)


def test_headers_behind_the_body_change_nothing() -> None:
    """A key in a trailer is no key."""
    seen: list[list[tuple[bytes, bytes]]] = []

    async def look(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["headers"])
        await _answer(scope, receive, send)

    chunked = b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n0\r\nX-API-Key: k\r\n\r\n"
    _sent(chunked, app=look)

    assert [name for name, _ in seen[0]] == [b"host", b"transfer-encoding"]
