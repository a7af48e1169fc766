"""How late this process is itself, from moment to moment: its own waiting is not the system's fault."""

import time
from collections import deque
from typing import Any

import gevent

from load.recorder import Series

TICK_S = 0.02
KEPT = 3000
"""Ticks: a minute of them, more than any request lives."""
TURNS = 2
"""How often an answered request has waited for us at the most: for its first bytes and for the rest."""


class Lateness:
    """Wakes up every now and then, and notes how late."""

    def __init__(self) -> None:
        self._ticks: deque[tuple[float, float]] = deque(maxlen=KEPT)
        self._due = time.perf_counter()
        self._ticking: Any = None
        self.series = Series()

    def start(self) -> None:
        """Begin to tick."""
        self.series = Series()
        self._ticks.clear()
        self._due = time.perf_counter() + TICK_S
        self._ticking = gevent.spawn(self._tick)

    def stop(self) -> None:
        """Tick no more."""
        if self._ticking is not None:
            self._ticking.kill()

    def explains_ms(self, begun: float, sent_late_ms: float = 0.0) -> float:
        """Return how much of a request's time, from `begun` to now, may be our own lateness at most."""
        if self._ticking is None:
            return 0.0
        now = time.perf_counter()
        worst = max(0.0, now - self._due)
        for at, late_s in reversed(self._ticks):
            if at < begun:
                break
            worst = max(worst, late_s)
        return sent_late_ms + TURNS * worst * 1000

    def _tick(self) -> None:
        while True:
            self._due = time.perf_counter() + TICK_S
            gevent.sleep(TICK_S)
            now = time.perf_counter()
            late_s = max(0.0, now - self._due)
            self._ticks.append((now, late_s))
            self.series.record(late_s * 1000, failed=False)
