"""Who loads the system: what every user shares, and partners' programs on the API."""

import time
from random import Random
from typing import Any, ClassVar

import gevent
from locust import task
from locust.contrib.fasthttp import FastHttpUser
from locust.exception import RescheduleTask, StopUser

from fixtures.orders import Wish
from load.asking import TIMEOUT_S, asked
from load.partner_calls import ORDERS, PartnerCalls
from load.profiles import Crowd
from load.session import Session

POLLS_EVERY_S = 0.2
PRICED_WITHIN_S = 20.0
ARRIVES_IN_TRIES, ARRIVES_AGAIN_AFTER_S = 3, 0.5
APPROVED_SHARE = 0.75
CANCELLED_SHARE = 0.10
LISTED = 20


class Visitor(FastHttpUser):  # type: ignore[misc] # locust has no types
    """A user who chooses tasks by the profile's mix and judges every answer by its content, too."""

    abstract = True
    kind: ClassVar[str]
    place: ClassVar[str]
    """How the operations at this user's door begin."""
    network_timeout = connection_timeout = TIMEOUT_S

    def __init__(self, environment: Any) -> None:
        self.session: Session = environment.assay
        self.chance: Random = self.session.chance()
        crowd = self.session.profile.crowd(self.kind)
        assert crowd is not None, f"profile {self.session.profile.name} has no {self.kind}"
        self.crowd: Crowd = crowd
        super().__init__(environment)

    def on_start(self) -> None:
        """Arrive; who is turned away again and again is gone, and then the planned load lacks a user."""
        for _ in range(ARRIVES_IN_TRIES):
            try:
                return self.arrive()
            except RescheduleTask:  # a request that failed, and is counted
                gevent.sleep(ARRIVES_AGAIN_AFTER_S)
            except Exception as error:
                self.environment.events.user_error.fire(
                    user_instance=self, exception=error, tb=error.__traceback__
                )
                gevent.sleep(ARRIVES_AGAIN_AFTER_S)
        self.session.turned_away += 1
        raise StopUser

    def arrive(self) -> None:
        """Get in; most need not."""

    def wait_time(self) -> float:
        """Think."""
        return self.chance.uniform(*self.crowd.think_s)

    @task  # type: ignore[untyped-decorator] # locust has no types
    def act(self) -> None:
        """Do one of the things that the profile's mix names."""
        names, weights = zip(*self.crowd.mix.items(), strict=True)
        getattr(self, self.chance.choices(names, weights)[0])()

    def asked(self, method: str, path: str, operation: str, **details: Any) -> Any:
        """Send a request and give its answer; one that is not expected fails, and ends the task."""
        return asked(self.client, method, path, operation, **details)


class PartnerUser(Visitor):
    """A partner's program: uploads models, orders, waits for prices, approves, reads and lists."""

    kind = "partner"
    place = "/v1/"

    def __init__(self, environment: Any) -> None:
        self.host = environment.assay.target.urls.api
        super().__init__(environment)
        self.calls = PartnerCalls(self.client, self.session, self.session.partner())

    def order(self) -> None:
        """Upload a model, order it, wait for the price and decide."""
        wish = self.session.wares.wish(self.chance)
        if wish is None:
            return self.read()
        order_id = str(self.calls.place(wish, self.calls.upload(wish.model))["id"])
        self.await_price(order_id, wish)
        return self.decide(order_id)

    def await_price(self, order_id: str, wish: Wish) -> None:
        """Ask until the order is priced; the price must be the promised one."""
        accepted = time.perf_counter()
        with self.session.awaiting("order_to_price", accepted):
            while time.perf_counter() - accepted < PRICED_WITHIN_S:
                if self.calls.priced(order_id, wish, accepted):
                    return
                gevent.sleep(POLLS_EVERY_S)
        self.session.recorder.span("order_to_price", PRICED_WITHIN_S * 1000)  # at least

    def decide(self, order_id: str) -> None:
        """Approve most orders, cancel some, leave the others open."""
        chosen = self.chance.random()
        if chosen < APPROVED_SHARE:
            self.calls.command(order_id, "approve", "APPROVED")
        elif chosen < APPROVED_SHARE + CANCELLED_SHARE:
            self.calls.command(order_id, "cancel", "CANCELLED")

    def read(self) -> None:
        """Read one of the partner's orders."""
        if self.calls.orders:
            self.calls.read(self.chance.choice(self.calls.orders))

    def list(self) -> None:
        """List the partner's latest orders: nobody else's may be among them."""
        self.calls.list(LISTED, ORDERS)
