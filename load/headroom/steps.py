"""One rate applied: the load, what the objectives make of it, and who was busy. Pure in its judgement."""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fixtures.testbed.system import SystemTestbed
from fixtures.testbed.target import Target
from load.generator import LoadFailed
from load.headroom.resources import GENERATOR, ResourceWatch, Use
from load.headroom.search import Held
from load.judging import Judgement, judge_all
from load.objectives import Objective
from load.processor_time import Meter, families
from load.profiles import Profile
from load.run import run

SHOWN = "POST /v1/orders"
RESTS_WITHIN_S = 30.0
AT_REST_SHARE = 0.35


@dataclass(frozen=True)
class Step:
    """What one rate gave. Units: orders a second; ms of accepting an order."""

    rate_per_s: float
    seconds: float
    held: Held
    why: str
    use: Use
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    failed_share: float
    confirms: bool = False


def applied(
    target: Target,
    testbed: SystemTestbed | None,
    profile: Profile,
    objectives: Sequence[Objective],
    evidence_path: Path,
    *,
    confirms: bool,
) -> Step:
    """Apply a profile's load and judge it; of a system that has died nothing more can be told."""
    await_rest(testbed)
    evidence: Mapping[str, Any] = {}
    doubt = ""
    with ResourceWatch(testbed) as watch:
        try:
            evidence = run(target, profile, evidence_path)
        except LoadFailed as failed:
            doubt, evidence = str(failed), failed.evidence
        except Exception as error:  # whatever a system that breaks at this rate answers
            doubt = f"the load could not be applied: {type(error).__name__}: {error}"
    if testbed is not None and (died := testbed.died()):
        doubt = f"{', '.join(died)} died of it"
    use = watch.use(float(evidence.get("generator", {}).get("cpu_share") or 0.0))
    judged = judge_all(objectives, evidence) if evidence else []
    held, why = judgement(judged, use) if judged else (Held.UNKNOWN, doubt)
    if doubt and held is not Held.NO:
        held, why = Held.UNKNOWN, doubt
    figures = evidence.get("operations", {})
    accepted = figures.get(SHOWN, {})
    requests = sum(each["requests"] for each in figures.values()) or 1
    return Step(
        rate_per_s=round(profile.orders_per_s(), 3),
        seconds=profile.seconds,
        held=held,
        why=why,
        use=use,
        p50_ms=accepted.get("p50_ms"),
        p95_ms=accepted.get("p95_ms"),
        p99_ms=accepted.get("p99_ms"),
        failed_share=round(sum(each["failures"] for each in figures.values()) / requests, 5),
        confirms=confirms,
    )


def judgement(judged: Sequence[Judgement], use: Use) -> tuple[Held, str]:
    """Say whether a rate held: every objective must be told, and none may be broken.

    An objective that cannot be told because the generator was late is broken where the system took the
    processors from it, and unknown where the generator itself was full.
    """
    broken = [each for each in judged if each.outcome == "FAIL"]
    untold = [each for each in judged if each.outcome == "UNKNOWN"]
    if use.full == GENERATOR and (broken or untold):
        return (
            Held.UNKNOWN,
            f"{GENERATOR} was full ({use.generator:.0%} of one processor) before the system was",
        )
    if use.crowded and (broken or untold):
        return Held.UNKNOWN, use.crowded
    if broken:
        return Held.NO, f"{broken[0].title}: {broken[0].why}"
    if untold and use.full and "late itself" in untold[0].why:
        return Held.NO, f"{untold[0].title}: {untold[0].why}, as the system had taken {use.full}"
    if untold or not judged:
        return Held.UNKNOWN, f"{untold[0].title}: {untold[0].why}" if untold else "nothing was judged"
    return Held.YES, ""


def await_rest(testbed: SystemTestbed | None, within_s: float = RESTS_WITHIN_S) -> None:
    """Wait until a system has done what was left over, so that one rate does not spoil the next."""
    if testbed is None:
        return
    meter = Meter(families(pid for name in ("api", "mes", "pricing", "shop") for pid in testbed.pids(name)))
    _until(lambda: meter.used_ns() / 1e9 < AT_REST_SHARE, within_s)


def _until(holds: Callable[[], bool], within_s: float) -> None:
    ends = time.monotonic() + within_s
    while time.monotonic() < ends:
        time.sleep(1.0)
        with suppress(ProcessLookupError):
            if holds():
                return
