"""Finds the highest rate at which every objective still holds, and what is full then.

The load is the profile `contract`, at more and more times its rate: doubled until an objective breaks, then
halved in between, then held for longer. Headroom is that rate over the contract's.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from fixtures.tables import BadFile
from fixtures.testbed.system import SystemTestbed
from fixtures.testbed.target import Target
from load.headroom.knee import knee
from load.headroom.search import Found, Held, search
from load.headroom.steps import Step, applied
from load.judging import Judgement, judge_all
from load.lengths import CAPACITY_CONFIRMED_S, CAPACITY_STEP_S
from load.objectives import CAPACITY, OBJECTIVES, Objective, load_objectives
from load.profiles import CONTRACT, PROFILES, Profile, load_profile

EVIDENCE, PICTURE = "capacity.json", "capacity.svg"
Told = Callable[[str], None]


@dataclass(frozen=True)
class Capacity:
    """What a search came to. Units: orders a second."""

    contract_per_s: float
    found: Found
    steps: tuple[Step, ...]

    @property
    def full(self) -> str:
        """What was full at the lowest rate that broke."""
        broken = [step for step in self.steps if step.held is Held.NO]
        if not broken:
            return ""
        lowest = min(broken, key=lambda step: step.rate_per_s)
        return lowest.use.full or "no processor: something waits, such as for a lock, a connection or a limit"

    @property
    def doubt(self) -> str:
        """Why the capacity cannot be told; empty where it can."""
        unknown = [step for step in self.steps if step.held is Held.UNKNOWN]
        if unknown and not self._is_below_the_contract:
            return f"at {unknown[-1].rate_per_s:g} orders a second: {unknown[-1].why}"
        if self._is_below_the_contract:
            return ""
        if self.found.held is None:
            return "" if self.found.broke is not None else "no rate was applied"
        if self.found.broke is None:
            return f"no rate up to {self.found.held:g} orders a second broke an objective"
        return "" if self.found.confirmed else "the highest rate was not confirmed"

    @property
    def _is_below_the_contract(self) -> bool:
        """Whether the contract's own rate broke: that is known, whatever could not be told of lower ones."""
        return self.found.broke is not None and self.found.broke <= self.contract_per_s

    @property
    def headroom(self) -> float:
        """How many times the contract's rate is carried."""
        return round((self.found.held or 0.0) / self.contract_per_s, 3)

    def document(self) -> dict[str, Any]:
        """Return the evidence."""
        steps = [{**asdict(step), "full": step.use.full} for step in self.steps]
        held = sum(step.held is Held.YES and step.rate_per_s == self.found.held for step in self.steps)
        value = self.headroom if self.found.held is not None or self.found.broke is not None else None
        if self._is_below_the_contract:
            held = max(held, 1)  # that the contract's rate did not hold was seen
        detail = f"{self.found.held or 0:g} orders a second, contract {self.contract_per_s:g}"
        figure = {"value": value, "samples": held, "doubt": self.doubt, "detail": detail}
        return {
            "profile": CAPACITY,
            "contract_per_s": self.contract_per_s,
            "held_per_s": self.found.held,
            "broke_per_s": self.found.broke,
            "full": self.full,
            "figures": {"headroom": figure},
            "steps": steps,
        }


def capacity(
    target: Target,
    testbed: SystemTestbed | None,
    folder: Path,
    *,
    seconds: float = CAPACITY_STEP_S,
    confirmed_for_s: float = CAPACITY_CONFIRMED_S,
    told: Told = lambda _: None,
) -> tuple[Capacity, Judgement]:
    """Search a system's capacity, leave capacity.json and capacity.svg, and judge the headroom.

    Raises:
        BadFile: the files say neither what the contract's rate is nor which headroom is owed.
    """
    contract, objectives, owed = load_profile(CONTRACT), load_objectives(), owed_headroom()
    contract_per_s, steps = contract.orders_per_s(), list[Step]()

    # what is usual at a rate that no run has had before, nobody knows
    absolute = [each for each in objectives if not each.pass_bound.relative]

    def ask(rate_per_s: float, confirm: bool) -> Held:
        told(f"{rate_per_s:g} orders a second{', to confirm' if confirm else ''}")
        lasts_s = (confirmed_for_s if confirm else seconds) * max(1.0, contract_per_s / rate_per_s)
        profile = _at(contract, rate_per_s, lasts_s)  # a low rate takes longer to give enough samples
        path = folder / "evidence" / f"step-{len(steps) + 1}" / "load.json"
        step = applied(target, testbed, profile, absolute, path, confirms=confirm)
        steps.append(step)
        told(f"{rate_per_s:g} orders a second: {step.held}{': ' if step.why else ''}{step.why}")
        return step.held

    found = search(ask, contract_per_s)
    result = Capacity(contract_per_s, found, tuple(steps))
    document = result.document()
    path = folder / "evidence" / EVIDENCE
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False), encoding="utf-8")
    (folder / PICTURE).write_text(knee(steps, contract_per_s, found.held, found.broke), encoding="utf-8")
    return result, judge_all([owed], document)[0]


def owed_headroom(path: Path = OBJECTIVES) -> Objective:
    """Return the objective that says how much headroom is owed.

    Raises:
        BadFile: there is none, or the profile that it multiplies brings no orders.
    """
    found = [each for each in load_objectives(path) if each.sli == "headroom" and CAPACITY in each.profiles]
    if not found:
        raise BadFile(f'{path}:1: has no objective with sli = "headroom" and profiles = ["{CAPACITY}"]')
    if not load_profile(CONTRACT).orders_per_s():
        raise BadFile(f"{PROFILES}:1: profile {CONTRACT} has no [[arrival]] of journeys or orders")
    return found[0]


def _at(contract: Profile, rate_per_s: float, seconds: float) -> Profile:
    return contract.changed(times=rate_per_s / contract.orders_per_s(), seconds=seconds)
