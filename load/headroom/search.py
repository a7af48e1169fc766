"""The search for the highest rate that holds: doubling, bisection, confirmation."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

PRECISION = 1.15
"""The search ends when the lowest rate that broke is at most so many times the highest that held."""
MOST_DOUBLINGS = 8
MOST_HALVINGS = 2
"""A quarter of the contract's rate is broken by any measure, and low rates take long to give samples."""
MOST_CONFIRMATIONS = 3
STEPS_BACK = 0.88


class Held(StrEnum):
    """What a rate showed."""

    YES = "held"
    NO = "broke"
    UNKNOWN = "unknown"


Ask = Callable[[float, bool], Held]
"""Apply a rate, for longer where it is to be confirmed."""


@dataclass
class Found:
    """What a search found. Units: orders a second; None where no rate held, or none broke."""

    held: float | None = None
    broke: float | None = None
    confirmed: bool = False
    unknown: float | None = None
    asked: list[float] = field(default_factory=list)


def search(ask: Ask, start: float) -> Found:
    """Return the highest rate that was confirmed to hold, and the lowest that broke.

    It ends at once where a rate's outcome cannot be told: then nobody knows which half to look into.
    """
    found = Found()
    if _bounded(ask, start, found) and _narrowed(ask, found):
        _confirmed(ask, found)
    return found


def _bounded(ask: Ask, start: float, found: Found) -> bool:
    """Double until it breaks; where the start breaks already, halve until it holds."""
    rate = start
    for number in range(MOST_DOUBLINGS):
        seen = _told(ask, rate, found)
        if seen is Held.UNKNOWN:
            return False
        if found.held is not None and found.broke is not None:
            return True
        if found.held is None and number >= MOST_HALVINGS:
            return False
        rate = rate * 2 if found.broke is None else rate / 2
    return found.held is not None


def _narrowed(ask: Ask, found: Found) -> bool:
    while found.held is not None and found.broke is not None and found.broke > PRECISION * found.held:
        if _told(ask, round((found.held * found.broke) ** 0.5, 3), found) is Held.UNKNOWN:
            return False
    return True


def _confirmed(ask: Ask, found: Found) -> None:
    """Apply the highest rate for longer; what breaks then is taken back a little, a few times."""
    for _ in range(MOST_CONFIRMATIONS):
        if found.held is None:
            return
        rate = found.held
        seen = _told(ask, rate, found, confirm=True)
        if seen is Held.YES:
            found.confirmed = True
        if seen is not Held.NO:
            return
        found.broke, found.held = rate, round(rate * STEPS_BACK, 3)
    found.held = None  # what never held for long is not held


def _told(ask: Ask, rate: float, found: Found, *, confirm: bool = False) -> Held:
    seen = ask(rate, confirm)
    found.asked.append(rate)
    if seen is Held.YES:
        found.held = rate
    elif seen is Held.NO:
        found.broke = rate
    else:
        found.unknown = rate
    return seen
