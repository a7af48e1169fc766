"""An order's history as it is read: each event with its time, its actor and the hop that it took."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sut.mes.store import Entry
from sut.states import State

_US = "mes"
#: Where an event of ours leads: the service that acts on it.
_TO = {
    "mes.pricing-requested": "pricing",
    "mes.taken": "api",
    "mes.made": "api",
    "mes.packed": "api",
    "mes.shipped": "api",
    "mes.withdrawn": "api",
    "mes.cancellation-refused": "api",
}


class Told(NamedTuple):
    """One line of the story.

    Units: `after_s` since the line before; `hop_s` from the event to our note of it, None for our own events.
    """

    type: str
    state: State
    actor: str
    detail: str | None
    occurred_at: datetime
    after_s: float | None
    hop: str
    hop_s: float | None


def told(entries: Sequence[Entry]) -> list[Told]:
    """Return the story in the order in which we came to know it."""
    before = [None, *(entry.occurred_at for entry in entries)]
    return [_line(entry, earlier) for entry, earlier in zip(entries, before, strict=False)]


def _line(entry: Entry, earlier: datetime | None) -> Told:
    source = entry.type.partition(".")[0]
    heard = source != _US
    target = _US if heard else _TO.get(entry.type, "")
    return Told(
        entry.type,
        entry.state,
        entry.actor,
        entry.detail,
        entry.occurred_at,
        after_s=_seconds(earlier, entry.occurred_at) if earlier else None,
        hop=f"{source} → {target}" if target else source,
        hop_s=_seconds(entry.occurred_at, entry.noted_at) if heard else None,
    )


def _seconds(begin: datetime, end: datetime) -> float:
    """Return how long it took; clocks of two services may differ, and nothing takes less than no time."""
    return max(0.0, (end - begin).total_seconds())
