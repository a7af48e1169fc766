"""A partner's webhooks and what was sent to them are its own."""

from __future__ import annotations

import pytest

from fixtures.cast import Personas
from fixtures.doors import Refusal
from fixtures.orders import an_order
from fixtures.waiting import until
from fixtures.webhook_receiver import Receiver

OF_A_WEBHOOK = [("GET", ""), ("GET", "/deliveries"), ("DELETE", "")]


@pytest.mark.parametrize(("method", "path"), OF_A_WEBHOOK)
def test_another_partners_webhook_is_not_found(
    personas: Personas, receiver: Receiver, method: str, path: str
) -> None:
    """Neither its address nor its log is shown, and it is not removed."""
    owner, other = personas.partner(), personas.partner()
    webhook = owner.door.register(receiver.url)
    owner.place(an_order())

    with pytest.raises(Refusal) as refusal:
        other.door.send(method, f"/v1/webhooks/{webhook['id']}{path}")

    assert refusal.value.status == 404
    assert receiver.url not in refusal.value.response.text
    assert other.door.json("GET", "/v1/webhooks")["items"] == []
    assert [each["id"] for each in owner.door.json("GET", "/v1/webhooks")["items"]] == [webhook["id"]]


def test_a_webhook_tells_of_its_owners_orders_alone(personas: Personas, receiver: Receiver) -> None:
    """What another partner orders is not told."""
    owner, other = personas.partner(), personas.partner()
    webhook = owner.door.register(receiver.url)

    theirs, own = other.place(an_order()), owner.place(an_order())

    until(lambda: receiver.of(own.id), 10.0, what="the own order is told")
    other.waits_for(theirs, "PRICED")
    assert receiver.of(theirs.id) == []
    assert {each["order_id"] for each in owner.door.deliveries(webhook["id"])} == {own.id}


def test_a_secret_is_shown_once(personas: Personas, receiver: Receiver) -> None:
    """Who reads the list later cannot forge messages."""
    partner = personas.partner()
    made = partner.door.register(receiver.url)

    shown = (
        partner.door.send("GET", "/v1/webhooks").text,
        partner.door.send("GET", f"/v1/webhooks/{made['id']}").text,
    )

    assert made["secret"].startswith("whsec_")
    assert not any("whsec_" in text for text in shown)
