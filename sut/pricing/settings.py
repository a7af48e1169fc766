"""What pricing is told by its environment."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from sut.settings import EventSettings

WORKERS_MOST = 64
LIMIT_MOST_S = 600


def _count(most: int) -> dict[str, object]:
    def check(text: str) -> str:
        is_count = text.isascii() and text.isdigit() and len(text) <= 4 and 1 <= int(text) <= most
        return "" if is_count else f"must be a whole number, 1 to {most}"

    return {"check": check}


@dataclass(frozen=True, kw_only=True)
class PricingSettings(EventSettings):
    """The settings of pricing; a stage that takes longer than the limit has failed."""

    pricing_workers: int = dataclasses.field(default=3, metadata=_count(WORKERS_MOST))
    pricing_stage_limit_s: int = dataclasses.field(default=30, metadata=_count(LIMIT_MOST_S))
