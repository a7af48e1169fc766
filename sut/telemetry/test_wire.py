"""What is sent is what OpenTelemetry's own SDK would send."""

from __future__ import annotations

import pytest
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1 import trace_pb2
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Link, SpanContext, SpanKind, TraceFlags
from opentelemetry.trace.status import Status, StatusCode

from sut.telemetry import wire
from sut.telemetry.wire import Kind, Value

TRACE, SPAN, PARENT, OTHER = 0xABC0 << 96 | 7, 0x1234567890ABCDEF, 5, 2**127 + 9
ATTRIBUTES: dict[str, Value] = {
    "order.id": "0b1f8a3e-2c4d-4e5f-8a9b-0c1d2e3f4a5b",
    "text": "Ä" * 200,
    "empty": "",
    "small": 7,
    "large": 2**40,
    "negative": -3,
    "yes": True,
    "no": False,
}


def theirs(parent: int | None, failed: bool) -> trace_pb2.Span:
    """The span as the SDK encodes it, without the flags that we leave out."""
    span = ReadableSpan(
        name="process api.submitted",
        context=SpanContext(TRACE, SPAN, False, TraceFlags(1)),
        parent=SpanContext(TRACE, parent, True) if parent else None,
        resource=Resource({"service.name": "mes"}),
        attributes=ATTRIBUTES,
        links=[Link(SpanContext(OTHER, PARENT, True))],
        kind=SpanKind.CONSUMER,
        status=Status(StatusCode.ERROR) if failed else Status(),
        start_time=1_700_000_000_000_000_001,
        end_time=1_700_000_000_000_900_000,
        instrumentation_scope=InstrumentationScope("sut"),
    )
    encoded = encode_spans([span]).resource_spans[0].scope_spans[0].spans[0]
    encoded.ClearField("flags")
    encoded.links[0].ClearField("flags")
    if not failed:
        encoded.ClearField("status")
    plain: trace_pb2.Span = trace_pb2.Span.FromString(encoded.SerializeToString())
    return plain


@pytest.mark.parametrize("parent", [None, PARENT])
@pytest.mark.parametrize("failed", [False, True])
def test_span_is_written_as_the_sdk_writes_it(parent: int | None, failed: bool) -> None:
    """A collector cannot tell our spans from those of the SDK."""
    more = b"".join(wire.attribute(key, value) for key, value in list(ATTRIBUTES.items())[2:])
    span = wire.span(
        TRACE.to_bytes(16, "big"),
        SPAN.to_bytes(8, "big"),
        parent.to_bytes(8, "big") if parent else b"",
        wire.head("process api.submitted", Kind.CONSUMER, dict(list(ATTRIBUTES.items())[:2])),
        1_700_000_000_000_000_001,
        1_700_000_000_000_900_000,
        more + wire.link(OTHER.to_bytes(16, "big"), PARENT.to_bytes(8, "big")),
        failed,
    )

    request = ExportTraceServiceRequest.FromString(
        wire.request({"service.name": "mes", "n": 1}, [span, span])
    )

    (of_resource,) = request.resource_spans
    (of_scope,) = of_resource.scope_spans
    assert [pair.key for pair in of_resource.resource.attributes] == ["service.name", "n"]
    assert of_scope.scope.name == "sut"
    assert list(of_scope.spans) == [theirs(parent, failed)] * 2


def test_texts_of_every_size_are_written_right() -> None:
    """Where a size begins to take two bytes, nothing is lost."""
    texts = ["x" * size for size in (*range(140), *range(16_370, 16_400))]
    common = wire.head("x", Kind.INTERNAL, {})
    more = b"".join(wire.attribute("key", text) for text in texts)

    request = wire.request({}, [wire.span(bytes(16), bytes(8), b"", common, 1, 2, more, False)])

    (span,) = ExportTraceServiceRequest.FromString(request).resource_spans[0].scope_spans[0].spans
    assert [each.value.string_value for each in span.attributes] == texts
