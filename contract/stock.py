"""What the contract's own partner holds, so that generated requests meet real orders and not only 404s."""

from collections import deque
from collections.abc import Sequence
from functools import cache, partial
from itertools import cycle
from uuid import uuid4

from contract.known import MODELS
from fixtures import oracle
from fixtures.doors import ApiAdminDoor, PartnerDoor
from fixtures.models import Model, box, bracket, tee, tetrahedron
from fixtures.orders import an_order
from fixtures.testbed.target import Target
from fixtures.waiting import until
from fixtures.web_doors import MesDoor

ORDERS = 14
SHIPPED = 2
WITHIN_S = 20.0


class Stock:
    """A partner's models and orders, priced and shipped, and a second partner who must see none of them."""

    def __init__(self, target: Target) -> None:
        self.owner, self.stranger = two_partners(target)
        self._keys_used: set[str] = set()
        self._keys_may_be_old = target.admin is None
        self.model_ids = [self._store(model) for model in (box(), bracket(), tee(), tetrahedron())]
        placed = [self._place(number) for number in range(ORDERS)]
        until(
            lambda: self._none_in("SUBMITTED"),
            WITHIN_S,
            what="the orders of the contract's partner are priced",
        )
        self._order_ids = set(placed)
        to_ship, rest = placed[:SHIPPED], placed[SHIPPED:]
        shipped = self._ship(target, to_ship)
        self._fresh = {
            "approveOrder": deque(rest[0::2]),
            "cancelOrder": deque(rest[1::2]),
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
        return all(order.state != state for order in self.owner.orders())

    def _ship(self, target: Target, order_ids: Sequence[str]) -> list[str]:
        """Approve orders and have them made, as far as the target gives us an operator."""
        if not target.operators:
            return []
        with MesDoor(target.urls.mes) as operator:
            operator.sign_in(target.operators[0].email, target.operators[0].password)
            for order in [self.owner.approve(order_id) for order_id in order_ids]:
                can_be_taken = partial(_offers, operator, order.number, "Take")
                until(can_be_taken, WITHIN_S, what=f"order {order.number} can be taken")
                operator.produce(order.number)
        for order_id in order_ids:
            self._wait_for(order_id, "SHIPPED")
        return list(order_ids)

    def _wait_for(self, order_id: str, state: str) -> None:
        until(
            lambda: self.owner.order(order_id).state == state, WITHIN_S, what=f"order {order_id} is {state}"
        )


@cache
def stock(target: Target) -> Stock:
    """Return this process's stock, made at its first use."""
    return Stock(target)


def two_partners(target: Target) -> tuple[PartnerDoor, PartnerDoor]:
    """Return the doors of two partners: new ones where the target lets us make them."""
    if target.admin is None:
        known = [(partner.id, partner.key) for partner in target.partners[:2]]
    else:
        with ApiAdminDoor(target.urls.api, target.admin.api_token) as admin:
            known = [admin.create_partner(f"Contract {number}") for number in (1, 2)]
    first, second = (PartnerDoor(target.urls.api, key, partner_id) for partner_id, key in known)
    return first, second


def _offers(operator: MesDoor, number: str, button: str) -> bool:
    return any(button in form.buttons for form in operator.card(number).forms())
