"""OTLP's protobuf, written by hand: a span costs microseconds, and most of its bytes are made once.

Source: opentelemetry/proto/trace/v1/trace.proto; the numbers are those of its fields.
"""

from __future__ import annotations

import struct
from collections.abc import Collection, Mapping
from enum import IntEnum
from functools import lru_cache
from typing import TypeAlias

Value: TypeAlias = str | int | bool

_times = struct.Struct("<cQcQ").pack
_ERROR = b"\x7a\x02\x18\x02"  # status { code: STATUS_CODE_ERROR }
_SPAN = b"\x12"  # in the message of its scope
_SCOPE = b"\x0a\x05\x0a\x03sut"  # scope { name: "sut" }


class Kind(IntEnum):
    """What part a span has in an exchange; the numbers are OTLP's."""

    INTERNAL = 1
    SERVER = 2
    CLIENT = 3
    PRODUCER = 4
    CONSUMER = 5


def _number(value: int) -> bytes:
    """Write a number as a varint; a negative one as 64 bits."""
    if 0 <= value < len(_SMALL):
        return _SMALL[value]
    return _varint(value & 2**64 - 1)


def _varint(value: int) -> bytes:
    written = bytearray()
    while value > 127:
        written.append(value & 127 | 128)
        value >>= 7
    written.append(value)
    return bytes(written)


_SHORT = 126  # with its frame around it, its size still takes one byte
_SMALL = [_varint(value) for value in range(2048)]


def _field(tag: bytes, content: bytes) -> bytes:
    return tag + _number(len(content)) + content


@lru_cache(1024)
def _key(key: str) -> bytes:
    return _field(b"\x0a", key.encode())


def _pair(key: str, value: Value) -> bytes:
    if isinstance(value, str):
        written = _field(b"\x0a", value.encode("utf-8", "replace"))
    elif isinstance(value, bool):
        written = b"\x10\x01" if value else b"\x10\x00"
    else:
        written = b"\x18" + _number(value)
    return _key(key) + _field(b"\x12", written)


def attribute(key: str, value: Value) -> bytes:
    """Write one attribute of a span."""
    if isinstance(value, str):  # nearly all are, so this is the shortest way
        text, name = value.encode("utf-8", "replace"), _key(key)
        size = len(text)
        if size < _SHORT:
            whole = _SMALL[len(name) + size + 4]
            return b"\x4a" + whole + name + b"\x12" + _SMALL[size + 2] + b"\x0a" + _SMALL[size] + text
    return _field(b"\x4a", _pair(key, value))


def beginning(key: str, size_bytes: int) -> bytes:
    """Write an attribute up to its text, for one whose text always has the same size."""
    return attribute(key, "x" * size_bytes)[:-size_bytes]


def head(name: str, kind: Kind, attributes: Mapping[str, Value]) -> bytes:
    """Write what many spans have in common."""
    fixed = b"".join(attribute(key, value) for key, value in attributes.items())
    return _field(b"\x2a", name.encode("utf-8", "replace")) + b"\x30" + _number(kind) + fixed


def link(trace_id: bytes, span_id: bytes) -> bytes:
    """Write a link to a span of another trace."""
    return b"\x6a\x1c\x0a\x10" + trace_id + b"\x12\x08" + span_id


def span(
    trace_id: bytes,
    span_id: bytes,
    parent_id: bytes,
    common: bytes,
    began_ns: int,
    ended_ns: int,
    more: bytes,
    failed: bool,
) -> bytes:
    """Write a finished span; `parent_id` is empty for a root, `more` holds attributes and links."""
    content = (
        b"\x0a\x10"
        + trace_id
        + b"\x12\x08"
        + span_id
        + (b"\x22\x08" + parent_id if parent_id else b"")
        + common
        + _times(b"\x39", began_ns, b"\x41", ended_ns)
        + more
        + (_ERROR if failed else b"")
    )
    return _SPAN + _number(len(content)) + content


def request(resource: Mapping[str, Value], finished: Collection[bytes]) -> bytes:
    """Write the body of a POST to /v1/traces."""
    about = _field(b"\x0a", b"".join(_field(b"\x0a", _pair(key, value)) for key, value in resource.items()))
    size = len(_SCOPE) + sum(map(len, finished))
    scope = b"\x12" + _number(size) + _SCOPE
    whole = b"\x0a" + _number(len(about) + len(scope) - len(_SCOPE) + size)
    return b"".join((whole, about, scope, *finished))  # the one copy of what may be a megabyte
