"""Each partner's calls as Prometheus sees them: how many, how they ended, how long they took."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.types import Scope

from sut.metrics.requests import route_of

#: So many partners have series of their own, in the order in which they call; the rest are one.
NAMED_MOST = 30
OTHER = "other"
_BUCKETS_S = (0.05, 0.1, 0.25, 0.5, 1, 2.5)


class PartnerMetrics:
    """Counts what partners see; labels hold partners' ids, as names tell strangers who our customers are."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._seconds = Histogram(
            "assay_partner_request_seconds",
            "Time of the calls that count as answered: any status below 500 but 429.",
            ["partner", "route"],
            buckets=_BUCKETS_S,
            registry=registry,
        )
        self._total = Counter(
            "assay_partner_requests",
            "Calls: ok, refused (4xx), limited (429, beyond the contract's rate), failed (5xx or no answer).",
            ["partner", "route", "outcome"],
            registry=registry,
        )
        self._named: set[str] = set()

    def note(self, partner_id: str, scope: Scope, status: int | None, took_s: float) -> None:
        """Count a call by its answer's status; None where there was no answer."""
        partner, route, outcome = self._label(partner_id), route_of(scope, status), _outcome(status)
        self._total.labels(partner, route, outcome).inc()
        if outcome in ("ok", "refused"):
            self._seconds.labels(partner, route).observe(took_s)

    def _label(self, partner_id: str) -> str:
        if partner_id not in self._named:
            if len(self._named) >= NAMED_MOST:
                return OTHER
            self._named.add(partner_id)
        return partner_id


def _outcome(status: int | None) -> str:
    if status is None or status >= 500:
        return "failed"
    if status == 429:
        return "limited"
    return "refused" if status >= 400 else "ok"
