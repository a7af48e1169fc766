"""How long customers wait for a price: orders are placed, and looked at until they have one."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import NamedTuple

from fixtures import models
from fixtures.answers import Order
from fixtures.doors import ApiAdminDoor, PartnerDoor
from fixtures.model_store import unlike_any_other
from fixtures.models import Model
from fixtures.orders import an_order
from fixtures.testbed.target import Target

LOOK_EVERY_S = 0.005
GIVE_UP_S = 120.0
CROWD = 6
SMALL_TRIANGLES = 1_000
CASES = ("alone", f"{CROWD} at once", f"small behind {CROWD}")


class Sample(NamedTuple):
    """One wait for a price. Units: s."""

    triangles: int
    case: str
    waited_s: float


class NoPrice(RuntimeError):  # noqa: N818 - named for what happened, not for being an error
    """An order had no price after a long time."""


class Customer:
    """A partner of one system who orders models and waits."""

    def __init__(self, target: Target) -> None:
        if target.admin is None:
            raise NoPrice(f"{target.name} does not let us make a partner")
        with ApiAdminDoor(target.urls.api, target.admin.api_token) as admin:
            partner_id, key = admin.create_partner("Benchmark")
        self._door = PartnerDoor(target.urls.api, key, partner_id)

    def measure(self, triangles: int, case: str) -> Iterator[Sample]:
        """Order models of a size, none of which the system has at hand, and yield each wait that counts."""
        model = unlike_any_other(models.ball(triangles))
        self._door.upload_once(model)
        small = unlike_any_other(models.ball(SMALL_TRIANGLES))
        self._door.upload_once(small)
        placed = [self._place(model) for _ in range(1 if case == CASES[0] else CROWD)]
        if case == CASES[2]:
            placed.append(self._place(small))
        waits = self._waits(placed)
        yield from (Sample(triangles, case, each) for each in (waits[-1:] if case == CASES[2] else waits))

    def _place(self, model: Model) -> tuple[float, Order]:
        began = time.monotonic()
        return began, self._door.place(an_order(model))

    def _waits(self, placed: list[tuple[float, Order]]) -> list[float]:
        """Look at all orders in turn until each has its price; one list call would hide who is first."""
        waits: dict[int, float] = {}
        deadline = time.monotonic() + GIVE_UP_S
        while len(waits) < len(placed):
            for place, (began, order) in enumerate(placed):
                if place not in waits and self._door.order(order.id).price:
                    waits[place] = time.monotonic() - began
            if time.monotonic() > deadline:
                raise NoPrice(f"{len(placed) - len(waits)} orders had no price after {GIVE_UP_S:g} s")
            time.sleep(LOOK_EVERY_S)
        return [waits[place] for place in range(len(placed))]
