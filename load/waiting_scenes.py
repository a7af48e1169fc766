"""Scenes with users who wait without a stack, each in a process of its own: Locust changes its process.

`python -m load.waiting_scenes NAME` fails where a scene does not go as it should.
"""

import sys
from collections.abc import Callable
from typing import Any, ClassVar

import gevent
from gevent.event import Event
from locust import constant, task
from locust.env import Environment
from locust.exception import RescheduleTask, StopUser

from load.open_user import OpenHttpUser


class Noted(OpenHttpUser):
    """Notes what happens to it."""

    host = "http://127.0.0.1:1"
    wait_time = constant(0.05)
    seen: ClassVar[list[str]] = []
    error: ClassVar[BaseException | None] = None
    takes_s: ClassVar[float] = 0.01
    gate: ClassVar[Event | None] = None
    """Which a task waits for, instead."""

    def on_start(self) -> None:
        """Come."""
        self.seen.append("start")

    def on_stop(self) -> None:
        """Go."""
        self.seen.append("stop")

    @task  # type: ignore[untyped-decorator] # locust has no types
    def act(self) -> None:
        """Do something that takes a while."""
        self.seen.append("act")
        if self.error is not None:
            raise self.error
        if self.gate is None:
            gevent.sleep(self.takes_s)
        else:
            self.gate.wait()
        self.seen.append("acted")


def acting(runner: Any) -> None:
    """Each is counted while it is there, acts again and again, and says farewell."""
    runner.start(2, spawn_rate=100)
    gevent.sleep(0.4)
    assert runner.user_count == 2
    runner.stop()

    assert runner.user_count == 0
    assert Noted.seen.count("start") == Noted.seen.count("stop") == 2
    assert 4 <= Noted.seen.count("acted") <= 16
    before = list(Noted.seen)
    gevent.sleep(0.1)
    assert Noted.seen == before


def rescheduled(runner: Any) -> None:
    """A task that is ended before its end is not the last."""
    Noted.error = RescheduleTask()
    runner.start(1, spawn_rate=100)
    gevent.sleep(0.4)

    assert Noted.seen.count("act") >= 2
    assert not runner.exceptions


def stumbling(runner: Any) -> None:
    """Nor is one that ends in an error, of which Locust is told."""
    Noted.error = ValueError("a planted error")
    runner.start(1, spawn_rate=100)
    gevent.sleep(0.4)

    assert Noted.seen.count("act") >= 2
    assert runner.exceptions


def ending(runner: Any) -> None:
    """A user may end himself, as Locust's may."""
    Noted.error = StopUser()
    runner.start(1, spawn_rate=100)
    gevent.sleep(0.3)

    assert Noted.seen == ["start", "act", "stop"]
    assert runner.user_count == 0


def finishing(runner: Any) -> None:
    """One who is busy may finish where there is time."""
    runner.environment.stop_timeout = 1
    _until_busy(runner)
    runner.stop()

    assert Noted.seen[-2:] == ["acted", "stop"]


def cut_short(runner: Any) -> None:
    """And is ended where there is none, with a farewell."""
    _until_busy(runner)
    runner.stop()

    assert Noted.seen[-2:] == ["act", "stop"]
    assert runner.user_count == 0


def racing(runner: Any) -> None:
    """One whose task ends at the very moment at which he is stopped is gone, too, and spoils no other."""
    Noted.gate = Event()
    _until_busy(runner)
    [user] = [greenlet.args[0] for greenlet in runner.user_greenlets]
    Noted.gate.set()  # which wakes the task before the stop is delivered
    with gevent.Timeout(5):
        user.stop(force=True)

    assert Noted.seen == ["start", "act", "acted", "stop"]
    runner.stop()
    del Noted.seen[:]
    runner.start(1, spawn_rate=100)
    with gevent.Timeout(5):
        while "acted" not in Noted.seen:
            gevent.sleep(0.01)


def _until_busy(runner: Any) -> None:
    Noted.takes_s = 0.2
    runner.start(1, spawn_rate=100)
    while not Noted.seen or Noted.seen[-1] != "act":
        gevent.sleep(0.001)


SCENES: dict[str, Callable[[Any], None]] = {
    each.__name__: each for each in (acting, rescheduled, stumbling, ending, finishing, cut_short, racing)
}

if __name__ == "__main__":
    a_runner = Environment(user_classes=[Noted], catch_exceptions=True).create_local_runner()
    SCENES[sys.argv[1]](a_runner)
    a_runner.quit()
