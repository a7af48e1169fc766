"""Those that the flow asks, and what is wrong with them; silence is trouble, and so is not having asked."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from sut.database import Row

NAMES = ("api", "mes", "pricing", "broker", "reconciliation")
_STALE_AFTER = timedelta(seconds=8)


class Source(NamedTuple):
    """How one source answers; `trouble` is empty while all is well."""

    name: str
    since: datetime | None
    trouble: str
    remark: str


def sources_of(rows: Iterable[Row], as_of: datetime) -> tuple[Source, ...]:
    """Return every source that must be asked, in a fixed order, whether or not anything is noted of it."""
    noted = {row["name"]: row for row in rows}
    return tuple(source_of(name, noted.get(name), as_of) for name in NAMES)


def source_of(name: str, row: Row | None, as_of: datetime) -> Source:
    """Return how a source stands at a moment."""
    if row is None:
        return Source(name, None, "has not been asked yet", "")
    if row["checked_at"] < as_of - _STALE_AFTER:
        return Source(name, row["checked_at"], "was not asked since", "")
    if not row["answers"]:
        return Source(name, row["since"], row["detail"], "")
    return Source(name, row["since"], "", row["detail"])
