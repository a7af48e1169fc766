"""Failed sign-ins per account: after too many in a minute the account's door stays shut for a while."""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Callable

ALLOWED = 10
WINDOW_S = 60.0
_REMEMBERED = 10_000  # accounts; more than that and the one longest untouched is forgotten


class Attempts:
    """Counts failures in a sliding window, by e-mail, whether or not the account exists."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures: OrderedDict[str, deque[float]] = OrderedDict()

    def wait_s(self, email: str) -> int:
        """Return the seconds until another attempt is heard; 0 means now."""
        failures = self._recent(email)
        if len(failures) < ALLOWED:
            return 0
        return max(1, int(failures[-ALLOWED] + WINDOW_S - self._clock()) + 1)

    def failed(self, email: str) -> None:
        """Count a failure."""
        self._recent(email).append(self._clock())

    def succeeded(self, email: str) -> None:
        """Forget the account's failures."""
        self._failures.pop(email, None)

    def _recent(self, email: str) -> deque[float]:
        failures = self._failures.setdefault(email, deque(maxlen=ALLOWED))
        self._failures.move_to_end(email)
        while failures and failures[0] <= self._clock() - WINDOW_S:
            failures.popleft()
        if len(self._failures) > _REMEMBERED:
            self._failures.popitem(last=False)
        return failures
