"""Webhooks outlive the process that sends them."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from fixtures.doors import PartnerDoor
from fixtures.faults import Faults
from fixtures.orders import an_order
from fixtures.personas import Partner
from fixtures.waiting import until
from fixtures.webhook_receiver import Message, Receiver

pytestmark = [pytest.mark.fault, pytest.mark.xdist_group("hang-ups")]

BEGUN_WITHIN_S = 10.0
TAKEN_WITHIN_S = 60.0
"""What a dead process had in hand is left alone for a while: it may be slow and not dead."""
OURS = [
    *("10.0.0.1", "172.16.0.1", "192.168.0.1", "100.64.0.1", "127.0.0.1", "169.254.169.254", "0"),
    *("167772161", "0x0a.1", "[::1]", "[fc00::1]", "[fe80::1]", "[::ffff:10.0.0.1]", "[64:ff9b::a00:1]"),
]
"""Hosts that only we can reach, also as resolvers, tunnels and translators write them."""


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


def test_webhooks_of_a_release_on_the_internet_lead_to_nothing_of_ours(
    partner: Partner, faults: Faults
) -> None:
    """Where any public address may be told, a partner can still not have us call into our own network."""
    with faults.beside("api", {"API_WEBHOOK_REACH": "public"}) as url:
        door = partner.door.elsewhere(url)
        urls = [*(f"https://{host}/hook" for host in OURS), "http://partner.example/hook"]
        refused = {url: door.http.post("/v1/webhooks", json={"url": url}).status_code for url in urls}
        taken = door.register("https://partner.example/hook")

    assert refused == dict.fromkeys(urls, 422)
    assert [each["id"] for each in partner.door.json("GET", "/v1/webhooks")["items"]] == [taken["id"]]


@pytest.mark.slow
def test_a_webhook_whose_name_leads_to_us_is_sent_nowhere(partner: Partner, faults: Faults) -> None:
    """A partner's own name may lead to our network by the time we call: it is looked at where we connect."""
    with socket.create_server(("127.0.0.1", 0)) as ours, faults.kill("api"):
        ours.settimeout(0)
        with faults.beside("api", {"API_WEBHOOK_REACH": "public"}) as url:
            door = partner.door.elsewhere(url)
            webhook = door.register(f"https://localhost:{ours.getsockname()[1]}/hook")
            door.place(an_order())

            deliveries = until(lambda: tried(door, webhook["id"]), BEGUN_WITHIN_S, what="a try to send it")

        with pytest.raises(BlockingIOError):
            ours.accept()
    assert {attempt["status"] for each in deliveries for attempt in each["attempts"]} == {None}


def tried(door: PartnerDoor, webhook_id: str) -> list[dict[str, Any]]:
    """The deliveries that were tried."""
    return [each for each in door.deliveries(webhook_id) if each["attempts"]]
