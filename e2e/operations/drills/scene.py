"""The faults of the drills: each hits people of its own, so that all can be planted at the same time."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import httpx
import psutil

from fixtures.answers import Order
from fixtures.cast import Personas
from fixtures.connection import Refusal
from fixtures.evidence import Inconclusive
from fixtures.hand import Hand
from fixtures.orders import an_order
from fixtures.personas import Operator, Partner
from fixtures.service_workers import ServiceWorkers
from fixtures.testbed.interface import Process
from fixtures.testbed.system import SystemTestbed

FELT_WITHIN_S = 30.0
CALLS_EVERY_S = 0.2
Labels = Mapping[str, str]


@dataclass(frozen=True)
class Scene:
    """A testbed to break, and the people whom each fault hits."""

    testbed: SystemTestbed
    personas: Personas
    operator: Operator
    stuck: Order
    stuck_partner: Partner
    late: Order
    late_partner: Partner

    @classmethod
    def set(cls, testbed: SystemTestbed, personas: Personas) -> Scene:
        """Make the people, and the orders that must be priced before pricing is broken."""
        stuck_partner, late_partner, operator = personas.partner(), personas.partner(), personas.operator()
        stuck = stuck_partner.priced(an_order())
        late = _elsewhere(late_partner, stuck)
        late_partner.waits_for(late, "PRICED")
        _ = operator.door
        return cls(testbed, personas, operator, stuck, stuck_partner, late, late_partner)

    @contextmanager
    def dead_service(self) -> Iterator[Labels]:
        """The shop crashes, and nobody starts it again."""
        process: Process = "shop"
        self.testbed.kill(process)
        try:
            yield {"job": process}
        finally:
            self.testbed.restart(process)

    @contextmanager
    def stuck_outbox(self) -> Iterator[Labels]:
        """Somebody holds a lane of api's outbox, so that nothing leaves by it."""
        with Hand(self.testbed.target, "api").holds(
            f"SELECT FROM outbox_lanes WHERE lane = {_lane(self.stuck)} FOR UPDATE"
        ):
            self.stuck_partner.door.cancel(self.stuck.id)
            yield {"job": "api"}

    @contextmanager
    def hanging_workers(self) -> Iterator[Labels]:
        """Pricing's worker processes hang in the middle of their work."""
        workers = ServiceWorkers(self.testbed, "pricing").now()
        if not workers:
            raise Inconclusive("pricing has no worker processes that could hang")
        for worker in workers:
            worker.suspend()
        try:
            _elsewhere(self.personas.partner(), self.stuck)
            yield {}
        finally:
            for worker in workers:
                with suppress(psutil.NoSuchProcess):
                    worker.resume()

    @contextmanager
    def poisoned_order(self) -> Iterator[Labels]:
        """The MES cannot ask for one order's price, so its event dies; an operator replays it at the end."""
        partner, mes = self.personas.partner(), Hand(self.testbed.target, "mes")
        model_id = partner.door.upload_once(an_order().model)
        mes.does(*_refusing("outbox", f"strpos(NEW.payload, '{model_id}') > 0"))
        try:
            order = _elsewhere(partner, self.stuck)
            yield {}
        finally:
            mes.does(*_no_longer_refusing("outbox"))
        self._replay(order)

    @contextmanager
    def mislaid_event(self) -> Iterator[Labels]:
        """What api tells of one partner's order never gets into its outbox; it is put there at the end."""
        partner, api = self.personas.partner(), Hand(self.testbed.target, "api")
        api.does(*_mislaying(partner.id))
        try:
            _elsewhere(partner, self.stuck)
            yield {}
        finally:
            api.does(*_FOUND)

    @contextmanager
    def untaken_order(self) -> Iterator[Labels]:
        """No operator takes an order that was approved."""
        self.late_partner.door.approve(self.late.id)
        try:
            yield {"hop": "taking"}
        finally:
            self.operator.door.command(self.late.number, "take")

    @contextmanager
    def failing_calls(self) -> Iterator[Labels]:
        """Every order of one partner fails by our fault, while it also asks what is answered."""
        partner, api = self.personas.partner(), Hand(self.testbed.target, "api")
        partner.door.upload_once((wish := an_order()).model)
        api.does(*_refusing("orders", f"NEW.tenant = '{partner.id}'"))
        ended = threading.Event()

        def calls() -> None:
            while not ended.wait(CALLS_EVERY_S):
                with suppress(Refusal, httpx.TransportError):
                    partner.door.place(wish)
                with suppress(httpx.TransportError):
                    next(iter(partner.door.orders(limit=1)), None)

        caller = threading.Thread(target=calls, name="partner whose calls fail", daemon=True)
        caller.start()
        try:
            yield {"partner": partner.id, "severity": "critical", "promise": "availability"}
        finally:
            api.does(*_no_longer_refusing("orders"))
            ended.set()
            caller.join()

    def _replay(self, order: Order) -> None:
        """Replay the letter of an order, as its reason on the page asks for."""
        page = self.operator.door.open("/dead-letters")
        bodies, forms = (
            page.column("Dead letters", 4),
            [form for form in page.forms() if form.action.endswith("/replay")],
        )
        letter = next((place for place, body in enumerate(bodies) if order.number in body), None)
        if letter is None:
            raise Inconclusive(f"no dead letter is about order {order.number}: {bodies}")
        self.operator.door.submit(forms[letter], "Replay")


def _lane(order: Order) -> int:
    """The lane of the outbox by which an order's events leave: sixteen, by its id."""
    return int(order.id[-1], 16)


def _elsewhere(partner: Partner, other: Order) -> Order:
    """Place an order whose events leave by another lane than another order's."""
    while True:
        order = partner.place(an_order())
        if _lane(order) != _lane(other):
            return order
        partner.door.cancel(order.id)


def _refusing(table: str, condition: str) -> tuple[str, ...]:
    return (
        "CREATE FUNCTION drill_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'a drill: this row is refused'; END $$",
        f"CREATE TRIGGER drill_refused BEFORE INSERT ON {table} FOR EACH ROW "
        f"WHEN ({condition}) EXECUTE FUNCTION drill_refuse()",
    )


def _no_longer_refusing(table: str) -> tuple[str, ...]:
    return f"DROP TRIGGER drill_refused ON {table}", "DROP FUNCTION drill_refuse"


def _mislaying(customer: str) -> tuple[str, ...]:
    return (
        "CREATE TABLE drill_mislaid (LIKE outbox INCLUDING DEFAULTS)",
        "CREATE FUNCTION drill_mislay() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS "
        "$$ BEGIN INSERT INTO drill_mislaid SELECT NEW.*; RETURN NULL; END $$",
        f"CREATE TRIGGER drill_mislays BEFORE INSERT ON outbox FOR EACH ROW "
        f"WHEN (strpos(NEW.payload, '{customer}') > 0) EXECUTE FUNCTION drill_mislay()",
    )


_FOUND = (
    "DROP TRIGGER drill_mislays ON outbox",
    "DROP FUNCTION drill_mislay",
    "INSERT INTO outbox (event_id, lane, subject, payload, headers) "
    "SELECT event_id, lane, subject, payload, headers FROM drill_mislaid ORDER BY id",
    "DROP TABLE drill_mislaid",
)
