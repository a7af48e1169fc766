"""What pricing is told by its environment."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from sut.settings import EventSettings

WORKERS_MOST = 64
LIMIT_LEAST_S, LIMIT_MOST_S = 0.01, 600.0
MEMORY_LEAST_MB, MEMORY_MOST_MB = 10, 100_000


def _count(most: int, least: int = 1) -> dict[str, object]:
    def check(text: str) -> str:
        is_count = text.isascii() and text.isdigit() and len(text) <= 6 and least <= int(text) <= most
        return "" if is_count else f"must be a whole number, {least} to {most}"

    return {"check": check}


def _check_limit(text: str) -> str:
    whole, _, part = text.partition(".")
    is_decimal = text.isascii() and whole.isdigit() and (part or "0").isdigit() and len(text) <= 8
    fits = is_decimal and LIMIT_LEAST_S <= float(text) <= LIMIT_MOST_S
    return "" if fits else f"must be seconds, {LIMIT_LEAST_S} to {LIMIT_MOST_S:.0f}"


@dataclass(frozen=True, kw_only=True)
class PricingSettings(EventSettings):
    """The settings of pricing; a stage that takes longer than its limit, or more memory, has failed."""

    pricing_workers: int = dataclasses.field(default=3, metadata=_count(WORKERS_MOST))
    pricing_stage_limit_s: float = dataclasses.field(default=30.0, metadata={"check": _check_limit})
    pricing_stage_memory_mb: int = dataclasses.field(
        default=1000, metadata=_count(MEMORY_MOST_MB, MEMORY_LEAST_MB)
    )
