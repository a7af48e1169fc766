"""Where in a trace something is, as it travels: W3C Trace Context."""

from __future__ import annotations

import re
from typing import NamedTuple

HEADER = "traceparent"

_WRITTEN = re.compile(
    r"(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?"
)


class Place(NamedTuple):
    """Where in a trace something is; `sampled` says whether it is recorded."""

    trace_id: bytes
    span_id: bytes
    sampled: bool


def parse(written: str | None) -> Place | None:
    """Read a traceparent; None if it is none. Source: W3C Trace Context, 3.2."""
    match = _WRITTEN.fullmatch(written) if written else None
    if match is None or (match[1] == "00" and match[5]):
        return None
    return Place(bytes.fromhex(match[2]), bytes.fromhex(match[3]), bool(int(match[4], 16) & 1))
