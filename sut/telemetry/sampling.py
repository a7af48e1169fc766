"""Which traces are recorded, as OTEL_TRACES_SAMPLER and its argument say."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

DEFAULT = "parentbased_always_on"
_PARENT_BASED = "parentbased_"
_ROOTS = ("always_on", "always_off", "traceidratio")
NAMES = (*_ROOTS, *(_PARENT_BASED + name for name in _ROOTS))

#: Says for a trace id and the parent's decision, if there is one, whether a span is recorded.
Sampler: TypeAlias = Callable[[bytes, bool | None], bool]


def sampler(name: str = DEFAULT, share: float = 1.0) -> Sampler:
    """Return a sampler by its OpenTelemetry name; `share` is the ratio's argument, 0 to 1."""
    bounds = {"always_on": 2**64, "always_off": 0, "traceidratio": round(share * 2**64)}
    bound = bounds[name.removeprefix(_PARENT_BASED)]
    follows_parent = name.startswith(_PARENT_BASED)

    def decide(trace_id: bytes, parent: bool | None) -> bool:
        if follows_parent and parent is not None:
            return parent
        return int.from_bytes(trace_id[8:], "big") < bound

    return decide


def fault_of_name(text: str) -> str:
    """Say what is wrong with a sampler's name; nothing when it is one."""
    return "" if text in NAMES else f"must be one of {', '.join(NAMES)}"


def fault_of_share(text: str) -> str:
    """Say what is wrong with a ratio's argument; nothing when it is a number from 0 to 1."""
    try:
        is_share = 0 <= float(text) <= 1
    except ValueError:
        is_share = False
    return "" if is_share else "must be a number from 0 to 1"
