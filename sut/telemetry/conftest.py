"""Tracing of the tests' own process, whose spans come back readable."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from sut.telemetry import sampling, spans, wire


class Recorded:
    """What was recorded."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []

    @property
    def spans(self) -> list[Span]:
        """The finished spans, in the order of their ends."""
        request = ExportTraceServiceRequest.FromString(wire.request({}, self.taken))
        return list(request.resource_spans[0].scope_spans[0].spans)

    def named(self, name: str) -> Span:
        """Return the one span of a name."""
        (span,) = [span for span in self.spans if span.name == name]
        return span


def attributes(span: Span) -> dict[str, str | int | bool]:
    """Return a span's attributes."""
    return {each.key: getattr(each.value, each.value.WhichOneof("value")) for each in span.attributes}


@pytest.fixture
def recorded() -> Iterator[Recorded]:
    """Trace everything during a test."""
    recorded = Recorded()
    spans.switch(spans.Tracing(sampling.sampler(), recorded.taken.append))
    try:
        yield recorded
    finally:
        spans.switch(None)
