"""An open model of load: things arrive at their own rate, however slowly the earlier ones are answered.

Locust's users are a closed loop: while a system stands still they wait with it, so a standstill costs a few
samples, not all those that it would have hit. https://doi.org/10.5555/1267680.1267698
"""

import logging
import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

import gevent
from greenlet import greenlet  # type: ignore[import-untyped]  # as gevent

from load.account import Account
from load.alarm import Alarm
from load.paces import WHOLE, Pace, Share, Step, constant, poisson, schedule
from load.series import Series

__all__ = ["Account", "Arrivals", "Pace", "Share", "Step", "constant", "poisson", "schedule"]

_log = logging.getLogger(__name__)
FEWEST_IN_FLIGHT, MOST_IN_FLIGHT = 64, 8000
STANDSTILL_S = 10.0
"""Unless a bound is given, this long a standstill can be waited for by all who arrive in it."""
AT_ONCE = 32
"""After so many beginnings in a row the answers get their turn, or they would be read too late."""


class Arrivals:
    """Begins one thing after another at its intended time, each in a greenlet of its own.

    `act` is called with the intended time, by `time.perf_counter`.
    """

    def __init__(
        self,
        pace: Pace | float,
        act: Callable[[float], None],
        *,
        most_in_flight: int | None = None,
        share: Share = WHOLE,
    ) -> None:
        self._pace = pace if isinstance(pace, Pace) else constant(pace)
        self._act, self._share = act, share
        self.most_in_flight = most_in_flight or enough_in_flight(self._pace)
        self._idle: deque[Any] = deque()
        self._busy: set[Any] = set()
        self._alarm: Alarm | None = None
        self._offsets: Iterator[float] = iter(())
        self._first = self._stopped = 0.0
        self._due: float | None = None
        self.begun = self.shed = self.overdue = self.cut_off = 0
        self.lag = Series(is_latency_alone=True)

    @property
    def in_flight(self) -> int:
        """How many have begun and not ended."""
        return len(self._busy)

    @property
    def is_over(self) -> bool:
        """Whether the pace has ended and all that began has, too."""
        return self._due is None and not self._busy

    def start(self, after_s: float = 0.0) -> None:
        """Begin to let things arrive; a start that lies behind us (below 0) is joined where it is now."""
        self._first = time.perf_counter() + after_s
        self._alarm = Alarm(self._wake)
        self._turn_to(self._pace.offsets(self._share, max(0.0, -after_s)))

    def take_share(self, share: Share) -> None:
        """From now on apply another share of all arrivals: a generator has come or gone."""
        if self._alarm is not None and share != self._share:
            now = time.perf_counter()
            self._give_up_before(now)
            self._turn_to(self._pace.offsets(share, max(0.0, now - self._first)))
        self._share = share

    def stop(self) -> None:
        """Let nothing more arrive; what is in flight goes on."""
        if self._alarm is None:
            return
        self._alarm.close()
        self._alarm = None
        self._give_up_before(time.perf_counter())
        self._due = None

    def end(self, within_s: float) -> None:
        """Wait for what is in flight, then cut it off, and count that; whoever calls this goes on."""
        self.stop()
        ends, caller = time.perf_counter() + within_s, {gevent.getcurrent()}
        while self._busy - caller and time.perf_counter() < ends:
            gevent.sleep(0.005)
        self.cut_off += len(self._busy - caller)
        for seat in [*(self._busy - caller), *self._idle]:
            gevent.kill(seat)
        self._idle.clear()
        gevent.sleep(0)

    def account(self) -> Account:
        """Return what was planned and what came of it."""
        counts = self.begun, self.shed, self.overdue, self.cut_off
        return Account(*counts, self.lag.latency, first=self._first)

    def _give_up_before(self, now: float) -> None:
        """Count what was due and has not begun: nobody will begin it any more."""
        while self._due is not None and self._due < now:
            self.overdue += 1
            self._next()

    def _turn_to(self, offsets: Iterator[float]) -> None:
        self._offsets = offsets
        self._next()
        if self._due is not None and self._alarm is not None:
            self._alarm.set(self._due)

    def _next(self) -> None:
        offset = next(self._offsets, None)
        self._due = None if offset is None else self._first + offset

    def _wake(self) -> None:
        """Begin all that is due. It runs in gevent's hub, so it must neither wait nor raise."""
        for _ in range(AT_ONCE):
            due, now = self._due, time.perf_counter()
            if due is None or due > now or self._alarm is None:
                break
            self.lag.note(due, due, now)
            self._next()
            if len(self._busy) >= self.most_in_flight:
                self.shed += 1
                continue
            self.begun += 1
            seat = self._idle.pop() if self._idle else self._new_seat()
            self._busy.add(seat)
            seat.switch(due)
        if self._alarm is not None:
            if self._due is None:
                self._alarm.close()
                self._alarm = None
            else:
                self._alarm.set_again(self._due, now)

    def _new_seat(self) -> Any:
        """Return a greenlet that acts when switched to; it is used again, as each new one costs."""
        return greenlet(self._sit, gevent.get_hub())

    def _sit(self, due: float) -> None:
        seat, wait = gevent.getcurrent(), gevent.get_hub().switch
        while True:
            try:
                self._act(due)
            except (Exception, gevent.Timeout):
                _log.exception("an arrival ended in an error")
            finally:
                self._busy.discard(seat)
            self._idle.append(seat)
            due = wait()


def enough_in_flight(pace: Pace) -> int:
    """Return a bound on what may be in flight that only a long standstill reaches."""
    return int(min(MOST_IN_FLIGHT, max(FEWEST_IN_FLIGHT, STANDSTILL_S * pace.peak_per_s)))
