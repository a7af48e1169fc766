"""Judge the load stage and order conservation: pure, from load.json and conservation.json."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict

from gate.criteria import Criterion
from gate.outcome import Outcome
from gate.record import Ended, StageRecord
from load.judging import Earlier, Judgement, judge_all
from load.objectives import Objective

MUST_BE_EMPTY = ("lost", "unexpected", "doubled", "mispriced", "leaked", "stuck")
NONE_ALLOWED = "count == 0"
NAMES = ("number", "order_number", "order_id", "id")
ONLY_WHEN_DRAINED = ("lost", "stuck")  # more time could still mend these
CONSERVATION_TITLE = "Every acknowledged order is in the MES exactly once, at its price"


def judge_load(
    record: StageRecord,
    document: Mapping[str, object] | None,
    objectives: Iterable[Objective],
    earlier: Earlier | None = None,
) -> list[Criterion]:
    """Return whether the planned load was applied, then one criterion for each objective."""
    evidence = {} if document is None else document
    doubt = _doubt(record, document)
    ran = Criterion(
        id="load.run",
        stage="load",
        title="The planned load was applied to its end",
        outcome=Outcome.UNKNOWN if doubt else Outcome.PASS,
        why=doubt,
        value=_lasted_s(evidence),
        unit="s",
        key=True,
        evidence="evidence/load.json" if document is not None else record.log,
    )
    objectives = tuple(objectives)
    judgements = judge_all(objectives, evidence, earlier)
    judged = [_criterion(judgement) for judgement in judgements]
    if not judgements:
        judged.append(_nothing_judged(evidence))
    if not any(each.sli == "conservation" and _judges(each, evidence) for each in objectives):
        judged.append(
            judge_conservation("load", _mapping(evidence.get("conservation")), "evidence/load.json")
        )
    return [ran, *judged]


def _judges(objective: Objective, evidence: Mapping[str, object]) -> bool:
    profile = evidence.get("profile")
    return not isinstance(profile, str) or profile in objective.profiles


def _nothing_judged(evidence: Mapping[str, object]) -> Criterion:
    profile = evidence.get("profile")
    return Criterion(
        id="load.objectives",
        stage="load",
        title="What the load showed was judged",
        outcome=Outcome.UNKNOWN,
        why=f"no objective is for the profile {profile}: name it in one's profiles",
        key=True,
        evidence="evidence/load.json",
    )


def judge_conservation(stage: str, found: Mapping[str, object] | None, evidence: str) -> Criterion:
    """Judge what was attempted, acknowledged and seen; nothing acknowledged or nothing drained is UNKNOWN."""
    outcome, why, violations = _conserved({} if found is None else found)
    acknowledged = how_many(found.get("acknowledged")) if found else 0
    return Criterion(
        id=f"{stage}.conservation",
        stage=stage,
        title=CONSERVATION_TITLE,
        outcome=outcome,
        why=why,
        value=violations,
        unit="orders",
        pass_bound=NONE_ALLOWED,
        samples=acknowledged,
        needs_samples=1,
        key=True,
        evidence=evidence,
    )


def how_many(value: object) -> int:
    """Return a count that the evidence gives as a number or as a list."""
    if isinstance(value, list):
        return len(value)
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0


def _conserved(found: Mapping[str, object]) -> tuple[Outcome, str, float | None]:
    if not found:
        return Outcome.UNKNOWN, "no evidence was left", None
    missing = [name for name in MUST_BE_EMPTY if not isinstance(found.get(name), list)]
    if missing:
        return Outcome.UNKNOWN, f"the evidence does not say which orders are {', '.join(missing)}", None
    complete = found.get("complete") is True
    definite = [name for name in MUST_BE_EMPTY if complete or name not in ONLY_WHEN_DRAINED]
    broken = [f"{how_many(found[name])} {name} ({_named(found[name])})" for name in definite if found[name]]
    count = float(sum(how_many(found[name]) for name in definite))
    if broken:
        return Outcome.FAIL, ", ".join(broken), count
    if not complete:
        why = found.get("why") or "the drain was not completed"
        return Outcome.UNKNOWN, f"the orders were not followed to their end: {why}", None
    if not how_many(found.get("acknowledged")):
        return Outcome.UNKNOWN, "no order was acknowledged, so none could be lost", None
    return Outcome.PASS, "", count


def _named(orders: object) -> str:
    listed = orders if isinstance(orders, list) else []
    names = [_name(order) for order in listed[:3]]
    return ", ".join(names) + (" …" if len(listed) > len(names) else "")


def _name(order: object) -> str:
    if isinstance(order, Mapping):
        return str(next((order[key] for key in NAMES if key in order), order))
    return str(order)


def _doubt(record: StageRecord, document: Mapping[str, object] | None) -> str:
    if record.ended is Ended.NOT_RUN:
        return f"not run: {record.why or 'the run ended before'}"
    if record.ended is Ended.TIME_LIMIT:
        return f"ended by its time limit of {record.limit_s:g} s"
    if record.ended is Ended.INTERRUPT:
        return f"interrupted after {record.seconds:.0f} s"
    if document is None:
        return f"it left no evidence (exit status {record.exit_status}); see {record.log}"
    if record.exit_status != 0:
        return f"it ended with exit status {record.exit_status}; see {record.log}"
    return ""


def _criterion(judgement: Judgement) -> Criterion:
    fields = asdict(judgement)
    fields |= {"outcome": Outcome(judgement.outcome), "warn_bound": judgement.warn_bound or ""}
    return Criterion(**fields)


def _lasted_s(evidence: Mapping[str, object]) -> float | None:
    planned = evidence.get("planned_s")
    return float(planned) if isinstance(planned, int | float) and not isinstance(planned, bool) else None


def _mapping(value: object) -> Mapping[str, object] | None:
    return value if isinstance(value, Mapping) else None
