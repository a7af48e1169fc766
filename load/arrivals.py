"""An open model of load: things arrive at their own rate, however slowly the earlier ones are answered.

Locust's users are a closed loop: while a system stands still they wait with it, so a standstill costs a few
samples, not all those that it would have hit. https://doi.org/10.5555/1267680.1267698
"""

import time
from collections.abc import Callable
from typing import Any

import gevent
from gevent.pool import Group

from load.recorder import Series

MOST_IN_FLIGHT = 64


class Arrivals:
    """Begins one thing after another at a constant rate, each at its intended time."""

    def __init__(
        self, rate_per_s: float, act: Callable[[float], None], *, most_in_flight: int = MOST_IN_FLIGHT
    ) -> None:
        self._interval_s, self._act, self._most = 1 / rate_per_s, act, most_in_flight
        self._in_flight = Group()
        self._pacing: Any = None
        self.begun = 0
        self.shed = 0
        self.lag = Series()

    def start(self, after_s: float = 0.0) -> None:
        """Begin to let things arrive."""
        self._pacing = gevent.spawn(self._pace, time.perf_counter() + after_s)

    def stop(self) -> None:
        """Let nothing more arrive; what is in flight goes on."""
        if self._pacing is not None:
            self._pacing.kill()

    def end(self, within_s: float) -> None:
        """Wait for what is in flight, then end it."""
        self.stop()
        self._in_flight.join(timeout=within_s)
        self._in_flight.kill()

    def _pace(self, first: float) -> None:
        while True:
            intended = first + (self.begun + self.shed) * self._interval_s
            gevent.sleep(max(0.0, intended - time.perf_counter()))
            self.lag.record(max(0.0, (time.perf_counter() - intended) * 1000), failed=False)
            if len(self._in_flight) >= self._most:
                self.shed += 1
            else:
                self.begun += 1
                self._in_flight.spawn(self._act, intended)
