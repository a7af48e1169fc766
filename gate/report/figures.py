"""The figures of the summary page, taken from a run's evidence."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from gate.criteria import Criterion
from gate.judge_load import how_many
from gate.outcome import Outcome
from gate.report.words import milliseconds
from gate.verdict import Evidence, Verdict

CONSERVED = ("lost", "doubled", "mispriced", "stuck", "unexpected", "leaked")
TONES = {Outcome.PASS: "good", Outcome.WARN: "warn", Outcome.FAIL: "bad", Outcome.UNKNOWN: "unknown"}
SPANS = {"order_to_price": "From order to price", "accept_to_mes": "From acceptance to the MES"}
DASHBOARD = "GET mes/orders"  # the list, and the cards it leads to
PERCENTILES = ("p50_ms", "p95_ms", "p99_ms")
# Of fewer requests none lies beyond the percentile: it would be the slowest one under another name.
NEEDS_REQUESTS = {"p50": 2, "p95": 20, "p99": 100}


@dataclass(frozen=True)
class Tile:
    """One figure that is seen at a glance."""

    label: str
    value: str
    note: str = ""
    tone: str = "plain"


@dataclass(frozen=True)
class Operation:
    """One operation or span as the load stage measured it."""

    name: str
    requests: int
    failures: int
    p50_ms: float
    p95_ms: float
    p99_ms: float

    def told_ms(self, percentile: str) -> float | None:
        """Return `p50`, `p95` or `p99`, in ms; None of too few requests for it."""
        if self.requests < NEEDS_REQUESTS[percentile]:
            return None
        return float(getattr(self, f"{percentile}_ms"))

    def told(self) -> dict[str, float]:
        """Return the percentiles in ms that can be told of so many requests, by name."""
        found = {name: self.told_ms(name) for name in NEEDS_REQUESTS}
        return {name: value for name, value in found.items() if value is not None}


def order_tiles(evidence: Evidence) -> list[Tile]:
    """Return how many orders were acknowledged, and how many of them went wrong in which way."""
    found = {"e2e": evidence.conservation, "load": (evidence.load or {}).get("conservation")}
    known = {stage: told for stage, told in found.items() if isinstance(told, Mapping)}
    planned = [stage for stage in found if stage in evidence.record.planned]
    told = len([stage for stage in planned if stage in known]) == len(planned) > 0
    return [_acknowledged(known), *(_violation(name, known, told=told) for name in CONSERVED)]


def other_tiles(verdict: Verdict, operations: Iterable[Operation]) -> list[Tile]:
    """Return the slowest dashboard figure, the tightest headroom, and the tests."""
    return [_dashboard(operations), _tightest(verdict.criteria), _tests(verdict)]


def operations(load: Mapping[str, Any] | None) -> list[Operation]:
    """Return what was measured of each operation and span, slowest first; without figures it is left out."""
    found = []
    for group in ("slis", "operations"):
        entries = (load or {}).get(group)
        for name, entry in entries.items() if isinstance(entries, Mapping) else ():
            told = _operation(group, str(name), entry)
            found += [told] if told else []
    return sorted(found, key=lambda operation: -max(operation.told().values(), default=operation.p50_ms))


def _operation(group: str, name: str, entry: object) -> Operation | None:
    if not isinstance(entry, Mapping) or not all(
        isinstance(entry.get(key), int | float) for key in PERCENTILES
    ):
        return None
    return Operation(
        name=SPANS.get(name, name) if group == "slis" else name,
        requests=how_many(entry.get("requests")),
        failures=how_many(entry.get("failures")),
        p50_ms=float(entry["p50_ms"]),
        p95_ms=float(entry["p95_ms"]),
        p99_ms=float(entry["p99_ms"]),
    )


def _acknowledged(known: Mapping[str, Mapping[str, Any]]) -> Tile:
    counts = {stage: how_many(found.get("acknowledged")) for stage, found in known.items()}
    note = " · ".join(f"{stage} {count}" for stage, count in counts.items())
    return Tile("Acknowledged", str(sum(counts.values())) if counts else "?", note)


def _violation(name: str, known: Mapping[str, Mapping[str, Any]], *, told: bool) -> Tile:
    lists = [found.get(name) for found in known.values()]
    count = sum(how_many(orders) for orders in lists)
    complete = all(found.get("complete") is True for found in known.values())
    if count:
        return Tile(name.capitalize(), str(count), "orders", "bad")
    if not told or not complete or not all(isinstance(orders, list) for orders in lists):
        return Tile(name.capitalize(), "?", "could not be told", "unknown")
    return Tile(name.capitalize(), "0", "orders", "good")


def _dashboard(found: Iterable[Operation]) -> Tile:
    slowest = max((one for one in found if _is_dashboard(one)), key=lambda one: one.p99_ms, default=None)
    if slowest is None:
        return Tile("Slowest dashboard figure", "?", "not measured", "unknown")
    what = "p99" if slowest.told_ms("p99") is not None else f"slowest of {slowest.requests} requests"
    return Tile("Slowest dashboard figure", milliseconds(slowest.p99_ms), f"{what}: {slowest.name}")


def _is_dashboard(operation: Operation) -> bool:
    return operation.name.startswith(DASHBOARD)


def _tightest(criteria: Iterable[Criterion]) -> Tile:
    known = [(one.headroom_share, one.title) for one in criteria if one.headroom_share is not None]
    if not known:
        return Tile("Tightest headroom", "?", "no objective was measured", "unknown")
    share, title = min(known)
    tone = "bad" if share < 0 else "warn" if share < 0.1 else "good"
    told = f"{share:.0%}" if share >= 0 else f"{-share:.0%} over"
    return Tile("Tightest headroom", told, title, tone)


def _tests(verdict: Verdict) -> Tile:
    passed = sum(stage.passed for stage in verdict.stages)
    counts = {
        name: sum(getattr(stage, name) for stage in verdict.stages)
        for name in ("failed", "unclear", "skipped")
    }
    note = ", ".join(f"{count} {name}" for name, count in counts.items() if count) or "none failed"
    tone = "bad" if counts["failed"] else "unknown" if counts["unclear"] or not passed else "good"
    return Tile("Tests passed", str(passed), note, tone)
