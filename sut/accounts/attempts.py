"""Failed sign-ins, counted in a sliding window: after too many the door stays shut for a while."""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Callable

#: One person at one place: more than anybody mistypes.
ALLOWED_PAIR = 10
#: One account from everywhere: guesses spread over many addresses. More than for a pair, or any stranger
#: could keep somebody out from anywhere at no cost.
ALLOWED_ACCOUNT = 30
#: One address at all accounts: one password tried on everybody. Many people may share it, behind one router.
ALLOWED_ADDRESS = 30
WINDOW_S = 60.0
_REMEMBERED = 10_000  # keys; more than that and the one longest untouched is forgotten


class Attempts:
    """Counts failures by key, whatever the key stands for."""

    def __init__(self, allowed: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._allowed = allowed
        self._clock = clock
        self._failures: OrderedDict[str, deque[float]] = OrderedDict()

    def wait_s(self, key: str) -> int:
        """Return the seconds until another attempt is heard; 0 means now."""
        failures = self._recent(key)
        if len(failures) < self._allowed:
            return 0
        return max(1, int(failures[-self._allowed] + WINDOW_S - self._clock()) + 1)

    def failed(self, key: str) -> None:
        """Count a failure."""
        self._recent(key).append(self._clock())

    def forget(self, key: str) -> None:
        """Forget a key's failures."""
        self._failures.pop(key, None)

    def _recent(self, key: str) -> deque[float]:
        failures = self._failures.setdefault(key, deque(maxlen=self._allowed))
        self._failures.move_to_end(key)
        while failures and failures[0] <= self._clock() - WINDOW_S:
            failures.popleft()
        if len(self._failures) > _REMEMBERED:
            self._failures.popitem(last=False)
        return failures


class SignInAttempts:
    """The three counts together; whether an account exists makes no difference to them."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._pairs = Attempts(ALLOWED_PAIR, clock)
        self._accounts = Attempts(ALLOWED_ACCOUNT, clock)
        self._addresses = Attempts(ALLOWED_ADDRESS, clock)

    def wait_s(self, email: str, address: str) -> int:
        """Return the seconds until another attempt is heard; 0 means now."""
        pair = self._pairs.wait_s(f"{address} {email}")
        return max(pair, self._accounts.wait_s(email), self._addresses.wait_s(address))

    def failed(self, email: str, address: str) -> None:
        """Count a failure."""
        self._pairs.failed(f"{address} {email}")
        self._accounts.failed(email)
        self._addresses.failed(address)

    def succeeded(self, email: str, address: str) -> None:
        """Forget what this person mistyped here; an attacker's guesses elsewhere still count."""
        self._pairs.forget(f"{address} {email}")
