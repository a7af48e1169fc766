"""Accuracy: what we measure of targets whose truth is known, and what closed loops make of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from load.bench.known import PERCENTILES, delay_ms, frozen_ms, truth_ms
from load.bench.others import hey, wrk
from load.bench.running import Ran, Target, locust, target

RATES = {"lognormal": 500.0, "bimodal": 500.0, "freezing": 200.0}
SECONDS = {"lognormal": 20.0, "bimodal": 20.0, "freezing": 20.0}
BESIDE_S = 10
CLOSED_USERS = 20
MOST_OFF_SHARE, MOST_OFF_MS = 0.01, 0.5
MAY_BE_LATE_MS = 0.5
"""What is late by as much as we may be off, at the 99th percentile, cannot tell how far we are off."""


@dataclass
class Compared:
    """One target: the truth, what we measured, why that may not be trusted, and what others said.

    The truth is taken at the target: from when each request was to be sent to when it sent the answer. It
    differs from the plan by what else the machine did.
    """

    kind: str
    planned_ms: Mapping[float, float]
    truth_ms: Mapping[float, float]
    measured_ms: Mapping[float, float]
    doubt: str
    others: dict[str, tuple[float, Mapping[float, float]]] = field(default_factory=dict)

    @property
    def is_accurate(self) -> bool:
        """Whether every percentile is within 1 % or 0.5 ms of the truth, whichever is more."""
        return all(
            abs(self.measured_ms[each] - true) <= max(MOST_OFF_MS, MOST_OFF_SHARE * true)
            for each, true in self.truth_ms.items()
        )

    def rows(self) -> list[str]:
        """Return lines for people. Units: ms."""
        names = "".join(f"{f'p{each:g}':>10s}" for each in PERCENTILES)
        verdict = "kept" if self.is_accurate else "BROKEN"
        lines = [f"{self.kind}: {'UNKNOWN' if self.doubt else verdict}  {self.doubt}", f"  {'':34s}{names}"]
        lines.append(_row("as the target was planned", self.planned_ms))
        lines.append(_row("truth, taken at the target", self.truth_ms))
        lines.append(_row(f"open model, {RATES[self.kind]:g}/s", self.measured_ms))
        lines += [_row(f"{name}, {rate:,.0f}/s", figures) for name, (rate, figures) in self.others.items()]
        return lines


def compared(kind: str, *, beside: bool = True) -> Compared:
    """Measure one target, and let others measure it beside."""
    with target(kind) as running:
        ran = locust("Open", running.url, SECONDS[kind], "--arrival-rate", str(RATES[kind]))
    figures = ran.figures["operations"]["GET /"]
    measured = {each: float(figures[f"p{each:g}_ms"]) for each in PERCENTILES}
    planned, true = truth_ms(_planned_times(kind, ran, running)), truth_ms(_true_times(kind, ran, running))
    found = Compared(kind, planned, true, measured, _doubt(ran, running))
    if beside:
        _measure_beside(found)
    return found


def _true_times(kind: str, ran: Ran, running: Target) -> list[float]:
    """Return what each request took, from when it was meant to begin to its answer. Units: ms."""
    first = ran.figures["arrivals"]["Open"]["first"]
    sent = running.done["answered_at"]
    return [(at - first - number / RATES[kind]) * 1000 for number, at in enumerate(sent) if at is not None]


def _planned_times(kind: str, ran: Ran, running: Target) -> list[float]:
    """Return what each request should have taken, from when it was meant to begin. Units: ms."""
    account = ran.figures["arrivals"]["Open"]
    if kind != "freezing":
        return [delay_ms(kind, number) for number in range(int(running.done["received"]))]
    freezes = [(begins, ends) for begins, ends in running.done["freezes"]]
    moments = (account["first"] + number / RATES[kind] for number in range(int(account["begun"])))
    return [frozen_ms(moment, freezes) for moment in moments]


def _doubt(ran: Ran, running: Target) -> str:
    doubts = [ran.figures["doubt"]]
    if (lag_ms := float(ran.figures["arrivals"]["Open"]["lag_p99_ms"])) > MAY_BE_LATE_MS:
        doubts.append(f"the machine was too busy: arrivals were {lag_ms:.1f} ms late (p99)")
    if failures := ran.figures["failures"]:
        doubts.append(f"requests failed: {failures[0]['message']}")
    if (late_ms := float(running.done["late_p99_ms"])) > MAY_BE_LATE_MS and not running.done["freezes"]:
        doubts.append(f"the target itself was {late_ms:.1f} ms late (p99)")
    return "; ".join(filter(None, doubts))


def _measure_beside(found: Compared) -> None:
    kind = found.kind
    with target(kind) as running:
        users = ("--users", str(CLOSED_USERS), "--spawn-rate", "100", "--arrival-rate", str(RATES[kind]))
        closed = locust("ClosedPaced", running.url, BESIDE_S, *users)
        found.others[f"closed Locust, {CLOSED_USERS} users"] = closed.requests_per_s, closed.percentiles_ms
    calls: dict[str, Any] = {"wrk, no rate": lambda url: wrk(url, BESIDE_S)}
    calls["hey, with a rate"] = lambda url: hey(url, BESIDE_S, RATES[kind])
    for name, call in calls.items():
        with target(kind) as running:
            if said := call(running.url):
                found.others[name] = said


def _row(name: str, figures: Mapping[float, float]) -> str:
    cells = "".join(f"{figures[each]:10.2f}" if each in figures else f"{'':10s}" for each in PERCENTILES)
    return f"  {name:34s}{cells}"
