"""HTTP as it comes over the wire: what cannot be a request is refused before any code of ours sees it."""

from __future__ import annotations

import asyncio
import json
import re
from http import HTTPStatus
from typing import Any, NamedTuple

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_MAX_BYTES = 32 * 1024
HEADERS_MOST = 100
HEAD_WITHIN_S = 20.0
#: More than any door takes or drains; whoever still sends then is cut off.
REQUEST_MAX_BYTES = 100_000_000

_HOST = re.compile(rb"([A-Za-z0-9._-]{1,255}|\[[0-9A-Fa-f:.]{2,45}\])(:[0-9]{1,5})?")


class _Refusal(NamedTuple):
    status: HTTPStatus
    detail: str


_NOT_HTTP = _Refusal(HTTPStatus.BAD_REQUEST, "That is no HTTP request.")
_NO_HOST = _Refusal(HTTPStatus.BAD_REQUEST, "A request has one Host header, and it names a host.")
_LARGE_HEAD = _Refusal(
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    f"Address and headers have at most {HEAD_MAX_BYTES} bytes and {HEADERS_MOST} lines.",
)
_SLOW = _Refusal(HTTPStatus.REQUEST_TIMEOUT, f"The headers did not arrive within {HEAD_WITHIN_S:g} s.")
_ENDLESS = _Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "Nothing that is taken here is that large.")


class StrictHttp(HttpToolsProtocol):
    """uvicorn's HTTP with bounds that it lacks: size and time of the head, size of all, one sound Host.

    uvicorn's own refusals are plain text; these are problem+json (RFC 9457) like every other.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        """Begin to wait for a request's head."""
        super().connection_made(transport)
        self._refusal: _Refusal | None = None
        self._in_head, self._got_bytes = True, 0
        self._head_timer: asyncio.TimerHandle | None = None
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._stop_expecting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take in what came, up to the bounds."""
        self._got_bytes += len(data)
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._in_head and self._got_bytes > HEAD_MAX_BYTES:
            self._refuse(_LARGE_HEAD)
        elif self._got_bytes > REQUEST_MAX_BYTES:
            self._refuse(_ENDLESS)
        elif self._in_head and self._got_bytes and self._head_timer is None:
            self._expect_head()

    def on_message_begin(self) -> None:
        """Begin another head."""
        super().on_message_begin()
        self._in_head = True

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header; one that comes behind the body must not change what was read before."""
        if self._in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Check the head as a whole, then let the request in."""
        size_bytes = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
        if size_bytes > HEAD_MAX_BYTES or len(self.headers) > HEADERS_MOST:
            self._refusal = _LARGE_HEAD
        elif not self._has_sound_host():
            self._refusal = _NO_HOST
        if self._refusal:
            raise ValueError(self._refusal.detail)  # the parser stops and `send_400_response` is called
        self._in_head = False
        self._stop_expecting()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Let the next request of the connection begin."""
        super().on_message_complete()
        self._in_head, self._got_bytes = True, 0

    def send_400_response(self, msg: str) -> None:
        """Refuse what the parser could not read; the name is uvicorn's."""
        self._refuse(self._refusal or _NOT_HTTP)

    def _has_sound_host(self) -> bool:
        hosts = [value for name, value in self.headers if name == b"host"]
        if not hosts:
            return self.parser.get_http_version() == "1.0"
        return len(hosts) == 1 and _HOST.fullmatch(hosts[0]) is not None

    def _refuse(self, refusal: _Refusal) -> None:
        """Answer and hang up; into the middle of another answer nothing is written."""
        if self._may_answer():
            self.transport.write(_written(refusal))
        self.transport.close()

    def _may_answer(self) -> bool:
        if self.cycle is None:
            return True
        if self._in_head:  # the last request's answer must be through
            return self.cycle.response_complete
        return not (self.cycle.response_started or self.pipeline)

    def _expect_head(self) -> None:
        self._head_timer = self.loop.call_later(HEAD_WITHIN_S, self._head_is_late)

    def _stop_expecting(self) -> None:
        if self._head_timer:
            self._head_timer.cancel()
            self._head_timer = None

    def _head_is_late(self) -> None:
        self._head_timer = None
        if self._in_head and not self.transport.is_closing():
            self._refuse(_SLOW)


def _written(refusal: _Refusal) -> bytes:
    status = refusal.status
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "detail": refusal.detail,
    }
    content = json.dumps(body).encode()
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\n"
        "Content-Type: application/problem+json\r\n"
        f"Content-Length: {len(content)}\r\n"
        "X-Content-Type-Options: nosniff\r\n"
        "Connection: close\r\n\r\n"
    )
    return head.encode() + content
