"""The objectives of a release, as data, and their judging: pure, from load evidence to an outcome."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fixtures.tables import Table, read_tables
from load.bounds import DURATIONS, Bound
from load.readings import (
    COUNTABLE,
    EVERY_OPERATION,
    VIOLATIONS,
    WILD,
    Reading,
    growth,
    latency,
    span,
    success_share,
    violations,
)

OBJECTIVES = Path(__file__).parent / "objectives.toml"
EVIDENCE = "evidence/load.json"
METRICS = {
    "latency": DURATIONS,
    "order_to_price": DURATIONS,
    "accept_to_mes": DURATIONS,
    "success_share": ("share",),
    "growth": ("ratio",),
    "conservation": ("count",),
}
OF_AN_OPERATION = ("latency", "success_share", "growth")


@dataclass(frozen=True)
class Judgement:
    """One objective's outcome, with everything a verdict or a report says of it.

    Units: `value` in `unit` (ms, share, times or orders); `headroom_share` up to 1, negative where broken.
    """

    id: str
    title: str
    outcome: str
    value: float | None
    unit: str
    pass_bound: str
    warn_bound: str | None
    headroom_share: float | None
    samples: int
    needs_samples: int
    key: bool
    why: str
    stage: str = "load"
    evidence: str = EVIDENCE


@dataclass(frozen=True)
class Objective:
    """What a release owes: a figure, its bounds and how many samples it takes to say so."""

    name: str
    sli: str
    operation: str
    pass_bound: Bound
    warn_bound: Bound | None
    needs_samples: int
    key: bool
    because: str
    counts: tuple[str, ...] = VIOLATIONS
    over: str = ""

    @property
    def id(self) -> str:
        """A short stable name for verdicts and reports."""
        return "load." + "-".join(self.name.lower().split())

    def judge(self, evidence: Mapping[str, object]) -> Judgement:
        """Judge the objective from evidence/load.json; what cannot be told is UNKNOWN, never PASS."""
        reading = self._read(evidence)
        outcome, why = self._outcome(reading)
        return Judgement(
            id=self.id,
            title=self.name,
            outcome=outcome,
            value=reading.value,
            unit=self.pass_bound.unit,
            pass_bound=str(self.pass_bound),
            warn_bound=str(self.warn_bound) if self.warn_bound else None,
            headroom_share=None if reading.value is None else self.pass_bound.headroom_share(reading.value),
            samples=reading.samples,
            needs_samples=self.needs_samples,
            key=self.key,
            why=why,
        )

    def _read(self, evidence: Mapping[str, object]) -> Reading:
        if self.sli == "latency":
            return latency(evidence, self.operation, self.pass_bound.metric)
        if self.sli == "success_share":
            return success_share(evidence, self.operation)
        if self.sli == "growth":
            return growth(evidence, self.operation, self.over)
        if self.sli == "conservation":
            return violations(evidence, self.counts)
        return span(evidence, self.sli, self.pass_bound.metric)

    def _outcome(self, reading: Reading) -> tuple[str, str]:
        value = reading.value
        if value is None:
            return "UNKNOWN", reading.doubt
        seen = f"{self.pass_bound.metric} is {value:g} {self.pass_bound.unit}"
        seen += f" ({reading.detail})" if reading.detail else ""
        tolerated = self.pass_bound.holds(value) or (
            self.warn_bound is not None and self.warn_bound.holds(value)
        )
        broken = "FAIL", f"{seen}; allowed {self.warn_bound or self.pass_bound}"
        if self.sli == "conservation" and not tolerated:
            return broken  # one lost order is lost, however few were sent
        if reading.samples < self.needs_samples:
            return "UNKNOWN", f"{reading.samples} samples, {self.needs_samples} are needed to tell"
        if reading.doubt:
            return "UNKNOWN", reading.doubt
        if self.pass_bound.holds(value):
            return "PASS", f"{seen}, within {self.pass_bound}"
        if reading.overstated and (self.warn_bound or self.pass_bound).holds(value - reading.overstated_by):
            return "UNKNOWN", f"{seen}; allowed {self.pass_bound}, but {reading.overstated}"
        if reading.overstated:
            return broken[0], f"{broken[1]}; {reading.overstated}, and this is more than lateness explains"
        return ("WARN", f"{seen}; over {self.pass_bound}, within {self.warn_bound}") if tolerated else broken


def load_objectives(path: Path = OBJECTIVES) -> tuple[Objective, ...]:
    """Read the objectives, strictly.

    Raises:
        BadFile: file, line, key and what is allowed.
    """
    objectives: list[Objective] = []
    for table in read_tables(path, "objective")["objective"]:
        objective = _objective(table)
        if objective.id in [other.id for other in objectives]:
            raise table.error("name", "a name that no other objective has")
        objectives.append(objective)
    return tuple(objectives)


def _objective(table: Table) -> Objective:
    sli = table.word("sli", allowed=METRICS)
    objective = Objective(
        name=table.word("name"),
        sli=sli,
        operation=table.word("operation", default=None if sli in OF_AN_OPERATION else EVERY_OPERATION),
        pass_bound=table.parsed("pass", Bound.parse),
        warn_bound=table.parsed("warn", Bound.parse) if table.has("warn") else None,
        needs_samples=table.whole("needs_samples", low=1, high=10_000_000),
        key=table.flag("key", default=False),
        because=table.word("because"),
        counts=table.words("counts", allowed=COUNTABLE, default=VIOLATIONS),
        over=table.word("over") if sli == "growth" else "",
    )
    _refuse_contradictions(objective, table)
    table.done()
    return objective


def _refuse_contradictions(objective: Objective, table: Table) -> None:
    sli, warn_bound = objective.sli, objective.warn_bound
    if objective.pass_bound.metric not in METRICS[sli]:
        raise table.error("pass", f"for {sli} a bound of {', '.join(METRICS[sli])}")
    if warn_bound is not None and not warn_bound.loosens(objective.pass_bound):
        raise table.error("warn", f"a looser bound of the same figure than pass = '{objective.pass_bound}'")
    if sli in ("latency", "growth") and WILD in objective.operation:
        raise table.error("operation", 'one operation, such as "POST /v1/orders"')
    if sli not in OF_AN_OPERATION and table.has("operation"):
        raise table.error("operation", f"no operation for {sli}")
    if sli != "conservation" and table.has("counts"):
        raise table.error("counts", "only where sli = conservation")
