"""A span for each request that goes out, and the header that carries the trace on."""

from __future__ import annotations

from functools import lru_cache
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from sut.telemetry import spans
from sut.telemetry.place import HEADER
from sut.telemetry.spans import Named
from sut.telemetry.wire import Kind, Value


class Call:
    """One request; a context manager around sending it.

    Outside of a trace it makes no span and asks the other side for none: services that look at each other all
    day would fill the collector.
    """

    __slots__ = ("_span", "headers")

    def __init__(self, method: str, base_url: str, path: str) -> None:
        self._span = spans.NOTHING
        if spans.recording():
            self._span = spans.below(_to(method, base_url))
            self._span.set("url.path", path)
            carried = self._span.traceparent
        else:
            carried = spans.traceparent() or spans.unrecorded()
        self.headers: dict[str, str] = {HEADER: carried} if carried else {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._span.fail(kind.__name__)
        self._span.end()

    def answered(self, status: int) -> None:
        """Note the answer's status; for the one who asked, 4xx is a failure as well."""
        self._span.set("http.response.status_code", status)
        if status >= 400:
            self._span.fail()


@lru_cache(256)
def _to(method: str, base_url: str) -> Named:
    address = urlsplit(base_url)
    attributes: dict[str, Value] = {"http.request.method": method, "server.address": address.hostname or ""}
    if address.port:
        attributes["server.port"] = address.port
    return Named(method, Kind.CLIENT, attributes)
