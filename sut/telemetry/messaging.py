"""Spans of an event's way: written to the outbox, published by the relay, processed by each consumer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from sut.events import Event
from sut.telemetry import spans
from sut.telemetry.place import HEADER
from sut.telemetry.spans import Named, Span
from sut.telemetry.wire import Kind

_SYSTEM = {"messaging.system": "nats"}
_MESSAGE_ID = "messaging.message.id"
_TYPES_MOST = 64


def written(event: Event, led_here: Iterable[str | None] = ()) -> Span:
    """Begin the write of an event to the outbox; its place goes into the row.

    `led_here` are places from which it comes as well, beside what is under way.
    """
    span = spans.below(_written(event.type))
    span.of_order(event.order_id, event.order_number)
    for place in led_here:
        span.link(place)
    return span


def published(row: Mapping[str, Any], headers: dict[str, str]) -> Span:
    """Begin the publishing of an outbox row; its place goes into the headers."""
    before: str | None = row["traceparent"]
    span = spans.after(before, _published(row["subject"]))
    if span.sampled:
        span.set_id(_MESSAGE_ID, headers["Nats-Msg-Id"])
        if order_id := _order_of(row["payload"]):
            span.of_order(order_id)
    if carried := span.traceparent or before:
        headers[HEADER] = carried
    return span


def processed(headers: Mapping[str, str] | None, event: Event, consumer: str) -> Span:
    """Begin the handling of a delivered event."""
    span = spans.after((headers or {}).get(HEADER), _processed(event.type, consumer))
    if span.sampled:
        span.set_id(_MESSAGE_ID, str(event.event_id))
        span.of_order(event.order_id)
    return span


def _order_of(payload: str) -> str:
    """Return the order's id as the event's text has it, without reading all of it; empty if it has none."""
    found = payload.partition('"order_id":"')[2][:37]
    return found[:36] if len(found) == 37 and found[36] == '"' and found.isascii() else ""


@lru_cache(_TYPES_MOST)
def _written(type_: str) -> Named:
    return Named(f"outbox {type_}")


@lru_cache(_TYPES_MOST)
def _published(subject: str) -> Named:
    about = {**_SYSTEM, "messaging.operation.type": "send", "messaging.destination.name": subject}
    return Named(f"publish {subject.removeprefix('orders.')}", Kind.PRODUCER, about)


@lru_cache(_TYPES_MOST)
def _processed(type_: str, consumer: str) -> Named:
    about = {
        **_SYSTEM,
        "messaging.operation.type": "process",
        "messaging.destination.name": f"orders.{type_}",
        "messaging.consumer.group.name": consumer,
    }
    return Named(f"process {type_}", Kind.CONSUMER, about)
