"""The objectives of a release, as data: what each reads of the evidence, and what it allows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fixtures.tables import Table, read_tables
from load.bounds import DURATIONS, Bound
from load.judging import LEAST_RUNS, SCORE, Judgement, judged
from load.profiles import load_profiles
from load.readings import (
    COUNTABLE,
    EVERY_OPERATION,
    VIOLATIONS,
    WILD,
    Reading,
    figure_of,
    growth,
    latency,
    span,
    success_share,
    violations,
)

OBJECTIVES = Path(__file__).parent / "objectives.toml"
METRICS = {
    "latency": DURATIONS,
    "order_to_price": DURATIONS,
    "accept_to_mes": DURATIONS,
    "dashboard_first_byte": DURATIONS,
    "dashboard_rows": DURATIONS,
    "dashboard_interaction": DURATIONS,
    "success_share": ("share",),
    "growth": ("ratio",),
    "conservation": ("count",),
    "headroom": ("ratio",),
    "recovery": ("s",),
    "memory_growth": ("kb",),
    SCORE: ("share",),
}
OF_AN_OPERATION = ("latency", "success_share", "growth")
_FIGURES = ("headroom", "recovery", "memory_growth")
_AT_LEAST = ("headroom",)
USUAL = ("smoke", "steady", "mixed", "peak", "soak")
"""The profiles that an objective judges where it names none."""
USUAL_RUNS = 5
CAPACITY = "capacity"
"""What a search for the highest rate is called where profiles are named; see load/capacity.py."""


@dataclass(frozen=True)
class Objective:
    """What a release owes: a figure, its bounds and how many samples it takes to say so.

    A relative bound is held against the median of the last `runs` good runs.
    """

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
    weight: float = 1.0
    runs: int = USUAL_RUNS
    profiles: tuple[str, ...] = USUAL

    @property
    def id(self) -> str:
        """A short stable name for verdicts and reports."""
        return "load." + "-".join(self.name.lower().split())

    def judge(self, evidence: Mapping[str, object], earlier: Sequence[float] = ()) -> Judgement:
        """Judge the objective alone from evidence/load.json; `earlier` is what good runs had before."""
        return judged(self, self._read(evidence), earlier)

    def _read(self, evidence: Mapping[str, object]) -> Reading:
        if self.sli == "latency":
            return latency(evidence, self.operation, self.pass_bound.metric)
        if self.sli == "success_share":
            return success_share(evidence, self.operation)
        if self.sli == "growth":
            return growth(evidence, self.operation, self.over)
        if self.sli == "conservation":
            return violations(evidence, self.counts)
        if self.sli in _FIGURES:
            return figure_of(evidence, self.sli)
        return span(evidence, self.sli, self.pass_bound.metric)


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
        weight=table.number("weight", low=0, high=100, default=1.0),
        runs=table.whole("runs", low=LEAST_RUNS, high=100, default=USUAL_RUNS),
        profiles=table.words("profiles", allowed=_profiles(), default=USUAL),
    )
    _refuse_contradictions(objective, table)
    table.done()
    return objective


@cache
def _profiles() -> tuple[str, ...]:
    return (*load_profiles(), CAPACITY)


def _refuse_contradictions(objective: Objective, table: Table) -> None:
    sli, warn_bound = objective.sli, objective.warn_bound
    if objective.pass_bound.metric not in METRICS[sli]:
        raise table.error("pass", f"for {sli} a bound of {', '.join(METRICS[sli])}")
    if METRICS[sli] == ("ratio",) and (objective.pass_bound.operator == ">=") != (sli in _AT_LEAST):
        way = ">=" if sli in _AT_LEAST else "<="
        raise table.error("pass", f'for {sli} a bound such as "ratio {way} 2"')
    if objective.pass_bound.relative and sli in (SCORE, "headroom"):
        raise table.error("pass", f"an absolute bound for {sli}")
    if table.has("runs") and not objective.pass_bound.relative:
        raise table.error("runs", 'runs only beside a relative bound, such as pass = "p95 <= +10 %"')
    if warn_bound is not None and not warn_bound.loosens(objective.pass_bound):
        raise table.error("warn", f"a looser bound of the same figure than pass = '{objective.pass_bound}'")
    if sli in ("latency", "growth") and WILD in objective.operation:
        raise table.error("operation", 'one operation, such as "POST /v1/orders"')
    if sli not in OF_AN_OPERATION and table.has("operation"):
        raise table.error("operation", f"no operation for {sli}")
    if sli != "conservation" and table.has("counts"):
        raise table.error("counts", "only where sli = conservation")
