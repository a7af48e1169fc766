"""Judge the traces of a run's orders: pure, from traces.json."""

from collections.abc import Mapping, Sequence

from gate.criteria import Criterion
from gate.judge_load import NONE_ALLOWED
from gate.outcome import Outcome

TITLE = "Every order's trace is whole: each hop there, in time and connected"
_TOLD = 3


def judge_traces(stage: str, found: Mapping[str, object] | None, evidence: str) -> Criterion:
    """Judge what was found of the orders' traces; what could not be told is UNKNOWN, whatever else it is."""
    outcome, why, broken = _judged(found or {})
    orders = _count((found or {}).get("orders"))
    return Criterion(
        id=f"{stage}.traces",
        stage=stage,
        title=TITLE,
        outcome=outcome,
        why=why,
        value=broken,
        unit="orders",
        pass_bound=NONE_ALLOWED,
        samples=orders,
        needs_samples=1,
        key=True,
        evidence=evidence,
    )


def _judged(found: Mapping[str, object]) -> tuple[Outcome, str, float | None]:
    broken, orders, why = found.get("broken"), _count(found.get("orders")), found.get("why")
    if not isinstance(broken, list):
        return Outcome.UNKNOWN, "no evidence was left", None
    if why or found.get("expected") is not True:
        return Outcome.UNKNOWN, str(why or "traces were not looked at"), None
    if not orders:
        return Outcome.UNKNOWN, "no order was there whose trace could be checked", None
    if not broken:
        return Outcome.PASS, "", 0.0
    return Outcome.FAIL, _told(broken, orders), float(len(broken))


def _told(broken: Sequence[object], orders: int) -> str:
    lines = [_line(each) for each in broken[:_TOLD] if isinstance(each, Mapping)]
    more = f" and {len(broken) - len(lines)} more" if len(broken) > len(lines) else ""
    return f"{len(broken)} of {orders} orders: " + "; ".join(lines) + more


def _line(each: Mapping[str, object]) -> str:
    faults = each.get("faults")
    first = faults[0] if isinstance(faults, list) and faults and isinstance(faults[0], Mapping) else {}
    what = f"{first.get('hop', 'a hop')} is {first.get('kind', 'wrong')}"
    last = f", last hop {first['last_hop']}" if first.get("last_hop") else ""
    return f"{each.get('number')} of {each.get('test')}: {what}{last}"


def _count(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
