"""Messages that a service cannot handle are not dropped: operators see them, and replay them."""

from __future__ import annotations

import time
from collections import Counter
from uuid import uuid4

import pytest

from fixtures import redelivery
from fixtures.connection import Refusal
from fixtures.doors import MesAuditDoor, Placed
from fixtures.faults import Faults
from fixtures.metrics_door import OpensMetrics
from fixtures.orders import an_order
from fixtures.personas import Operator, Partner
from fixtures.testbed.target import Target
from fixtures.waiting import until

pytestmark = [pytest.mark.fault, pytest.mark.xdist_group("outages")]

DIES_WITHIN_S = 20
OUTAGE_S = 5.0
"""Long enough for anybody to lose patience."""
SUBJECT = "orders.api.submitted"
BOTH = Counter(mes=1, flow=1)
"""Who reads that subject."""
MORE_THAN_AT_ONCE = 12
"""Ours handles eight events at a time."""


@pytest.fixture
def letters(operator: Operator, faults: Faults) -> Letters:
    """The dead letters as an operator sees them."""
    return Letters(operator, faults.broker)


class Letters:
    """Makes messages die, and looks for them on the operators' page."""

    def __init__(self, operator: Operator, broker_url: str) -> None:
        self.door, self._broker_url = operator.door, broker_url

    def kill(self) -> str:
        """Publish what no service can read; return its text."""
        body = f"<b>{uuid4().hex}</b> is no event"
        redelivery.publish(self._broker_url, SUBJECT, body.encode())
        return body

    def of(self, body: str) -> Counter[str]:
        """Count the services that have given a message up and wait for somebody."""
        page = self.door.open("/dead-letters")
        services, bodies = page.column("Dead letters", 1), page.column("Dead letters", 4)
        return Counter(service for service, shown in zip(services, bodies, strict=True) if shown == body)

    def about(self, order: Placed) -> str:
        """Return the text of the newest letter about an order; nothing where there is none."""
        bodies = self.door.open("/dead-letters").column("Dead letters", 4)
        return next((body for body in bodies if order.number in body), "")

    def wait_for(self, body: str) -> None:
        """Wait until each of the services has given a message up."""
        until(lambda: self.of(body) == BOTH, DIES_WITHIN_S, what=f"dead letters of {body}")

    def replay(self, body: str) -> str:
        """Replay the newest letter of a message; return the form's address."""
        page = self.door.open("/dead-letters")
        rows = zip(page.column("Dead letters", 4), page.column("Dead letters", 6), strict=True)
        place = [shown for shown, button in rows if button == "Replay"].index(body)
        form = [form for form in page.forms() if form.action.endswith("/replay")][place]
        self.door.submit(form, "Replay")
        return form.action

    def replays_of(self, body: str) -> list[str]:
        """What the page says of earlier replays of a message."""
        page = self.door.open("/dead-letters")
        rows = zip(page.column("Dead letters", 4), page.column("Dead letters", 5), strict=True)
        return sorted(replays for shown, replays in rows if shown == body)


def test_poison_message_is_shown_to_operators_and_dies_again_when_replayed(
    letters: Letters, metrics_of: OpensMetrics
) -> None:
    """A message that nobody can read is listed as it is, for each service; a replay brings it back once."""
    metrics = metrics_of("mes")
    known = metrics.value("assay_dead_letters")
    poison = letters.kill()
    letters.wait_for(poison)
    metrics.rises("assay_dead_letters", known)

    letters.replay(poison)
    letters.wait_for(poison)
    letters.wait_for(letters.kill())  # all that came before it has been dealt with, too

    assert letters.of(poison) == BOTH
    assert letters.replays_of(poison) == ["1 × before", "–"]


def test_any_number_of_poison_messages_stops_nothing(letters: Letters, partner: Partner) -> None:
    """Services that were sent more of it than they handle at a time go on with everybody's orders."""
    for body in [letters.kill() for _ in range(MORE_THAN_AT_ONCE)]:
        letters.wait_for(body)

    assert partner.priced(an_order()).price


def test_letter_is_replayed_once_however_often_its_button_is_pressed(letters: Letters) -> None:
    """A second press, from a page that is out of date, is refused and sends nothing."""
    poison = letters.kill()
    letters.wait_for(poison)
    address = letters.replay(poison)
    token = letters.door.open("/orders").form_with("Sign out").fields

    with pytest.raises(Refusal) as refusal:
        letters.door.send("POST", address, data=token)
    letters.wait_for(poison)
    letters.wait_for(letters.kill())

    assert refusal.value.status == 409
    assert "replayed already" in (letters.door.read(refusal.value).alert() or "")
    assert letters.of(poison) == BOTH


def test_dead_letters_are_for_operators_and_their_own_forms(letters: Letters, target: Target) -> None:
    """Strangers see no letter, a replay without a token is refused, a made-up address is none."""
    made_up = f"/dead-letters/{uuid4()}/replay"
    token = letters.door.open("/orders").form_with("Sign out").fields

    answers = {
        "without a token": letters.door.http.post(made_up).status_code,
        "made up": letters.door.http.post(made_up, data=token).status_code,
        "no id": letters.door.http.post("/dead-letters/x/replay", data=token).status_code,
        "no position": letters.door.status("/dead-letters?before=x"),
        "no choice": letters.door.status("/dead-letters?show=x"),
    }

    assert answers == {
        "without a token": 403,
        "made up": 404,
        "no id": 404,
        "no position": 422,
        "no choice": 422,
    }


@pytest.mark.slow
def test_replay_after_the_cause_is_mended_has_its_effect(
    letters: Letters, partner: Partner, faults: Faults, audit: MesAuditDoor
) -> None:
    """A cancellation that died because its order was unknown takes effect once the order is there."""
    with faults.kill("mes"):
        order = partner.door.cancel(partner.place(an_order()).id)
        faults.published(order, "api.submitted", "api.cancelled")
        [held_back] = redelivery.take_out(faults.broker, order.number, ["api.submitted"])
    body = until(lambda: letters.about(order), DIES_WITHIN_S, what="the cancellation dies")

    redelivery.publish(faults.broker, held_back.subject, held_back.payload)
    until(lambda: audit.work_orders(order_id=order.id), DIES_WITHIN_S, what="the order is known")
    letters.replay(body)

    assert audit.waits_for(order, "CANCELLED")


@pytest.mark.slow
def test_what_comes_while_the_database_is_away_is_dealt_with_once_it_is_back(
    letters: Letters, partner: Partner, faults: Faults
) -> None:
    """However often they were tried in vain, an event has its effect and a dead letter is listed."""
    with faults.kill("mes"):
        order = partner.place(an_order())
        faults.published(order, "api.submitted")
        [held_back] = redelivery.take_out(faults.broker, order.number, ["api.submitted"])

    with faults.kill("postgres"):
        redelivery.publish(faults.broker, held_back.subject, held_back.payload)
        poison, over_at_s = letters.kill(), time.monotonic() + OUTAGE_S
        until(lambda: time.monotonic() > over_at_s, OUTAGE_S + 1, what="the outage is a long one")

    letters.wait_for(poison)
    assert partner.waits_for(order, "PRICED").price
