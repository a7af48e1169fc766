"""Partners' calls make a bounded number of series, whoever calls."""

from __future__ import annotations

from uuid import uuid4

import pytest
from prometheus_client import CollectorRegistry

from sut.api.partner_metrics import NAMED_MOST, OTHER, PartnerMetrics

NOWHERE = {"type": "http", "method": "GET", "path": "/v1/none", "root_path": ""}


@pytest.fixture
def registry() -> CollectorRegistry:
    """Where the series lie."""
    return CollectorRegistry()


def calls(registry: CollectorRegistry, partner: str, outcome: str) -> float | None:
    """Return how many calls were counted."""
    labels = {"partner": partner, "route": "unmatched", "outcome": outcome}
    return registry.get_sample_value("assay_partner_requests_total", labels)


@pytest.mark.parametrize(
    ("status", "outcome", "is_timed"),
    [
        (201, "ok", True),
        (404, "refused", True),
        (429, "limited", False),
        (503, "failed", False),
        (None, "failed", False),
    ],
)
def test_a_call_is_counted_by_how_it_ended(
    registry: CollectorRegistry, status: int | None, outcome: str, *, is_timed: bool
) -> None:
    """What the contract counts as answered is timed; the rest is only counted."""
    PartnerMetrics(registry).note("p", NOWHERE, status, 0.1)

    timed = registry.get_sample_value(
        "assay_partner_request_seconds_count", {"partner": "p", "route": "unmatched"}
    )
    assert calls(registry, "p", outcome) == 1
    assert timed == (1 if is_timed else None)


def test_partners_beyond_the_first_share_one_series(registry: CollectorRegistry) -> None:
    """A thousand partners cost Prometheus no more than thirty."""
    metrics = PartnerMetrics(registry)
    partners = [str(uuid4()) for _ in range(NAMED_MOST + 100)]

    for partner in partners * 2:
        metrics.note(partner, NOWHERE, 200, 0.1)

    assert calls(registry, partners[0], "ok") == 2
    assert calls(registry, partners[-1], "ok") is None
    assert calls(registry, OTHER, "ok") == 200
