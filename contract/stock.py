"""What the contract's own partner holds, so that generated requests meet real orders and not only 404s."""

from collections import deque
from functools import cache
from itertools import cycle
from uuid import uuid4

import httpx

from contract.known import MODELS
from fixtures import oracle
from fixtures.connection import Refusal
from fixtures.doors import ApiAdminDoor, MesAuditDoor, PartnerDoor
from fixtures.life import Journey
from fixtures.models import Model, box, bracket, tee, tetrahedron
from fixtures.orders import an_order
from fixtures.personas import Operator, Partner
from fixtures.testbed.target import Target
from fixtures.waiting import NotInTime, until

ORDERS = 12
WITHIN_S = 20.0
WEBHOOKS_MOST = 10
NOBODY_LISTENS = "http://127.0.0.1:9/orders"


class Stock:
    """A partner's models and orders, priced and shipped."""

    def __init__(self, target: Target) -> None:
        self.owner, _ = two_partners(target)
        self._keys_used: set[str] = set()
        self._keys_may_be_old = target.admin is None
        self.model_ids = [self._store(model) for model in (box(), bracket(), tee(), tetrahedron())]
        placed = [self._place(number) for number in range(ORDERS)]
        until(
            lambda: self._none_in("SUBMITTED"),
            WITHIN_S,
            what="the orders of the contract's partner are priced",
        )
        shipped = self._ship(target)
        self._order_ids = {*placed, *shipped}
        self._fresh = {
            "approveOrder": deque(placed[0::2]),
            "cancelOrder": deque(placed[1::2]),
            "confirmReceipt": deque(shipped),
        }
        self._any = cycle(placed)
        self.cursor: str = self.owner.json("GET", "/v1/orders", params={"limit": 3})["next_cursor"]

    def met(self, order_id: str) -> None:
        """Note an order that a generated request has made."""
        self._order_ids.add(order_id)

    def holds(self, order_id: object) -> bool:
        """Tell whether this is an order of the partner."""
        return str(order_id) in self._order_ids

    def order_for(self, operation_id: str) -> str:
        """Return an order for an operation: one that it can still change, while there are any."""
        fresh = self._fresh.get(operation_id)
        return fresh.popleft() if fresh else next(self._any)

    def unused_key(self, generated: str) -> str:
        """Return an idempotency key as generated, or a new one where it was used before."""
        key = str(uuid4()) if self._keys_may_be_old or generated in self._keys_used else generated
        self._keys_used.add(key)
        return key

    def has_webhook(self, webhook_id: object) -> bool:
        """Tell whether the partner has this webhook now."""
        return str(webhook_id) in self._webhooks()

    def webhook(self) -> str:
        """Return a webhook that the partner has."""
        return next(iter(self._webhooks()), None) or self.owner.register(NOBODY_LISTENS)["id"]

    def make_room_for_a_webhook(self) -> None:
        """Remove the oldest webhook where one more would be too many."""
        webhooks = self._webhooks()
        if len(webhooks) >= WEBHOOKS_MOST:
            self.owner.send("DELETE", f"/v1/webhooks/{webhooks[0]}")

    def spare_key(self) -> str:
        """Return a key that nobody calls with."""
        return self.owner.rotate_key(grace_s=86_400)["id"]

    def _webhooks(self) -> list[str]:
        return [str(each["id"]) for each in self.owner.json("GET", "/v1/webhooks")["items"]]

    def _store(self, model: Model) -> str:
        model_id = self.owner.upload(MODELS.remember(model)).id
        MODELS.stored(model_id, model)
        return model_id

    def _place(self, number: int) -> str:
        material = oracle.materials()[number % len(oracle.materials())]
        wish = an_order(material=material, quantity=1 + 7 * number)
        body = self.owner.body_of(wish) | {"model_id": self.model_ids[number % len(self.model_ids)]}
        return str(self.owner.create(body, wish.reference)["id"])

    def _none_in(self, state: str) -> bool:
        return all(order.state != state for order in self.owner.orders(limit=50))

    def _ship(self, target: Target) -> list[str]:
        """Lead an order all the way to its receipt, where the target lends us an operator."""
        if not target.operators:
            return []
        lent = target.operators[0]
        operator = Operator(lent.name, lent.email, lent.password, target.urls.mes)
        with MesAuditDoor(target.urls.mes, target.audit.mes_token) as audit:
            return [Journey(Partner("contract", self.owner), operator, audit).to("SHIPPED").id]


def stock(target: Target) -> Stock:
    """Return this process's stock, made at its first use; what failed once is not tried again.

    Raises:
        Refusal: the system refused what every partner may do.
        NotInTime: an order got no price, or did not arrive.
    """
    made = _made(target)
    if isinstance(made, Exception):
        raise made
    return made


@cache
def _made(target: Target) -> Stock | Exception:
    try:
        return Stock(target)
    except (Refusal, NotInTime, httpx.HTTPError) as error:
        return error


@cache
def two_partners(target: Target) -> tuple[PartnerDoor, PartnerDoor]:
    """Return the doors of this process's two partners: new ones where the target lets us make them."""
    if target.admin is None:
        known = [(partner.id, partner.key) for partner in target.partners[:2]]
    else:
        with ApiAdminDoor(target.urls.api, target.admin.api_token) as admin:
            known = [admin.create_partner(f"Contract {number}") for number in (1, 2)]
    first, second = (PartnerDoor(target.urls.api, key, partner_id) for partner_id, key in known)
    return first, second
