"""What arrives at a rate of its own beside the users, so that a standstill shows as long as it was."""

import itertools
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import gevent
from locust.exception import RescheduleTask

from fixtures.models import ball, bracket
from fixtures.orders import Wish
from load.arrivals import Arrivals
from load.asking import asked, body_of, client_of, must
from load.partner_calls import MODELS, ORDERS, PartnerCalls
from load.session import Session

SETTLED_AFTER_S = 2.0
"""Users sign up and in at once when a load begins; what is steady is measured after that."""
APART_S = 0.023
"""Arrivals of equal rates must not all come at the same moment."""
MOST_IN_FLIGHT = 64
IN_FLIGHT_S = 8.0
"""Where more arrives, so many seconds of it may be in flight: a partner gives up after ten."""
PRICED_WITHIN_S = 20.0
POLLS_EVERY_S = 0.25
NEW_MODEL_SHARE, APPROVED_SHARE = 0.25, 0.75
ENOUGH_ROWS = 15
OWED_AFTER_S = 5.0
WHOLE_PAGE = 200
HEADING = ">Parts from your 3D model</h1>"
_PLACES = {
    "journey": ORDERS,
    "order": ORDERS,
    "listing": ORDERS,
    "slow_upload": MODELS,
    "work_orders": "mes/v1/work-orders",
    "storefront": "shop/",
}


class Steady:
    """One profile's arrivals, in one generator process."""

    def __init__(self, environment: Any, session: Session) -> None:
        requests, urls = environment.events.request, session.target.urls
        self._session, self._requests = session, requests
        paces = [session.profile.pace(arrival) for arrival in session.profile.arrivals]
        self._most = max([MOST_IN_FLIGHT, *(int(pace.peak_per_s * IN_FLIGHT_S) for pace in paces)])
        self._api = client_of(urls.api, requests)
        self._mes = client_of(urls.mes, requests)
        self._shop = client_of(urls.shop, requests)
        partner = session.partner()
        self._calls, self._customer = PartnerCalls(self._api, session, partner), partner.id
        self._chance = session.chance()
        self._turns, self._looks = itertools.count(), itertools.count()
        self._model, self._model_id = bracket(40), ""
        self._models: dict[str, str] = {}
        self._slow_model = ball(800)
        self._arrivals: dict[str, Arrivals] = {}
        self.began = 0
        """The second since the epoch at which things begin to arrive."""

    def start(self) -> None:
        """Let everything arrive that the profile names."""
        acts: dict[str, Callable[[float], None]] = {
            "journey": self._journey,
            "order": self._order,
            "listing": self._list,
            "work_orders": self._work_orders,
            "storefront": self._storefront,
            "slow_upload": self._upload_slowly,
        }
        self._arrivals = {
            arrival.what: Arrivals(
                self._session.profile.pace(arrival),
                _quietly(acts[arrival.what]),
                most_in_flight=self._most,
            )
            for arrival in self._session.profile.arrivals
        }
        self.began = round(time.time() + SETTLED_AFTER_S)
        for place, arrivals in enumerate(self._arrivals.values()):
            arrivals.start(SETTLED_AFTER_S + place * APART_S)

    def stop(self) -> None:
        """Let nothing more arrive."""
        for arrivals in self._arrivals.values():
            arrivals.stop()

    def end(self, within_s: float) -> None:
        """Wait for the last answers; what was shed counts as failed, for nobody could be served."""
        ends = time.perf_counter() + within_s
        for what, arrivals in self._arrivals.items():
            arrivals.end(max(0.0, ends - time.perf_counter()))
            for _ in range(arrivals.shed):
                told = f"{self._most} were in flight unanswered, so this one was not sent"
                self._session.recorder.request(f"SHED {_PLACES[what]}", 0.0, told)

    def accounts(self) -> dict[str, Any]:
        """Return what was planned to arrive, what came of it and by how much it was late."""
        return {what: arrivals.account().evidence() for what, arrivals in self._arrivals.items()}

    def lag_p99_ms(self) -> float | None:
        """How late arrivals were through our own fault, where there were any."""
        lags = [arrivals.lag for arrivals in self._arrivals.values()]
        return max((lag.summary(0).get("p99_ms", 0.0) for lag in lags), default=None)

    def _order(self, intended: float) -> None:
        wish = self._session.wares.wish(self._chance)
        if wish is None:
            return
        if not self._model_id:
            self._model_id = self._calls.upload(self._model)
            intended = time.perf_counter()  # its first model is not the order's fault
        chosen = Wish(self._model, wish.material, wish.quantity, wish.reference)
        self._calls.place(chosen, self._model_id, intended)

    def _journey(self, intended: float) -> None:
        """Order, now and then with a new model, ask until it is priced, and mostly approve."""
        wish = self._session.wares.wish(self._chance)
        if wish is None:
            return
        known = self._models.get(wish.model.filename)
        if known is None or self._chance.random() < NEW_MODEL_SHARE:
            known = self._models[wish.model.filename] = self._calls.upload(wish.model, intended)
            intended = time.perf_counter()  # what comes first has its own operation
        order_id = str(self._calls.place(wish, known, intended)["id"])
        accepted = time.perf_counter()
        with self._session.awaiting("order_to_price", accepted):
            while not self._calls.priced(order_id, wish, accepted):
                if time.perf_counter() - accepted > PRICED_WITHIN_S:
                    self._session.recorder.span("order_to_price", PRICED_WITHIN_S * 1000)  # at least
                    return
                gevent.sleep(POLLS_EVERY_S)
        if self._chance.random() < APPROVED_SHARE:
            self._calls.command(order_id, "approve", "APPROVED")

    def _list(self, intended: float) -> None:
        """List one order and, in turn, all of them: that must not cost more with every row."""
        whole = next(self._turns) % 2 and len(self._calls.orders) >= ENOUGH_ROWS
        limit = WHOLE_PAGE if whole else 1
        self._calls.list(limit, f"{ORDERS}?limit={limit}", intended)

    def _work_orders(self, intended: float) -> None:
        """Look for one work order and, in turn, for one of ours among all that the history holds."""
        searched = bool(next(self._looks) % 2) and len(self._calls.orders) >= ENOUGH_ROWS
        query = f"customer={self._customer}&limit=1" if searched else "limit=1"
        operation = "mes/v1/work-orders?customer" if searched else "mes/v1/work-orders"
        headers = {"Authorization": f"Bearer {self._session.target.audit.mes_token}"}
        path = f"/v1/work-orders?{query}"
        with asked(self._mes, "GET", path, operation, intended=intended, headers=headers) as answer:
            items = body_of(answer)["items"]
            owed = int(searched or self._session.accepted_for_s > OWED_AFTER_S)
            must(answer, owed <= len(items) <= 1, f"{len(items)} of 1 work orders listed")
            strangers = {item["customer"] for item in items if searched} - {self._customer}
            must(answer, not strangers, f"work orders of {strangers} are listed")

    def _storefront(self, intended: float) -> None:
        with asked(self._shop, "GET", "/", "shop/", intended=intended) as answer:
            must(answer, HEADING in (answer.text or ""), "the storefront has lost its heading")

    def _upload_slowly(self, intended: float) -> None:
        self._calls.upload_slowly(self._slow_model)


def _quietly(act: Callable[[float], None]) -> Callable[[float], None]:
    """A failure is recorded where it happens; nothing more is to be done about it."""

    def acted(intended: float) -> None:
        with suppress(RescheduleTask):
            act(intended)

    return acted
