"""The stages of the line, cheapest first: what each runs and how long it may take."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

SMOKE, CONTRACT, E2E, DRILLS, LOAD = "smoke", "contract", "e2e", "drills", "load"
ORDER = (SMOKE, CONTRACT, E2E, LOAD)
ALL = (SMOKE, CONTRACT, E2E, DRILLS, LOAD)
SIDE_BY_SIDE = (SMOKE, CONTRACT, E2E)
PROFILES = ("pr", "nightly")
PR_SEED = 1  # a merge is judged by the same data every time
# Load meets a dashboard that has worked for a while; an empty one is fast whatever is wrong with it.
HISTORY_ORDERS = 20_000
NIGHTLY_HISTORY_ORDERS = 1_000_000
EXAMPLES, NIGHTLY_EXAMPLES = 20, 100
PYTEST = (sys.executable, "-P", "-m", "pytest")


def order_of(profile: str, target: Path | None = None) -> tuple[str, ...]:
    """Return the stages of a profile; drills need a system of our own to break."""
    return ALL if profile == "nightly" and not target else ORDER


@dataclass(frozen=True)
class Plan:
    """What one run of the line is asked to do."""

    run_dir: Path
    profile: str = "pr"
    stages: tuple[str, ...] = ORDER
    target: Path | None = None
    testbed: str = "native"
    sut_root: Path = Path()
    seed: int = 1
    keep: bool = False
    until_fail: bool = False
    load_profile: str = ""
    scenarios: tuple[str, ...] = ()
    """Files of scenarios that the e2e stage is limited to; all, where there are none."""

    @property
    def full(self) -> bool:
        """Whether every stage is run, so that the verdict speaks of the whole release."""
        whole = set(order_of(self.profile, self.target)) <= set(self.stages)
        return whole and not self.scenarios

    @property
    def turns(self) -> tuple[tuple[str, ...], ...]:
        """Return the stages in their order, those together that run side by side.

        Smoke, contract and e2e wait a third of their time, and fill each other's pauses; where smoke fails,
        the others are ended. Whoever ends at the first failure is better served by the cheaper one first, and
        somebody else's system by one caller at a time.
        """
        if self.until_fail or self.target:
            return tuple((stage,) for stage in self.stages)
        beside = tuple(stage for stage in self.stages if stage in SIDE_BY_SIDE)
        alone = tuple((stage,) for stage in self.stages if stage not in SIDE_BY_SIDE)
        return (beside, *alone) if beside else alone

    @property
    def examples(self) -> int:
        """How many requests Schemathesis makes up for each operation, beside those that cover its schema."""
        return NIGHTLY_EXAMPLES if self.profile == PROFILES[1] else EXAMPLES

    @property
    def history_orders(self) -> int:
        """How many finished orders the MES has when the load begins."""
        return NIGHTLY_HISTORY_ORDERS if self.profile == PROFILES[1] else HISTORY_ORDERS

    @property
    def target_file(self) -> Path:
        """Where the stages find the system: the given file, or the one that the run writes."""
        return self.target or self.run_dir / "target.toml"


@dataclass(frozen=True)
class Stage:
    """One stage: its command, and after how many seconds it has hung."""

    name: str
    pr_limit_s: float
    nightly_limit_s: float
    command: Callable[[Plan], tuple[str, ...]]

    def limit_s(self, plan: Plan) -> float:
        """Return how long the stage may take; a load profile of its own takes as long as it says."""
        is_long = plan.profile == PROFILES[1] or bool(plan.load_profile)
        return self.nightly_limit_s if is_long else self.pr_limit_s


def _tests(plan: Plan, folder: str, *arguments: str) -> tuple[str, ...]:
    results = ("--alluredir", str(plan.run_dir / "allure-results"))
    stop = ("--exitfirst",) if plan.until_fail else ()
    return (*PYTEST, folder, *arguments, "--seed", str(plan.seed), *stop, *results)


# Plugins of packages that a stage does not use take up to 2 s to import, in each of its processes.
# And pytest's own collects garbage five times at each end, for warnings that are no verdict.
_LEAN = ("-p", "no:locust", "-p", "no:faker", "-p", "no:unraisableexception")
_SCENARIOS = (*_LEAN, "-p", "no:schemathesis", "-p", "no:hypothesispytest")


def _smoke(plan: Plan) -> tuple[str, ...]:
    return _tests(plan, "e2e", *_SCENARIOS, "-m", "smoke")


def _contract(plan: Plan) -> tuple[str, ...]:
    return _tests(plan, "contract", *_LEAN, "-m", _left_out(plan))


# Two more than the two cores we count on: the workers with the two groups of faults wait most of their time.
_WORKERS = "4"


def _e2e(plan: Plan) -> tuple[str, ...]:
    if plan.scenarios:
        return _tests(plan, *plan.scenarios, *_SCENARIOS, "-m", _left_out(plan))
    return _tests(
        plan, "e2e", *_SCENARIOS, "-n", _WORKERS, "-m", _left_out(plan, SMOKE in plan.stages and "smoke")
    )


def _drills(plan: Plan) -> tuple[str, ...]:
    return _tests(plan, "e2e/operations/drills", *_SCENARIOS)


def _load(plan: Plan) -> tuple[str, ...]:
    profile = plan.load_profile or ("smoke" if plan.profile == "pr" else "steady")
    evidence = plan.run_dir / "evidence" / "load.json"
    where = ("--target", str(plan.target_file), "--evidence", str(evidence))
    return (sys.executable, "-P", "-m", "load.run", "--profile", profile, *where)


def _left_out(plan: Plan, *more: str | bool) -> str:
    """Return the marker expression: what ran before is not run again, faults need a system of our own."""
    marks = [mark for mark in more if isinstance(mark, str)]
    marks += ["drill"]
    # A planted defect is held against everything there is.
    marks += ["slow"] if plan.profile == "pr" and not plan.until_fail else []
    marks += ["fault"] if plan.target else []
    return " and ".join(f"not {mark}" for mark in marks)


# Limits are for what hangs; a machine with other work to do is allowed to be slow.
STAGES = {
    SMOKE: Stage(SMOKE, 180, 180, _smoke),
    CONTRACT: Stage(CONTRACT, 600, 1800, _contract),
    E2E: Stage(E2E, 900, 3600, _e2e),
    DRILLS: Stage(DRILLS, 600, 600, _drills),
    LOAD: Stage(LOAD, 300, 1800, _load),
}
