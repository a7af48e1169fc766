"""From counts of calls to a service level."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest

from sut.api import figures
from sut.api.calls import BOUNDS_MS, Kind
from sut.api.contracts import Contract
from sut.api.figures import WINDOWS, Counts

NOW = datetime(2026, 11, 22, 12, 34, 56, tzinfo=UTC)
CONTRACT = Contract(latency_share=0.5, availability_share=0.75)


def level(*rows: tuple[Kind, int, int], contract: Contract = CONTRACT) -> dict[str, Any]:
    """The service level of some counts."""
    counts = Counts()
    for kind, bucket, calls in rows:
        counts.add({"kind": kind, "bucket": bucket, "calls": calls})
    return figures.shown(WINDOWS[0], NOW, counts, contract)


def test_no_calls_have_no_share_and_no_percentile() -> None:
    """Of nothing nothing can be said, and nothing was overspent."""
    seen = level()

    assert (seen["calls"], seen["availability_share"], seen["p95_ms"]) == (0, None, None)
    assert seen["availability_budget"] == {
        "allowed_calls": 0,
        "spent_calls": 0,
        "left_share": 1,
        "kept": True,
    }


@pytest.mark.parametrize(("failed", "left", "kept"), [(0, 1.0, True), (1, 0.0, True), (2, -1.0, False)])
def test_failures_spend_the_budget(failed: int, left: float, kept: bool) -> None:
    """Of four calls a contract of 75 % lets one fail."""
    budget = level((Kind.ANSWERED, 3, 4 - failed), (Kind.FAILED, 0, failed))["availability_budget"]

    assert (budget["allowed_calls"], budget["left_share"], budget["kept"]) == (1, left, kept)


def test_calls_beyond_the_rate_are_neither_kept_nor_failed() -> None:
    """They are shown, and change nothing."""
    seen = level((Kind.ANSWERED, 3, 10), (Kind.LIMITED, 0, 1000))

    assert (seen["calls"], seen["limited"], seen["availability_share"]) == (10, 1000, 1)


def test_percentiles_are_upper_bounds_of_their_buckets() -> None:
    """Of a hundred calls the slowest five are beyond the 95th percentile."""
    seen = level((Kind.ANSWERED, 0, 95), (Kind.ANSWERED, 50, 4), (Kind.ANSWERED, 60, 1))

    assert (seen["p50_ms"], seen["p95_ms"], seen["p99_ms"]) == (BOUNDS_MS[0], BOUNDS_MS[0], BOUNDS_MS[50])


def test_slow_calls_spend_the_latency_budget_of_the_answered() -> None:
    """Failures are judged once, as failures."""
    budget = level((Kind.ANSWERED, 70, 4), (Kind.SLOW, 0, 3), (Kind.FAILED, 0, 9))["latency_budget"]

    assert (budget["allowed_calls"], budget["spent_calls"], budget["kept"]) == (2, 3, False)


def test_windows_begin_at_a_whole_minute_or_hour() -> None:
    """A window is never shorter than its name."""
    began = [window.since(NOW).isoformat() for window in WINDOWS]

    assert began == ["2026-11-22T12:29:00+00:00", "2026-11-22T11:34:00+00:00", "2026-10-23T12:00:00+00:00"]


def test_buckets_reach_from_a_millisecond_to_a_minute() -> None:
    """Within them nothing is told more than 8 % too high."""
    assert BOUNDS_MS[0] == 1
    assert BOUNDS_MS[-1] > 60_000
    assert max(b / a for a, b in pairwise(BOUNDS_MS)) < 1.09
