"""Who loads the system: what every user shares, and partners' programs on the API."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from typing import Any, ClassVar, NoReturn
from uuid import uuid4

import gevent
from locust import task
from locust.contrib.fasthttp import FastHttpUser
from locust.exception import RescheduleTask

from fixtures.models import Model
from fixtures.orders import Wish
from load.profiles import Crowd
from load.session import Session

TIMEOUT_S = 10.0
POLLS_EVERY_S = 0.2
PRICED_WITHIN_S = 20.0
APPROVED_SHARE = 0.75
CANCELLED_SHARE = 0.10
SHOWN_CHARACTERS = 160


class Visitor(FastHttpUser):  # type: ignore[misc] # locust has no types
    """A user who chooses tasks by the profile's mix and judges every answer by its content, too."""

    abstract = True
    kind: ClassVar[str]
    network_timeout = connection_timeout = TIMEOUT_S

    def __init__(self, environment: Any) -> None:
        self.session: Session = environment.assay
        self.chance: Random = self.session.chance()
        crowd = self.session.profile.crowd(self.kind)
        assert crowd is not None, f"profile {self.session.profile.name} has no {self.kind}"
        self.crowd: Crowd = crowd
        super().__init__(environment)

    def wait_time(self) -> float:
        """Think."""
        return self.chance.uniform(*self.crowd.think_s)

    @task  # type: ignore[untyped-decorator] # locust has no types
    def act(self) -> None:
        """Do one of the things that the profile's mix names."""
        names, weights = zip(*self.crowd.mix.items(), strict=True)
        getattr(self, self.chance.choices(names, weights)[0])()

    @contextmanager
    def asked(
        self, method: str, path: str, operation: str, *, expected: tuple[int, ...] = (200,), **details: Any
    ) -> Iterator[Any]:
        """Send a request and yield its answer; a status that is not expected fails it and ends the task."""
        with self.client.request(
            method, path, name=operation, catch_response=True, allow_redirects=False, **details
        ) as answer:
            if answer.status_code not in expected:
                refuse(answer, f"status {answer.status_code}: {(answer.text or '')[:SHOWN_CHARACTERS]}")
            yield answer
            if answer.status_code >= 400:
                answer.success()


def refuse(answer: Any, why: str) -> NoReturn:
    """Count an answer as failed, whatever its status, and end the task."""
    answer.failure(why)
    raise RescheduleTask


def must(answer: Any, holds: bool, why: str) -> None:
    """Count an answer as failed, and end the task, unless what must hold does."""
    if not holds:
        refuse(answer, why)


class PartnerUser(Visitor):
    """A partner's program: uploads models, orders, waits for prices, approves, reads and lists."""

    kind = "partner"

    def __init__(self, environment: Any) -> None:
        self.partner = environment.assay.partner()
        self.host = environment.assay.target.urls.api
        self.orders: list[str] = []
        super().__init__(environment)

    def order(self) -> None:
        """Upload a model, order it, wait for the price and decide."""
        wish = self.session.wares.wish(self.chance)
        if wish is None:
            return self.read()
        order = self.placed(wish, self.uploaded(wish.model))
        accepted = time.perf_counter()
        self.orders.append(order["id"])
        self.session.ledger.acknowledge(wish, self.partner.id, order["id"], order["number"])
        self.session.await_in_mes(order["number"], {"order_id": order["id"]})
        self.await_price(order["id"], wish, accepted)
        return self.decide(order["id"])

    def uploaded(self, model: Model) -> str:
        """Upload a model; return its id."""
        path = f"/v1/models?filename={model.filename}"
        headers = self.headers | {"Content-Type": "model/stl"}
        with self.asked(
            "POST", path, "/v1/models", expected=(201,), data=model.content, headers=headers
        ) as answer:
            stored = self.body(answer)
            must(answer, stored.get("triangles") == model.triangle_count, "the triangles are miscounted")
            return str(stored["id"])

    def placed(self, wish: Wish, model_id: str) -> dict[str, Any]:
        """Order a model; return the order."""
        asked = {"material": wish.material, "quantity": wish.quantity, "reference": wish.reference}
        headers = self.headers | {"Idempotency-Key": str(uuid4())}
        self.session.ledger.attempt(wish, self.partner.id)
        body = {"model_id": model_id, **asked}
        with self.asked(
            "POST", "/v1/orders", "/v1/orders", expected=(201,), json=body, headers=headers
        ) as answer:
            order = self.body(answer)
            wanted = {**asked, "model_id": model_id, "customer": self.partner.id}
            seen = {name: order.get(name) for name in wanted}
            must(answer, seen == wanted, f"ordered {wanted}, seen {seen}")
            return order

    def await_price(self, order_id: str, wish: Wish, accepted: float) -> None:
        """Ask until the order is priced; the price must be the promised one."""
        while time.perf_counter() - accepted < PRICED_WITHIN_S:
            with self.read_order(order_id) as answer:
                order = self.body(answer)
                if order["state"] != "SUBMITTED":
                    self.session.recorder.span("order_to_price", (time.perf_counter() - accepted) * 1000)
                    seen, due = (
                        order["price"] and order["price"]["total"],
                        str(wish.price and wish.price.total),
                    )
                    must(
                        answer,
                        seen == due,
                        f"{wish.quantity} x {wish.material}: price {seen}, promised {due}",
                    )
                    return
            gevent.sleep(POLLS_EVERY_S)
        self.session.recorder.span("order_to_price", PRICED_WITHIN_S * 1000)  # at least

    def decide(self, order_id: str) -> None:
        """Approve most orders, cancel some, leave the others open."""
        chosen = self.chance.random()
        if chosen < APPROVED_SHARE:
            self.command(order_id, "approve", "APPROVED")
        elif chosen < APPROVED_SHARE + CANCELLED_SHARE:
            self.command(order_id, "cancel", "CANCELLED")

    def command(self, order_id: str, command: str, leads_to: str) -> None:
        """Give a command; the order must show it."""
        path, operation = f"/v1/orders/{order_id}/{command}", f"/v1/orders/{{order_id}}/{command}"
        with self.asked("POST", path, operation, headers=self.headers) as answer:
            state = self.body(answer).get("state")
            must(answer, state == leads_to, f"after {command} the state is {state}")

    def read(self) -> None:
        """Read one of the partner's orders."""
        if self.orders:
            order_id = self.chance.choice(self.orders)
            with self.read_order(order_id) as answer:
                must(answer, self.body(answer).get("id") == order_id, "another order was shown")

    def list(self) -> None:
        """List the partner's latest orders: nobody else's may be among them."""
        with self.asked("GET", "/v1/orders?limit=20", "/v1/orders", headers=self.headers) as answer:
            items = self.body(answer).get("items", [])
            must(
                answer,
                len(items) >= min(len(self.orders), 20),
                f"{len(items)} of {len(self.orders)} orders listed",
            )
            strangers = {item["customer"] for item in items} - {self.partner.id}
            must(answer, not strangers, f"orders of {strangers} are listed")

    @property
    def headers(self) -> dict[str, str]:
        """What every request carries."""
        return {"X-API-Key": self.partner.key}

    def read_order(self, order_id: str) -> Any:
        """Ask for an order."""
        return self.asked("GET", f"/v1/orders/{order_id}", "/v1/orders/{order_id}", headers=self.headers)

    def body(self, answer: Any) -> dict[str, Any]:
        """Read a JSON object; anything else under a good status is a failure."""
        try:
            body = answer.json()
        except ValueError:
            refuse(answer, f"not JSON: {(answer.text or '')[:SHOWN_CHARACTERS]}")
        must(answer, isinstance(body, dict), "the body is no JSON object")
        return dict(body)
