"""Judges objectives, alone and together: pure, from what was read of the evidence to an outcome."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import TYPE_CHECKING

from load.readings import Reading

if TYPE_CHECKING:
    from load.objectives import Objective

EVIDENCE = "evidence/load.json"
SCORE = "score"
LEAST_RUNS = 3
"""Fewer earlier runs than this have no usual figure."""
NO_HISTORY = "earlier good runs are known"
"""How an outcome is explained that lacks nothing else."""
SOFTENED = "; broken, at"
"""How an outcome is explained that is a warning only because a score weighs it."""
Earlier = Mapping[str, Sequence[float]]
"""What each objective read in earlier good runs, by `figure_of`; the latest last."""


def figure_of(objective_id: str, metric: str) -> str:
    """Name what an objective reads: its p99 is not compared with what was its p95 once."""
    return f"{objective_id} {metric}"


@dataclass(frozen=True)
class Judgement:
    """One objective's outcome, with everything a verdict or a report says of it.

    Units: `value` in `unit`; `headroom_share` up to 1, negative where broken.
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


def judged(objective: "Objective", reading: Reading, earlier: Sequence[float]) -> Judgement:
    """Judge what was read; what cannot be told is UNKNOWN, never PASS."""
    known = list(earlier)[-objective.runs :]
    absolute, usual = _absolute(objective, known)
    outcome, why = _outcome(absolute, reading)
    is_known = reading.value is not None and reading.samples >= objective.needs_samples and not reading.doubt
    if objective.pass_bound.relative and usual is None and is_known:
        outcome = "UNKNOWN"
        why = f"{len(known)} {NO_HISTORY}, {LEAST_RUNS} are needed to say what is usual"
    elif usual is not None and outcome != "UNKNOWN":
        why += f"; usual is {objective.pass_bound.told(usual)}, the median of {len(known)} good runs"
    can_tell = reading.value is not None and (usual is not None or not objective.pass_bound.relative)
    return Judgement(
        id=objective.id,
        title=objective.name,
        outcome=outcome,
        value=reading.value,
        unit=objective.pass_bound.unit,
        pass_bound=str(objective.pass_bound),
        warn_bound=str(objective.warn_bound) if objective.warn_bound else None,
        headroom_share=absolute.pass_bound.headroom_share(reading.value or 0.0) if can_tell else None,
        samples=reading.samples,
        needs_samples=objective.needs_samples,
        key=objective.key,
        why=why,
    )


def judge_all(
    objectives: Sequence["Objective"],
    evidence: Mapping[str, object],
    earlier: Earlier | None = None,
) -> list[Judgement]:
    """Judge a run by the objectives of its profile.

    Where one of them is a score, a broken objective that is not key costs its weight there, and is itself a
    warning; without a score each broken objective fails.
    """
    profile = evidence.get("profile")
    ours = [each for each in objectives if not isinstance(profile, str) or profile in each.profiles]
    scores = [each for each in ours if each.sli == SCORE]
    others = [each for each in ours if each.sli != SCORE]
    found = [
        each.judge(evidence, (earlier or {}).get(figure_of(each.id, each.pass_bound.metric), ()))
        for each in others
    ]
    weighed = [(each.weight, judgement) for each, judgement in zip(others, found, strict=True)]
    whole = sum(each.weight for each in others)
    shown = [_softened(judgement, weight, whole) if scores else judgement for weight, judgement in weighed]
    return [*shown, *(judged(score, kept_share(weighed), ()) for score in scores)]


def kept_share(weighed: Sequence[tuple[float, Judgement]]) -> Reading:
    """Read which share of the known objectives' weight was kept; a warning keeps half of its own."""
    told = [(weight, each) for weight, each in weighed if each.outcome in _KEEPS]
    whole = sum(weight for weight, _ in told)
    if not whole:
        return Reading(None, 0, "no objective could be told")
    kept = sum(weight * _KEEPS[each.outcome] for weight, each in told)
    lost = [each.title for _, each in told if each.outcome == "FAIL"]
    return Reading(round(kept / whole, 4), len(told), detail=f"broken: {', '.join(lost)}" if lost else "")


_KEEPS = {"PASS": 1.0, "WARN": 0.5, "FAIL": 0.0}


def _softened(judgement: Judgement, weight: float, whole: float) -> Judgement:
    if judgement.key or judgement.outcome != "FAIL":
        return judgement
    why = f"{judgement.why}{SOFTENED} {weight:g} of {whole:g} in the score"
    return replace(judgement, outcome="WARN", why=why)


def _absolute(objective: "Objective", earlier: Sequence[float]) -> tuple["Objective", float | None]:
    """Return the objective with absolute bounds, and the usual figure that they come from."""
    if not objective.pass_bound.relative or len(earlier) < LEAST_RUNS:
        return objective, None
    usual = float(median(earlier))
    warn = objective.warn_bound.against(usual) if objective.warn_bound else None
    return replace(objective, pass_bound=objective.pass_bound.against(usual), warn_bound=warn), usual


def _outcome(objective: "Objective", reading: Reading) -> tuple[str, str]:
    passes, warns = objective.pass_bound, objective.warn_bound
    value = reading.value
    if value is None:
        return "UNKNOWN", reading.doubt
    allowed = passes.in_words()
    seen = f"{passes.metric} is {passes.told(value)}" + (f" ({reading.detail})" if reading.detail else "")
    tolerated = passes.holds(value) or (warns is not None and warns.holds(value))
    broken = "FAIL", f"{seen}; allowed {(warns or passes).in_words()}"
    if objective.sli == "conservation" and not tolerated:
        return broken  # one lost order is lost, however few were sent
    if reading.samples < objective.needs_samples:
        return "UNKNOWN", f"{reading.samples} samples, {objective.needs_samples} are needed to tell"
    if reading.doubt:
        return "UNKNOWN", reading.doubt
    if reading.understated and tolerated:
        return "UNKNOWN", f"{seen} at least: {reading.understated}"
    if passes.holds(value):
        return "PASS", f"{seen}, within {allowed}"
    if reading.overstated and (warns or passes).holds(value - reading.overstated_by):
        return "UNKNOWN", f"{seen}; allowed {allowed}, but {reading.overstated}"
    if reading.overstated:
        return broken[0], f"{broken[1]}; {reading.overstated}, and this is more than lateness explains"
    if warns and tolerated:
        return "WARN", f"{seen}; over {allowed}, within {warns.in_words()}"
    return broken
