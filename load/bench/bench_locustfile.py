"""What the benchmark runs in Locust: our open users, the same through Locust's fast client, and stock users.

A class is chosen by its name on Locust's command line. Rates come from $BENCH_STEPS.
"""

import json
import os
from pathlib import Path
from typing import Any

from locust import FastHttpUser, HttpUser, events, task
from locust import constant as waiting
from locust import constant_throughput as waiting_for_turns
from locust.contrib.fasthttp import FastHttpSession

from load.bench.settings import LAGS, STEPS
from load.open_load import load_of
from load.open_user import OpenHttpUser, Step, constant, schedule

IDLE_S = 1e6


def _course() -> Any:
    seconds, *rates = map(float, (os.environ.get(STEPS) or "0").split())
    return schedule(*(Step(seconds, rate) for rate in rates)) if rates else constant(100)


class Open(OpenHttpUser):
    """Our client, at a planned rate."""

    arrivals = _course()
    network_timeout = 30.0

    @task  # type: ignore[untyped-decorator] # locust has no types
    def look(self) -> None:
        """Ask for the page."""
        self.client.get("/")


class FastOpen(OpenHttpUser):
    """The same arrivals through the client of Locust's FastHttpUser."""

    arrivals = _course()
    most_in_flight = 1000
    _session: Any = None

    def on_start(self) -> None:
        """Make one client for all, with as many connections as may be in flight."""
        self._session = FastHttpSession(
            self.host, self.environment.events.request, self, concurrency=self.most_in_flight or 1000
        )

    def must_have_tasks(self) -> None:
        """Need none: a visit is one request."""

    def visit(self, intended: float) -> None:
        """Ask for the page."""
        self._session.get("/")


class ClosedFast(FastHttpUser):  # type: ignore[misc] # as above
    """Locust as it is commonly used: who waits for an answer does not ask."""

    wait_time = waiting(0)

    @task  # type: ignore[untyped-decorator] # as above
    def look(self) -> None:
        """Ask for the page."""
        self.client.get("/")


class ClosedPaced(ClosedFast):
    """The same, where each user waits so that all together would reach the rate."""

    def wait_time(self) -> float:
        """Wait for the rest of a turn."""
        options = self.environment.parsed_options
        return float(waiting_for_turns(options.arrival_rate / options.num_users)(self))


class ClosedStock(HttpUser):  # type: ignore[misc] # as above
    """Locust's default client."""

    wait_time = waiting(0)

    @task  # type: ignore[untyped-decorator] # as above
    def look(self) -> None:
        """Ask for the page."""
        self.client.get("/")


class Idle(OpenHttpUser):
    """Asks once, keeps the connection, and then waits."""

    wait_time = waiting(IDLE_S)

    @task  # type: ignore[untyped-decorator] # as above
    def look(self) -> None:
        """Ask for the page."""
        self.client.get("/")


@events.test_stop.add_listener  # type: ignore[untyped-decorator] # as above
def leave_lags(environment: Any, **_: object) -> None:
    """Write p99 and count of each second's lag, for whoever started this."""
    if path := os.environ.get(LAGS):
        found = {
            second: {"lag_p99_ms": kept.latency.value_at(99), "begun": kept.latency.count}
            for lag in load_of(environment).lags.values()
            for second, kept in sorted(lag.seconds.items())
        }
        Path(path).write_text(json.dumps(found), encoding="utf-8")
