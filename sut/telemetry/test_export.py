"""What becomes of finished spans: sent soon, kept while the collector is away, dropped beyond a bound."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from fixtures.testbed.ports import Ports
from fixtures.waiting import until
from sut.telemetry import export, wire
from sut.telemetry.export import Exporter
from sut.telemetry.wire import Kind

DELAY_S = 0.02


class Collector(BaseHTTPRequestHandler):
    """A collector that takes spans, or answers what a test wants."""

    protocol_version = "HTTP/1.1"
    names: ClassVar[list[str]]
    headers_seen: ClassVar[list[str | None]]
    status: ClassVar[int]

    def do_POST(self) -> None:
        """Take an export."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/v1/traces" and self.status == 200:
            for of_resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                self.names.extend(span.name for scope in of_resource.scope_spans for span in scope.spans)
            self.headers_seen.append(self.headers["Api-Key"])
        self.send_response(self.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def collector(port: int) -> Iterator[type[Collector]]:
    """Run a collector of one's own."""

    class Own(Collector):
        names: ClassVar[list[str]] = []
        headers_seen: ClassVar[list[str | None]] = []
        status = 200

    server = ThreadingHTTPServer(("127.0.0.1", port), Own)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield Own
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def exporting(port: int) -> Iterator[Exporter]:
    """Run an exporter."""
    exporter = Exporter(
        f"http://127.0.0.1:{port}/", {"Api-Key": "k"}, {"service.name": "api"}, delay_s=DELAY_S
    )
    exporter.start()
    try:
        yield exporter
    finally:
        exporter.stop()


def span(name: str) -> bytes:
    """A finished span."""
    return wire.span(bytes(16), bytes(8), b"", wire.head(name, Kind.INTERNAL, {}), 1, 2, b"", False)


@pytest.fixture
def port() -> int:
    """A port that nobody listens on."""
    return Ports().take()


def test_spans_arrive_within_the_delay(port: int) -> None:
    """What has ended is with the collector a moment later, with the headers that it asks for."""
    with collector(port) as seen, exporting(port) as exporter:
        exporter.take(span("a"))
        until(lambda: seen.names == ["a"], within_s=5, what="the span")
        exporter.take(span("b"))
        until(lambda: seen.names == ["a", "b"], within_s=5, what="the second span, on the same connection")

    assert set(seen.headers_seen) == {"k"}


def test_spans_wait_for_a_collector_that_is_away(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A collector that is restarted misses nothing."""
    monkeypatch.setattr(export, "_PAUSE_S", 0.02)
    with exporting(port) as exporter:
        for name in "abc":
            exporter.take(span(name))
        time.sleep(3 * DELAY_S)
        with collector(port) as seen:
            until(lambda: seen.names == ["a", "b", "c"], within_s=5, what="all spans in their order")


def test_spans_beyond_the_bound_are_dropped_and_counted(
    port: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A collector that stays away costs bounded memory, and the log tells what is missing."""
    monkeypatch.setattr(export, "_PAUSE_S", 0.02)
    monkeypatch.setattr(export, "MOST_WAITING", 3)
    with caplog.at_level(logging.WARNING), exporting(port) as exporter:
        for name in "abcde":
            exporter.take(span(name))
        with collector(port) as seen:
            until(lambda: seen.names == ["a", "b", "c"], within_s=5, what="what was kept")
            until(lambda: "2 spans were dropped" in caplog.text, within_s=5, what="the count")


@pytest.mark.parametrize(("status", "comes_again"), [(503, True), (400, False)])
def test_refused_spans_come_again_only_where_that_may_help(
    port: int, monkeypatch: pytest.MonkeyPatch, status: int, comes_again: bool
) -> None:
    """A collector that is busy is asked again; one that cannot read us is not bothered for ever."""
    monkeypatch.setattr(export, "_PAUSE_S", 0.02)
    with collector(port) as seen, exporting(port) as exporter:
        seen.status = status
        exporter.take(span("a"))
        time.sleep(5 * DELAY_S)
        seen.status = 200
        exporter.take(span("b"))
        until(lambda: "b" in seen.names, within_s=5, what="the later span")

    assert ("a" in seen.names) is comes_again


def test_last_spans_are_sent_at_the_end(port: int) -> None:
    """A service that is stopped sends what it has just done."""
    with collector(port) as seen:
        exporter = Exporter(f"http://127.0.0.1:{port}", {}, {}, delay_s=60)
        exporter.start()
        exporter.take(span("last"))
        exporter.stop()

        assert seen.names == ["last"]


def test_end_does_not_wait_for_a_silent_collector(port: int) -> None:
    """A collector that accepts and says nothing holds up neither work nor the end of the service."""
    import socket

    with socket.create_server(("127.0.0.1", port)):
        exporter = Exporter(f"http://127.0.0.1:{port}", {}, {}, delay_s=60)
        exporter.start()
        exporter.take(span("unheard"))
        began_s = time.monotonic()
        exporter.stop()

        assert time.monotonic() - began_s < 1
