"""Locust users who cost little while they wait: a timer each, and a stack only while they do something.

A greenlet that sleeps keeps 8 KB; ten thousand of them would be most of what a generator needs.
"""

import logging
import random
import traceback
from collections import deque
from collections.abc import Callable
from typing import Any

import gevent
from gevent import GreenletExit
from greenlet import greenlet  # type: ignore[import-untyped]  # as gevent
from locust.exception import (
    InterruptTaskSet,
    RescheduleTask,
    RescheduleTaskImmediately,
    StopTest,
    StopUser,
)

_log = logging.getLogger(__name__)
FREE_SEATS = 200
RUNNING, WAITING, STOPPING = "running", "waiting", "stopping"
"""Locust's own names for what a user does."""


class Seats:
    """Greenlets in which something is done; they are used again."""

    def __init__(self) -> None:
        self._free: deque[Any] = deque()

    def run(self, act: Callable[[], None]) -> None:
        """Do something soon."""
        gevent.get_hub().loop.run_callback(self._take, act)

    def _take(self, act: Callable[[], None]) -> None:
        """In the hub: whoever takes a seat may be gone again before the next comes."""
        seat = self._free.pop() if self._free else greenlet(self._sit, gevent.get_hub())
        seat.switch(act)

    def _sit(self, act: Callable[[], None]) -> None:
        rest = gevent.get_hub().switch
        while len(self._free) < FREE_SEATS:
            act()
            self._free.append(gevent.getcurrent())
            act = rest()
        act()


class Turns:
    """One user's life: on_start, then tasks with waits between them, then on_stop; as Locust's own goes."""

    __slots__ = ("_place", "_seat", "_seats", "_timer", "_user")

    def __init__(self, user: Any, seats: Seats) -> None:
        self._user, self._seats = user, seats
        self._timer: Any = None
        # by its argument Locust finds the user; it is never run, and ended when the user ends
        self._place: Any = gevent.Greenlet(_stand, user)
        self._place.rawlink(self._cut)
        self._seat: Any = None

    def begin(self, group: Any) -> Any:
        """Take a place in Locust's group of users, and start."""
        group.add(self._place)
        self._user._state = RUNNING
        self._seats.run(self._start)
        return self._place

    def stop(self, *, force: bool) -> bool:
        """Stop at once if it does nothing or must, else after the task; return whether at once."""
        if self._seat is None:
            self._stop_timer()
            self._end(without_farewell=self._user._state is None)
            return True
        self._user._state = STOPPING
        if force:
            self._break_off()
            self._place.join()
        return force

    def _start(self) -> None:
        if self._place.dead:
            return
        self._seat = gevent.getcurrent()
        try:
            self._user.on_start()
        except (StopUser, StopTest, GreenletExit):
            self._end()
        except Exception as error:
            self._stumble(error)
            self._end(without_farewell=True)
        else:
            self._act()

    def _act(self) -> None:
        if self._place.dead:
            return
        user, self._seat = self._user, gevent.getcurrent()
        waits_s: float | None = None
        try:
            tasks = user.tasks
            (tasks[0] if len(tasks) == 1 else random.choice(tasks))(user)  # noqa: S311 - no secret
        except RescheduleTaskImmediately:
            waits_s = 0.0
        except (RescheduleTask, InterruptTaskSet):
            pass
        except (StopUser, StopTest, GreenletExit):
            self._end()
            return
        except Exception as error:
            self._stumble(error)
            if not user.environment.catch_exceptions:
                self._end(without_farewell=True)
                return
        if user._state == STOPPING:
            self._end()
            return
        self._seat, user._state = None, WAITING
        self._timer = gevent.get_hub().loop.timer(max(0.0, user.wait_time() if waits_s is None else waits_s))
        self._timer.start(self._wake)

    def _wake(self) -> None:
        self._stop_timer()
        self._user._state = RUNNING
        self._seats.run(self._act)

    def _end(self, *, without_farewell: bool = False) -> None:
        self._seat = None
        self._user._state = None
        if not without_farewell:
            self._user.on_stop()
        self._user.close_connections()
        self._place.kill(block=False)

    def _cut(self, _: object) -> None:
        """Its place has been taken away: Locust has ended it, or it has ended itself."""
        if self._seat is not None:
            self._user._state = STOPPING
            self._break_off()
        elif self._timer is not None:
            self._stop_timer()
            self._seats.run(self._say_goodbye)

    def _break_off(self) -> None:
        """End what the user does, which runs its farewell; if it ends before that, the seat is another's."""
        gevent.get_hub().loop.run_callback(self._throw, self._seat)

    def _throw(self, seat: Any) -> None:
        """In the hub."""
        if self._seat is seat:
            seat.throw(GreenletExit)

    def _say_goodbye(self) -> None:
        self._user.on_stop()
        self._user.close_connections()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer.close()
            self._timer = None

    def _stumble(self, error: Exception) -> None:
        user = self._user
        user.environment.events.user_error.fire(user_instance=user, exception=error, tb=error.__traceback__)
        _log.error("%s\n%s", error, "".join(traceback.format_exception(error)))


def _stand(_: object) -> None:
    """Be in the group; nobody runs it."""


SEATS = Seats()
