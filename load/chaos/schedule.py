"""Which process is broken when, how, and for how long: from a file, or by chance."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Literal, cast, get_args

from fixtures.tables import BadFile, Table, read_tables
from fixtures.testbed.interface import SERVICES, Process

Kind = Literal["kill", "pause", "end"]
KINDS: tuple[Kind, ...] = get_args(Kind)
BREAKABLE: tuple[Process, ...] = ("postgres", "nats", *SERVICES)
DRAWN: tuple[Process, ...] = ("postgres", "nats", "api", "shop", "mes", "pricing")
"""Those that the load's users notice; nobody of them asks the flow."""
FIRST_S, APART_S, CALM_S = 5.0, 4.0, 5.0
"""How long all is well at first, between two faults of one process, and at the end beside the recovery."""
LONGEST_S, SHORTEST_S = 6.0, 1.0
RECOVERS_WITHIN_S = 20.0
SCHEDULES = Path(__file__).parent / "schedules"
"""Those that come with Assay."""
_DRAWS = 1000


@dataclass(frozen=True)
class Fault:
    """One process broken once. Units: s since the load began; how long."""

    kind: Kind
    process: Process
    at_s: float
    for_s: float

    @property
    def ends_s(self) -> float:
        """When it is to be mended."""
        return self.at_s + self.for_s

    def __str__(self) -> str:
        return f"{self.kind} {self.process}"


@dataclass(frozen=True)
class Schedule:
    """Faults, and how soon the system is to be itself again after the last. Units: s."""

    name: str
    seconds: float
    recovers_within_s: float
    because: str
    faults: tuple[Fault, ...] = field(default=())

    def of(self, process: Process) -> tuple[Fault, ...]:
        """Return a process's faults, the first first."""
        return tuple(sorted((each for each in self.faults if each.process == process), key=_begin))

    def as_toml(self) -> str:
        """Return the file that repeats it."""
        head = [
            "[[schedule]]",
            f'name = "{self.name}"',
            f"seconds = {self.seconds:g}",
            f"recovers_within_s = {self.recovers_within_s:g}",
            f'because = "{self.because}"',
        ]
        faults = [
            f'[[fault]]\nkind = "{each.kind}"\nprocess = "{each.process}"\n'
            f"at_s = {each.at_s:g}\nfor_s = {each.for_s:g}"
            for each in sorted(self.faults, key=_begin)
        ]
        return "\n\n".join(["\n".join(head), *faults]) + "\n"


def _begin(fault: Fault) -> float:
    return fault.at_s


def load_schedule(path: Path) -> Schedule:
    """Read a schedule, strictly.

    Raises:
        BadFile: file, line, key and what is allowed.
    """
    tables = read_tables(path, "schedule", "fault")
    first, *more = tables["schedule"]
    if more:
        raise more[0].error("name", "one [[schedule]] in a file")
    faults = [_fault(table) for table in tables["fault"]]
    schedule = Schedule(
        name=first.word("name"),
        seconds=first.number("seconds", low=10, high=3600),
        recovers_within_s=first.number("recovers_within_s", low=1, high=600, default=RECOVERS_WITHIN_S),
        because=first.word("because"),
        faults=tuple(faults),
    )
    first.done()
    recovery_s = schedule.recovers_within_s + CALM_S
    last_s = schedule.seconds - recovery_s
    why = f"as the last {recovery_s:g} of {schedule.seconds:g} s are for the recovery"
    if last_s <= FIRST_S:
        raise first.error(
            "seconds", f"more than {FIRST_S + recovery_s:g}, as {recovery_s:g} are for the recovery"
        )
    for place, (table, fault) in enumerate(zip(tables["fault"], faults, strict=True)):
        if fault.ends_s > last_s:
            key = "at_s" if fault.at_s >= last_s else "for_s"
            raise table.error(key, f"faults that are over after {last_s:g} s, {why}")
        if _clashes(fault, faults[:place]):
            told = f"at least {APART_S:g} s from the end of one fault of {fault.process} to the next"
            raise table.error("at_s", told)
    return schedule


def _fault(table: Table) -> Fault:
    fault = Fault(
        kind=cast(Kind, table.word("kind", allowed=KINDS)),
        process=cast(Process, table.word("process", allowed=BREAKABLE)),
        at_s=table.number("at_s", low=FIRST_S, high=3600),
        for_s=table.number("for_s", low=0, high=600),
    )
    table.done()
    return fault


def by_chance(
    seed: int, count: int, seconds: float, recovers_within_s: float = RECOVERS_WITHIN_S
) -> Schedule:
    """Draw a schedule, the same for the same seed; some faults overlap, of one process none.

    Raises:
        BadFile: so many faults do not fit into the time.
    """
    chance = Random(f"chaos {seed}")  # noqa: S311 - faults, not a secret
    faults: list[Fault] = []
    for _ in range(_DRAWS):
        if len(faults) == count:
            because = "drawn by chance; the same seed draws it again"
            return Schedule(f"seed {seed}", seconds, recovers_within_s, because, tuple(faults))
        for_s = round(chance.uniform(SHORTEST_S, LONGEST_S), 1)
        latest_s = seconds - recovers_within_s - CALM_S - for_s
        if latest_s < FIRST_S:
            continue
        drawn = Fault(
            kind=chance.choices(KINDS, weights=(3, 2, 1))[0],
            process=chance.choice(DRAWN),
            at_s=round(chance.uniform(FIRST_S, latest_s), 1),
            for_s=for_s,
        )
        if not _clashes(drawn, faults):
            faults.append(drawn)
    raise BadFile(
        f"{count} faults do not fit into {seconds:g} s, of which the last {recovers_within_s + CALM_S:g} s "
        "are for the recovery; allowed: fewer faults, or more seconds"
    )


def _clashes(fault: Fault, others: Iterable[Fault]) -> bool:
    same: Sequence[Fault] = [*(each for each in others if each.process == fault.process), fault]
    return any(
        one.ends_s + APART_S > two.at_s
        for one, two in pairwise(sorted(same, key=_begin))
        if fault in (one, two)
    )
