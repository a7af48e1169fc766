"""What each second gave while faults came and went: were they felt, and when was all as before? Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from load.chaos.nemesis import Happened
from load.recovery import CALM_SECONDS

FAILED, SLOW = "failures", "slower than usual"
WARMS_UP_S = 2
AFTERMATH_S = 2.0
MOST_TIMES, MOST_MORE_MS = 3.0, 500.0
"""Whoever gathers what was left over is slower for a while, and so is a machine that others use."""


@dataclass(frozen=True)
class Second:
    """What was begun in one second since the epoch. Units: ms; None where nothing was."""

    at: int
    requests: int
    failures: int
    p90_ms: float | None
    waits_p90_ms: float | None
    """From acceptance to the MES and to the price."""

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "Second":
        """Read a second as load.json keeps it."""
        return cls(
            told["at"], told["requests"], told["failures"], told.get("p90_ms"), told.get("waits_p90_ms")
        )


@dataclass(frozen=True)
class Usual:
    """What an undisturbed second gives at most."""

    answers_ms: float
    waits_ms: float

    @classmethod
    def of(cls, seconds: Iterable[Second]) -> "Usual":
        """Return what is allowed, by undisturbed seconds."""
        found = list(seconds)
        return cls(
            _allowed(each.p90_ms for each in found),
            _allowed(each.waits_p90_ms for each in found),
        )

    def holds(self, second: Second) -> bool:
        """Tell whether a second is as usual."""
        return (
            not second.failures
            and (second.p90_ms or 0.0) <= self.answers_ms
            and (second.waits_p90_ms or 0.0) <= self.waits_ms
        )


def _allowed(times_ms: Iterable[float | None]) -> float:
    known = [each for each in times_ms if each is not None]
    usual_ms = median(known) if known else 0.0
    return max(MOST_TIMES * usual_ms, usual_ms + MOST_MORE_MS)


def usual(seconds: Sequence[Second], happened: Sequence[Happened]) -> Usual | None:
    """Return what is usual, by the seconds before the first fault; None where there are too few."""
    if not seconds or not happened:
        return None
    first, begins = min(each.at for each in seconds), min(each.began for each in happened)
    calm = [each for each in seconds if first + WARMS_UP_S <= each.at < int(begins)]
    return Usual.of(calm) if calm else None


def felt(each: Happened, seconds: Iterable[Second], as_usual: Usual) -> str:
    """Tell how a fault was felt while it lasted, or right after it; empty where nobody felt it."""
    within = [one for one in seconds if int(each.began) <= one.at <= each.ended + AFTERMATH_S]
    if any(one.failures for one in within):
        return FAILED
    return "" if all(map(as_usual.holds, within)) else SLOW


def recovered_after_s(
    seconds: Iterable[Second], happened: Iterable[Happened], as_usual: Usual
) -> float | None:
    """Return how long after the last fault calm seconds in a row begin, in s; None where they never do."""
    ended = max(each.ended for each in happened)
    after = sorted((each for each in seconds if each.at >= int(ended)), key=lambda each: each.at)
    for start in range(len(after) - CALM_SECONDS + 1):
        if all(as_usual.holds(each) for each in after[start : start + CALM_SECONDS]):
            return max(0.0, round(after[start].at - ended, 1))
    return None
