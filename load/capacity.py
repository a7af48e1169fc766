"""Finds the highest rate at which every objective still holds, and what is full then.

The load is the profile `contract`, at more and more times its rate: doubled until an objective breaks, then
halved in between, then held for longer. Headroom is that rate over the contract's.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from fixtures.testbed.system import SystemTestbed
from fixtures.testbed.target import Target
from load.headroom.knee import knee
from load.headroom.search import Found, Held, search
from load.headroom.steps import Step, applied
from load.judging import Judgement, judge_all
from load.lengths import CAPACITY_CONFIRMED_S, CAPACITY_STEP_S
from load.objectives import CAPACITY, load_objectives
from load.profiles import CONTRACT, Profile, load_profile

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
        if unknown:
            return f"at {unknown[-1].rate_per_s:g} orders a second: {unknown[-1].why}"
        if self.found.held is None:
            return "" if self.found.broke is not None else "no rate was applied"
        if self.found.broke is None:
            return f"no rate up to {self.found.held:g} orders a second broke an objective"
        return "" if self.found.confirmed else "the highest rate was not confirmed"

    @property
    def headroom(self) -> float:
        """How many times the contract's rate is carried."""
        return round((self.found.held or 0.0) / self.contract_per_s, 3)

    def document(self) -> dict[str, Any]:
        """Return the evidence."""
        steps = [{**asdict(step), "full": step.use.full} for step in self.steps]
        held = sum(step.held is Held.YES and step.rate_per_s == self.found.held for step in self.steps)
        value = self.headroom if self.found.held is not None or self.found.broke is not None else None
        if value == 0.0 and self.found.held is None:
            held = 1  # that not even the lowest rate held was seen
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
    """Search a system's capacity, leave capacity.json and capacity.svg, and judge the headroom."""
    contract, objectives = load_profile(CONTRACT), load_objectives()
    contract_per_s, steps = contract.orders_per_s(), list[Step]()

    def ask(rate_per_s: float, confirm: bool) -> Held:
        told(f"{rate_per_s:g} orders a second{', to confirm' if confirm else ''}")
        lasts_s = (confirmed_for_s if confirm else seconds) * max(1.0, contract_per_s / rate_per_s)
        profile = _at(contract, rate_per_s, lasts_s)  # a low rate takes longer to give enough samples
        path = folder / "evidence" / f"step-{len(steps) + 1}" / "load.json"
        step = applied(target, testbed, profile, objectives, path, confirms=confirm)
        steps.append(step)
        told(f"{rate_per_s:g} orders a second: {step.held}{': ' if step.why else ''}{step.why}")
        return step.held

    found = search(ask, contract_per_s)
    result = Capacity(contract_per_s, found, tuple(steps))
    document = result.document()
    path = folder / "evidence" / EVIDENCE
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False), encoding="utf-8")
    (folder / PICTURE).write_text(knee(steps, contract_per_s, found.held, found.broke), encoding="utf-8")
    return result, judge_all(objectives, document)[0]


def _at(contract: Profile, rate_per_s: float, seconds: float) -> Profile:
    return contract.changed(times=rate_per_s / contract.orders_per_s(), seconds=seconds)
