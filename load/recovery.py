"""How long a system takes to be itself again after a surge: pure, from what each second gave."""

from collections.abc import Iterable, Mapping
from typing import Any

from load.histogram import Histogram
from load.profiles import Surge
from load.series import Second, Series

CALM_SECONDS = 3
"""It is itself again when so many seconds in a row are as they were before."""
MOST_TIMES, MOST_MORE_MS = 2.0, 100.0
PERCENTILE = 90


def by_second(series: Iterable[Series]) -> dict[int, Second]:
    """Add up what all operations gave, second by second since the epoch."""
    found: dict[int, Second] = {}
    for each in series:
        for second, kept in each.seconds.items():
            found.setdefault(second, Second()).merge(kept)
    return found


def told(answered: Iterable[Series], waited: Iterable[Series]) -> list[dict[str, Any]]:
    """Return what each second gave, as the evidence keeps it.

    `waited` are the spans of orders, from acceptance to the MES and to the price. Units: `at` in s since the
    epoch, times in ms.
    """
    answers, waits = by_second(answered), by_second(waited)
    return [
        {
            "at": second,
            "requests": kept.latency.count,
            "failures": kept.failures,
            "p90_ms": _of([kept]) if kept.latency.count else None,
            "waits_p90_ms": _of([waits[second]]) if second in waits else None,
        }
        for second, kept in sorted(answers.items())
    ]


def recovery(seconds: Mapping[int, Second], surge: Surge, began: int) -> dict[str, Any]:
    """Return after how many seconds it was as before, as the evidence keeps figures.

    Units: `began` is the second since the epoch at which arrivals began; the value in seconds.
    """
    first, last = began + round(surge.after_s), began + round(surge.after_s + surge.seconds)
    before = [kept for second, kept in seconds.items() if began + CALM_SECONDS <= second < first]
    after = sorted(second for second in seconds if second >= last)
    if not before or len(after) <= CALM_SECONDS:
        return {"value": None, "samples": 0, "doubt": "nothing was measured before or after the surge"}
    usual_ms = _of(before)
    allowed_ms = max(MOST_TIMES * usual_ms, usual_ms + MOST_MORE_MS)
    calm = [not seconds[each].failures and _of([seconds[each]]) <= allowed_ms for each in after]
    calm_from = range(len(calm) - CALM_SECONDS + 1)
    again = next((after[at] for at in calm_from if all(calm[at : at + CALM_SECONDS])), None)
    within = [kept for second, kept in seconds.items() if first <= second < last]
    detail = f"p{PERCENTILE} {usual_ms:.0f} ms before, {_of(within):.0f} ms in the surge"
    found = {"samples": len(after), "doubt": "", "detail": detail}
    if again is None:
        watched_s = after[-1] + 1 - last
        why = f"it was watched for {watched_s} s after the surge, and was not as before"
        return {**found, "value": float(watched_s), "at_least_because": why}
    return {**found, "value": float(again - last)}


def _of(kept: Iterable[Second]) -> float:
    whole = Histogram()
    for each in kept:
        whole.merge(each.latency)
    return whole.value_at(PERCENTILE) if whole.count else 0.0
