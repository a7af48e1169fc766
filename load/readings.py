"""What load evidence (evidence/load.json) says of one objective: pure, and None wherever it does not say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from load.bounds import figure

EVERY_OPERATION = "*"
WILD = "*"
VIOLATIONS = ("lost", "unexpected", "doubled", "mispriced", "leaked")
COUNTABLE = (*VIOLATIONS, "stuck")
MOST_LAG_MS = 50.0
"""How late the generator's own timers may be before it is no longer the system that is measured."""
TURNS = 5
"""How often a request waits for its generator: connect, send, read head, read body, take the time.

It is only for figures without `at_least`, such as spans: there the lateness was taken at each request.
"""
_MENDED_BY_TIME = ("lost", "stuck")


@dataclass(frozen=True)
class Reading:
    """A figure from so many samples; `detail` says what it is made of.

    `doubt` says why it cannot be trusted at all, `overstated` why the truth may be better, but not worse;
    `overstated_by` is the most that this explains, in the figure's unit. `understated` says why the truth may
    be worse, but not better.
    """

    value: float | None
    samples: int
    doubt: str = ""
    detail: str = ""
    overstated: str = ""
    overstated_by: float = 0.0
    understated: str = ""


def latency(evidence: Mapping[str, object], operation: str, metric: str) -> Reading:
    """Read a percentile of an operation; only requests that succeeded count as samples."""
    entry = _mapping(_mapping(evidence.get("operations")).get(operation))
    if not entry:
        return Reading(None, 0, f"nothing was measured of {operation}")
    succeeded = _count(entry.get("requests")) - _count(entry.get("failures"))
    return _duration(evidence, entry, metric, max(succeeded, 0))


def span(evidence: Mapping[str, object], sli: str, metric: str) -> Reading:
    """Read a percentile of a time across services, such as order_to_price."""
    entry = _mapping(_mapping(evidence.get("slis")).get(sli))
    if not entry:
        return Reading(None, 0, f"nothing was measured of {sli}")
    # a span is made of many requests, none of which says how much of it was our own lateness
    alone = {name: value for name, value in entry.items() if not name.endswith("_at_least_ms")}
    return _duration(evidence, alone, metric, _count(entry.get("requests")))


def success_share(evidence: Mapping[str, object], operation: str) -> Reading:
    """Read which share of an operation's requests, or of all that a pattern names, succeeded."""
    operations = _mapping(evidence.get("operations"))
    entries = [_mapping(entry) for name, entry in operations.items() if _fits(name, operation)]
    requests = sum(_count(entry.get("requests")) for entry in entries)
    if requests == 0:
        return Reading(None, 0, f"nothing was measured of {operation}")
    if any(figure(entry.get("failures")) is None for entry in entries):
        return Reading(None, requests, "the evidence does not say how many requests failed")
    failures = sum(_count(entry.get("failures")) for entry in entries)
    detail = f"{failures} of {requests} failed" if failures else ""
    return Reading(round(1 - failures / requests, 6), requests, detail=detail)


def growth(evidence: Mapping[str, object], operation: str, over: str) -> Reading:
    """Read how many times as long an operation takes as another one, where neither had to wait.

    Both are measured side by side and at their fastest tenth: what a busy machine adds is left out, what
    the operation itself costs is in each of its times.
    """
    larger, smaller = latency(evidence, operation, "p10"), latency(evidence, over, "p10")
    if larger.value is None or not smaller.value:
        return Reading(None, 0, larger.doubt or smaller.doubt or f"no time was measured of {over}")
    detail = f"{larger.value:.1f} ms over {smaller.value:.1f} ms"
    return Reading(
        round(larger.value / smaller.value, 3), min(larger.samples, smaller.samples), detail=detail
    )


def figure_of(evidence: Mapping[str, object], sli: str) -> Reading:
    """Read a figure that a whole run has once, such as the time to recover from a spike."""
    entry = _mapping(_mapping(evidence.get("figures")).get(sli))
    value = figure(entry.get("value"))
    doubt = str(entry.get("doubt") or "")
    if value is None:
        return Reading(None, 0, doubt or f"nothing was measured of {sli}")
    detail, understated = (str(entry.get(name) or "") for name in ("detail", "at_least_because"))
    return Reading(value, _count(entry.get("samples")), doubt, detail, understated=understated)


def violations(evidence: Mapping[str, object], counts: Sequence[str]) -> Reading:
    """Count orders that broke conservation.

    Where the drain was cut short, only those count that more time could not have mended.
    """
    entry = _mapping(evidence.get("conservation"))
    if not entry:
        return Reading(None, 0, "the evidence holds no conservation")
    found = {name: entry.get(name) for name in counts}
    missing = [name for name, orders in found.items() if not isinstance(orders, list)]
    if missing:
        return Reading(None, 0, f"conservation does not say which orders are {', '.join(missing)}")
    complete = entry.get("complete") is True
    sizes = {name: _count(orders) for name, orders in found.items()}
    definite = {name: size for name, size in sizes.items() if complete or name not in _MENDED_BY_TIME}
    detail = ", ".join(f"{size} {name}" for name, size in definite.items() if size)
    doubt = "" if complete else str(entry.get("why") or "the drain was not completed")
    return Reading(float(sum(definite.values())), _count(entry.get("acknowledged")), doubt, detail)


def _duration(
    evidence: Mapping[str, object], entry: Mapping[str, object], metric: str, samples: int
) -> Reading:
    value = figure(entry.get(f"{metric}_ms"))
    doubt = "" if value is not None else f"the evidence holds no usable {metric}_ms"
    lag_ms = figure(_mapping(evidence.get("generator")).get("lag_p99_ms")) or 0.0
    at_least = figure(entry.get(f"{metric}_at_least_ms"))
    explained = TURNS * lag_ms if value is None or at_least is None else max(0.0, value - at_least)
    return Reading(value, samples, doubt, overstated=_starved(lag_ms), overstated_by=explained)


def _starved(lag_ms: float) -> str:
    """Say that the generator was late itself: then it read answers late, too, and overstates their times."""
    if lag_ms <= MOST_LAG_MS:
        return ""
    return f"the load generator had too little processor time: it was {lag_ms:.0f} ms late itself (p99)"


def _fits(name: object, pattern: str) -> bool:
    return name == pattern or (WILD in pattern and fnmatchcase(str(name), pattern))


def _count(value: object) -> int:
    """Return a count, reading a list as how many it holds."""
    if isinstance(value, list):
        return len(value)
    known = figure(value)
    return 0 if known is None else int(known)


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}
