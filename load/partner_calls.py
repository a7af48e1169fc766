"""What a partner's program asks of the API, and what each answer must say."""

import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import gevent

from fixtures.models import Model
from fixtures.orders import Wish
from fixtures.testbed.target import Partner
from load.asking import asked, body_of, must
from load.listing import left_out
from load.session import Session

ORDERS = "/v1/orders"
MODELS = "/v1/models"
LINE_PIECES, LINE_PAUSE_S = 8, 0.2


class PartnerCalls:
    """The partner API as one partner calls it; orders are written to the ledger."""

    def __init__(self, client: Any, session: Session, partner: Partner) -> None:
        self._client, self._session, self._partner = client, session, partner
        self._headers = {"X-API-Key": partner.key}
        self.orders: list[str] = []
        self._attempted = 0

    def upload(self, model: Model, intended: float | None = None) -> str:
        """Upload a model; return its id."""
        headers = self._headers | {"Content-Type": "model/stl"}
        path = f"{MODELS}?filename={model.filename}"
        with asked(
            self._client,
            "POST",
            path,
            MODELS,
            expected=(201,),
            intended=intended,
            data=model.content,
            headers=headers,
        ) as answer:
            return self._stored(answer, model)

    def upload_slowly(self, model: Model) -> str:
        """Upload a model over a slow line; return its id. The time counts from when all of it was sent."""
        headers = self._headers | {"Content-Type": "model/stl"}
        path, operation = f"{MODELS}?filename={model.filename}", f"{MODELS} over a slow line"
        sent_at: list[float] = []
        pieces = _dripping(model.content, sent_at)
        with asked(
            self._client, "POST", path, operation, expected=(201,), data=pieces, headers=headers
        ) as answer:
            if sent_at:
                answer.measured = answer.measured._replace(intended=sent_at[0], sent=sent_at[0])
            return self._stored(answer, model)

    def place(self, wish: Wish, model_id: str, intended: float | None = None) -> dict[str, Any]:
        """Order a model; return the order."""
        choice = {"material": wish.material, "quantity": wish.quantity, "reference": wish.reference}
        headers = self._headers | {"Idempotency-Key": str(uuid4())}
        self._session.ledger.attempt(wish, self._partner.id)
        self._attempted += 1
        with asked(
            self._client,
            "POST",
            ORDERS,
            ORDERS,
            expected=(201,),
            intended=intended,
            json={"model_id": model_id, **choice},
            headers=headers,
        ) as answer:
            order = body_of(answer)
            wanted = {**choice, "model_id": model_id, "customer": self._partner.id}
            seen = {name: order.get(name) for name in wanted}
            must(answer, seen == wanted, f"ordered {wanted}, seen {seen}")
            order_id, number = str(order["id"]), str(order["number"])
        self.orders.append(order_id)
        self._session.ledger.acknowledge(wish, self._partner.id, order_id, number)
        self._session.await_in_mes(number, {"order_id": order_id})
        return order

    def priced(self, order_id: str, wish: Wish, accepted: float) -> bool:
        """Look whether an order is priced, which must be as promised."""
        with self._read(order_id) as answer:
            order = body_of(answer)
            if order["state"] == "SUBMITTED":
                return False
            self._session.recorder.span("order_to_price", (time.perf_counter() - accepted) * 1000)
            seen, due = order["price"] and order["price"]["total"], str(wish.price and wish.price.total)
            told = f"{wish.quantity} x {wish.material}: price {seen}, promised {due}"
            must(answer, seen == due, told)
        return True

    def command(self, order_id: str, command: str, leads_to: str) -> None:
        """Give a command; the order must show it."""
        path, operation = f"{ORDERS}/{order_id}/{command}", f"{ORDERS}/{{order_id}}/{command}"
        with asked(self._client, "POST", path, operation, headers=self._headers) as answer:
            state = body_of(answer).get("state")
            must(answer, state == leads_to, f"after {command} the state is {state}")

    def read(self, order_id: str) -> None:
        """Read an order."""
        with self._read(order_id) as answer:
            must(answer, body_of(answer).get("id") == order_id, "another order was shown")

    def list(self, limit: int, operation: str, intended: float | None = None) -> None:
        """List the latest orders: all that were accepted must be there, and nobody else's."""
        known = self.orders[-limit:]
        path = f"{ORDERS}?limit={limit}"
        with asked(self._client, "GET", path, operation, intended=intended, headers=self._headers) as answer:
            items = body_of(answer)["items"]
            listed = {item["id"] for item in items}
            must(answer, len(items) >= len(known), f"{len(items)} of {len(known)} orders listed")
            shared = self._session.shares_partners
            missing = left_out(known, listed, limit, attempted=self._attempted, shared=shared)
            must(answer, not missing, f"orders {missing} are not listed")
            strangers = {item["customer"] for item in items} - {self._partner.id}
            must(answer, not strangers, f"orders of {strangers} are listed")

    def _read(self, order_id: str) -> Any:
        path, operation = f"{ORDERS}/{order_id}", f"{ORDERS}/{{order_id}}"
        return asked(self._client, "GET", path, operation, headers=self._headers)

    def _stored(self, answer: Any, model: Model) -> str:
        stored = body_of(answer)
        must(answer, stored.get("triangles") == model.triangle_count, "the triangles are miscounted")
        return str(stored["id"])


def _dripping(content: bytes, sent_at: list[float]) -> Iterator[bytes]:
    size = -(-len(content) // LINE_PIECES)
    for start in range(0, len(content), size):
        yield content[start : start + size]
        gevent.sleep(LINE_PAUSE_S)
    sent_at.append(time.perf_counter())
