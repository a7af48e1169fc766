"""Locust users of an open model: `class Visitor(OpenHttpUser)` with `arrivals = constant(200)`.

Without `arrivals` it is an ordinary Locust user with our client.
"""

import random
from collections.abc import Callable
from typing import Any, ClassVar

import gevent
from locust import User

import load.open_options  # noqa: F401 - which Locust knows as soon as it is imported
from load.client.client import LARGEST_ANSWER, TIMEOUT_S, HttpClient
from load.open_load import OpenLoad, load_of
from load.paces import Pace, Step, constant, poisson, schedule
from load.waiting import SEATS, WAITING, Turns

__all__ = ["OpenHttpUser", "Step", "constant", "poisson", "schedule"]

Task = Callable[[Any], object]


class OpenHttpUser(User):  # type: ignore[misc] # locust has no types
    """Whoever arrives runs one task, chosen by weight, as a visitor of his own.

    A visitor begins with what `on_start` left on the user (attributes, cookies, header fields) and keeps for
    himself what he changes. The clock of his first request starts when he was to arrive. The rate is the
    whole load's, however many users, processes and workers there are.
    """

    abstract = True
    arrivals: ClassVar[Pace | float | None] = None
    """When visitors come: `constant(200)`, `poisson(200)`, `schedule(Step(20, 50), Step(10, 250))`."""
    most_in_flight: ClassVar[int | None] = None
    """How many may be under way in one process; who comes beyond that is shed, and counted. Unless given, it
    is as many as come within ten seconds, up to 8,000."""
    network_timeout: ClassVar[float] = TIMEOUT_S
    """Within how many seconds an answer must be complete."""
    connection_timeout: ClassVar[float] = TIMEOUT_S
    insecure: ClassVar[bool] = False
    """Whether certificates that nobody vouches for are taken, too."""
    largest_answer: ClassVar[int] = LARGEST_ANSWER

    def __init__(self, environment: Any) -> None:
        super().__init__(environment)
        self._load: OpenLoad = load_of(environment)
        self._client: HttpClient | None = None
        self._turns: Turns | None = None

    @property
    def client(self) -> HttpClient:
        """The HTTP client; a visitor's has cookies of its own."""
        if self._client is None:
            if not self.host:
                raise ValueError(f"{type(self).__name__} has no host: set `host`, or give --host")
            self._client = HttpClient(
                self.host,
                self._load.observe,
                timeout_s=self.network_timeout,
                connecting_s=self.connection_timeout,
                largest_answer=self.largest_answer,
                insecure=self.insecure,
            )
        return self._client

    def must_have_tasks(self) -> None:
        """Check that `visit` has what it needs; whoever overrides that overrides this too.

        Raises:
            ValueError: there is no task, or one that is a class and needs a user of its own.
        """
        if not self.tasks or any(isinstance(each, type) for each in self.tasks):
            raise ValueError("tasks of those who arrive are functions; there are others, or none")

    def visit(self, intended: float) -> None:
        """Run one task as a visitor who was to come at that moment, by `time.perf_counter`."""
        visitor = object.__new__(type(self))
        visitor.__dict__.update(self.__dict__)
        visitor._client = self.client.visitor()
        visitor._client.intended = intended
        tasks = self.tasks
        task: Task = tasks[0] if len(tasks) == 1 else random.choice(tasks)  # noqa: S311 - no secret
        task(visitor)

    def start(self, group: Any) -> Any:
        """Be spawned: where visitors arrive by themselves, there is nothing for a spawned user to do."""
        self._group = group
        if self.arrivals is not None:
            self._greenlet = group.spawn(_stay, self)
        elif any(isinstance(each, type) for each in self.tasks):
            return super().start(group)  # task sets need a life of Locust's kind
        else:
            self._turns = Turns(self, SEATS)
            self._greenlet = self._turns.begin(group)
        return self._greenlet

    def stop(self, force: bool = False) -> bool:
        """End; return whether at once."""
        return bool(super().stop(force)) if self._turns is None else self._turns.stop(force=force)

    def close_connections(self) -> None:
        """Close the connections that nobody uses; the next request would make new ones."""
        if self._client is not None:
            self._client.close()

    def wait(self) -> None:
        """Wait within a task, as long as between two."""
        gevent.sleep(self.wait_time())


def _stay(user: OpenHttpUser) -> None:
    """Be there until it ends; it is what Locust's page counts as a user."""
    user._state = WAITING
    gevent.sleep(1e9)
