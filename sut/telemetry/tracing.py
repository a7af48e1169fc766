"""Tracing of one process, on while its service runs, if a collector was named."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import unquote
from uuid import uuid4

from sut.settings import ServiceSettings
from sut.telemetry import sampling, spans
from sut.telemetry.export import Exporter
from sut.telemetry.wire import Value


@contextmanager
def of_service(service: str, settings: ServiceSettings) -> Iterator[None]:
    """Trace within the block; at its end send what waits."""
    if not settings.otel_exporter_otlp_endpoint:
        yield
        return
    exporter = Exporter(
        settings.otel_exporter_otlp_endpoint,
        headers_of(settings.otel_exporter_otlp_headers),
        _resource(service),
        delay_s=settings.otel_bsp_schedule_delay / 1000,
    )
    share = float(settings.otel_traces_sampler_arg or 1)
    spans.switch(spans.Tracing(sampling.sampler(settings.otel_traces_sampler, share), exporter.take))
    exporter.start()
    try:
        yield
    finally:
        spans.switch(None)
        exporter.stop()


def headers_of(text: str) -> dict[str, str]:
    """Read headers as in `api-key=abc,tenant=a%20b`."""
    pairs = (part.partition("=") for part in text.split(",") if part.strip())
    return {name.strip(): unquote(value.strip()) for name, _, value in pairs}


def _resource(service: str) -> dict[str, Value]:
    return {
        "service.name": service,
        "service.instance.id": str(uuid4()),
        "host.name": socket.gethostname(),
        "process.pid": os.getpid(),
        "telemetry.sdk.language": "python",
        "telemetry.sdk.name": "assay",
    }
