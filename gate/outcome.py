"""The four outcomes of a judgement, how they fold into one, and the exit code each stands for."""

from collections.abc import Iterable
from enum import StrEnum


class Outcome(StrEnum):
    """What was found out; UNKNOWN means nobody could tell, and never turns green."""

    PASS = "PASS"  # noqa: S105 - the word of a verdict, not a password
    WARN = "WARN"
    FAIL = "FAIL"
    UNKNOWN = "UNKNOWN"

    @property
    def exit_code(self) -> int:
        """The exit code of a command that ends with this outcome."""
        return EXIT_CODES[self]


EXIT_CODES = {Outcome.PASS: 0, Outcome.WARN: 0, Outcome.FAIL: 1, Outcome.UNKNOWN: 2}
EXIT_USAGE = 64
EXIT_INTERRUPTED = 130
WORST_FIRST = (Outcome.FAIL, Outcome.UNKNOWN, Outcome.WARN, Outcome.PASS)


def fold(outcomes: Iterable[Outcome]) -> Outcome:
    """Return the worst outcome: FAIL, then UNKNOWN, then WARN, then PASS; of nothing at all, UNKNOWN."""
    found = set(outcomes)
    return next((outcome for outcome in WORST_FIRST if outcome in found), Outcome.UNKNOWN)
