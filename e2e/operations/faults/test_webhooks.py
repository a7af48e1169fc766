"""Webhooks outlive the process that sends them."""

from __future__ import annotations

import pytest

from fixtures.faults import Faults
from fixtures.orders import an_order
from fixtures.personas import Partner
from fixtures.waiting import until
from fixtures.webhook_receiver import Message, Receiver

pytestmark = [pytest.mark.fault, pytest.mark.xdist_group("hang-ups")]

BEGUN_WITHIN_S = 10.0
TAKEN_WITHIN_S = 30.0
"""What a dead process had in hand is left alone for a while: it may be slow and not dead."""


@pytest.mark.slow
def test_webhook_whose_sender_dies_in_the_middle_is_sent_again_under_its_id(
    partner: Partner, receiver: Receiver, faults: Faults
) -> None:
    """After kill -9 between sending and answer the event comes once more, signed, and known by its id."""
    webhook = partner.door.register(receiver.url)
    with receiver.hesitating():
        order = partner.place(an_order())
        until(lambda: receiver.of(order.id), BEGUN_WITHIN_S, what="the delivery has begun")
        outage = faults.kill_and_restart("api")

    def taken() -> list[Message]:
        came = receiver.of(order.id)
        types = [message.told["type"] for message in came if message.answered]
        assert types == ["order.submitted", "order.quoted"], types
        return came

    interrupted, *again = until(taken, TAKEN_WITHIN_S, what=f"webhooks of order {order.number}")

    outage.must_have_been_felt()
    assert (interrupted.answered, interrupted.id, interrupted.body) == (0, again[0].id, again[0].body)
    assert [message.fault(webhook["secret"]) for message in again] == ["", ""]
    assert len({message.id for message in again}) == 2
