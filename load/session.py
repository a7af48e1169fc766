"""What all users of one generator process share: the target, the profile, the recorder and the ledger."""

import itertools
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import gevent
from faker import Faker
from gevent import GreenletExit
from gevent.pool import Group
from locust.event import EventHook

from fixtures.ledger import LedgerFile
from fixtures.testbed.target import Operator, Partner, Target
from load.asking import client_of
from load.client.client import STUCK_AFTER_S
from load.lateness import Lateness
from load.profiles import Profile
from load.recorder import Recorder
from load.wares import Wares

LOOKS_EVERY_S = 0.05
LOOKS_FOR_S = 30.0


class Session:
    """One run of a generator process."""

    def __init__(self, target: Target, profile: Profile, ledger_path: Path) -> None:
        self.target, self.profile = target, profile
        self.recorder = Recorder()
        self.lateness = Lateness()
        self.ledger = LedgerFile(ledger_path, source=f"load {profile.name}")
        self.wares = Wares(profile.max_orders, profile.largest_triangles)
        self.faker = Faker(["en_GB", "de_DE", "ru_RU"])
        self.faker.seed_instance(profile.seed)
        self._numbers = itertools.count()
        self._partners = itertools.cycle(target.partners)
        self._partners_asked = 0
        self._operators = itertools.cycle(target.operators)
        self._looks = Group()
        self.turned_away = 0
        """How many users could not begin."""
        # its requests are ours, not a user's: they are fired to nobody
        self._audit = client_of(target.urls.mes, EventHook())

    def chance(self) -> Random:
        """Return randomness for the next user, the same in every run of the profile."""
        return Random(f"{self.profile.seed} {next(self._numbers)}")  # noqa: S311 - not a secret

    def partner(self) -> Partner:
        """Return the partner whom the next user plays; with enough partners, each is played once."""
        self._partners_asked += 1
        return next(self._partners)

    @property
    def shares_partners(self) -> bool:
        """Whether two users play one partner, so that neither knows what the other has ordered."""
        return self._partners_asked > len(self.target.partners)

    def operator(self) -> Operator:
        """Return the operator whom the next user plays."""
        return next(self._operators)

    @property
    def accepted_for_s(self) -> float:
        """How long ago the first order was accepted; 0 before."""
        first = next(iter(self.ledger.acknowledged), None)
        return 0.0 if first is None else (datetime.now(UTC) - first.at).total_seconds()

    def await_in_mes(self, number: str, asked: Mapping[str, str]) -> None:
        """Measure, beside the users, how long an order that was just accepted takes to be in the MES."""
        self._looks.spawn(self._look_for, number, dict(asked), time.perf_counter())

    def stop_looking(self) -> None:
        """End what is still being waited for beside the users: it takes at least as long as it has."""
        self._looks.kill()

    @contextmanager
    def awaiting(self, sli: str, since: float) -> Iterator[None]:
        """Record how long something has taken so far where the load ends before it comes.

        Otherwise the slowest of all would be the ones that nobody counts. What has waited for a moment
        only was merely cut off.
        """
        try:
            yield
        except GreenletExit:
            waited_s = time.perf_counter() - since
            if waited_s > STUCK_AFTER_S:
                self.recorder.span(sli, waited_s * 1000)
            raise

    def _look_for(self, number: str, asked: dict[str, str], accepted: float) -> None:
        with self.awaiting("accept_to_mes", accepted):
            while (waited_s := time.perf_counter() - accepted) < LOOKS_FOR_S:
                if self._is_in_mes(number, asked):
                    self.recorder.span("accept_to_mes", (time.perf_counter() - accepted) * 1000)
                    return
                gevent.sleep(max(LOOKS_EVERY_S, waited_s / 10))
            self.recorder.span("accept_to_mes", LOOKS_FOR_S * 1000)  # at least

    def _is_in_mes(self, number: str, asked: dict[str, str]) -> bool:
        headers = {"Authorization": f"Bearer {self.target.audit.mes_token}"}
        query = "&".join(f"{key}={value}" for key, value in asked.items())
        answer: Any = self._audit.get(f"/v1/work-orders?limit=1000&{query}", headers=headers)
        if answer.status_code != 200:
            return False
        return any(item["order_number"] == number for item in answer.json()["items"])
