"""Spans: what is under way now, where it came from, and what it hands on.

They are our own, not the OpenTelemetry SDK's, because a span of the SDK costs as much as a tenth of an order:
.github/decisions/0024-spans-of-our-own.md. While tracing is off, every function here does next to nothing.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from contextvars import ContextVar, Token
from functools import lru_cache
from time import time_ns
from types import TracebackType
from typing import NamedTuple, Self
from uuid import UUID

from sut.telemetry import wire
from sut.telemetry.place import parse
from sut.telemetry.sampling import Sampler
from sut.telemetry.wire import Kind, Value

ORDER_NUMBER = "order.number"

_UUID_CHARACTERS = 36
_ORDER_ID = wire.beginning("order.id", _UUID_CHARACTERS)


class Named:
    """What spans of one kind have in common; made once for many."""

    __slots__ = ("common",)

    def __init__(
        self, name: str, kind: Kind = Kind.INTERNAL, attributes: Mapping[str, Value] | None = None
    ) -> None:
        self.common = wire.head(name, kind, attributes or {})


class Span:
    """Something under way; a context manager that makes it the current one, and ends it."""

    __slots__ = (
        "_began_ns",
        "_failed",
        "_more",
        "_parent_id",
        "_token",
        "named",
        "sampled",
        "span_id",
        "trace_id",
    )
    _token: Token[Span | None]

    def __init__(self, named: Named, trace_id: bytes, parent_id: bytes, sampled: bool) -> None:
        self._began_ns = time_ns()
        self.named = named
        self.trace_id = trace_id
        self.span_id = _bits(64).to_bytes(8, "big")
        self.sampled = sampled
        self._parent_id = parent_id
        self._more = b""
        self._failed = False

    def __enter__(self) -> Self:
        self._token = _current.set(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _current.reset(self._token)
        if kind is not None:
            self.fail(kind.__name__)
        self.end()

    @property
    def traceparent(self) -> str | None:
        """The span as W3C Trace Context writes it, for whoever goes on from here."""
        return f"00-{self.trace_id.hex()}-{self.span_id.hex()}-{'01' if self.sampled else '00'}"

    def set(self, key: str, value: Value) -> None:
        """Add an attribute; each key once."""
        if self.sampled:
            self._more += wire.attribute(key, value)

    def set_id(self, key: str, written: str) -> None:
        """Add an attribute that is a UUID's text; quicker than `set`."""
        if self.sampled:
            self._more += _id(key) + written.encode()

    def of_order(self, order_id: UUID | str, number: str | None = None) -> None:
        """Say which order it is about."""
        if self.sampled:
            self._more += _ORDER_ID + str(order_id).encode()
            if number is not None:
                self._more += wire.attribute(ORDER_NUMBER, number)

    def link(self, written: str | None) -> None:
        """Link to a place that was kept, if one was."""
        place = parse(written) if self.sampled else None
        if place:
            self._more += wire.link(place.trace_id, place.span_id)

    def fail(self, reason: str | None = None) -> None:
        """Mark it as failed; a reason is one of few words, such as an error's name."""
        self._failed = True
        if reason is not None:
            self.set("error.type", reason)

    def took(self, began_ns: int, ended_ns: int) -> None:
        """End it with times that somebody else took."""
        self._began_ns = began_ns
        self.end(ended_ns)

    def end(self, ended_ns: int | None = None) -> None:
        """Hand it over for export, unless that was done; what begins below it later is not recorded."""
        if self.sampled and _tracing is not None:
            _tracing.take(
                wire.span(
                    self.trace_id,
                    self.span_id,
                    self._parent_id,
                    self.named.common,
                    self._began_ns,
                    ended_ns or time_ns(),
                    self._more,
                    self._failed,
                )
            )
        self.sampled = False


class _Nothing(Span):
    """Stands for a span while tracing is off."""

    __slots__ = ()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return

    @property
    def traceparent(self) -> str | None:
        """There is none."""
        return None

    def fail(self, reason: str | None = None) -> None:
        """Do nothing."""


@lru_cache(16)
def _id(key: str) -> bytes:
    return wire.beginning(key, _UUID_CHARACTERS)


class Tracing(NamedTuple):
    """How spans are made and where finished ones go."""

    sampler: Sampler
    take: Callable[[bytes], None]


_bits = random.getrandbits
_current: ContextVar[Span | None] = ContextVar("span", default=None)
_tracing: Tracing | None = None
NOTHING: Span = _Nothing(Named(""), bytes(16), b"", False)


def switch(tracing: Tracing | None) -> None:
    """Turn tracing of this process on or off."""
    global _tracing
    _tracing = tracing


def is_on() -> bool:
    """Whether this process traces."""
    return _tracing is not None


def current() -> Span:
    """Return the span that is under way; one that takes everything and keeps nothing where there is none."""
    return _current.get() or NOTHING


def recording() -> Span | None:
    """Return the span under way if it is recorded."""
    span = _current.get()
    return span if span is not None and span.sampled else None


def trace_id() -> str | None:
    """Return the id of the present trace, as 32 hexadecimal digits."""
    span = _current.get()
    return span.trace_id.hex() if span is not None else None


def traceparent() -> str | None:
    """Return the present place as W3C Trace Context writes it."""
    return current().traceparent


def below(named: Named) -> Span:
    """Begin a part of what is under way; without that, the first span of a trace."""
    if _tracing is None:
        return NOTHING
    parent = _current.get()
    if parent is None:
        return _first(_tracing, named)
    return Span(named, parent.trace_id, parent.span_id, parent.sampled)


def after(written: str | None, named: Named) -> Span:
    """Begin what follows on a place that was kept or sent; without one, on what is under way."""
    if _tracing is None:
        return NOTHING
    place = parse(written) if written else None
    if place is None:
        return below(named)
    return Span(named, place.trace_id, place.span_id, _tracing.sampler(place.trace_id, place.sampled))


def unrecorded() -> str | None:
    """Return a place of a trace that is not recorded, for calls that nobody wants to see."""
    if _tracing is None:
        return None
    return f"00-{_bits(128) or 1:032x}-{_bits(64) or 1:016x}-00"


def _first(tracing: Tracing, named: Named) -> Span:
    trace_id = (_bits(128) or 1).to_bytes(16, "big")
    return Span(named, trace_id, b"", tracing.sampler(trace_id, None))
