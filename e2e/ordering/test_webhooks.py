"""A partner's server is told what happens to its orders: signed, in order, until it has taken it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from fixtures.another_api import AnotherApi
from fixtures.answers import Order
from fixtures.cast import Personas
from fixtures.life import Journey
from fixtures.orders import an_order
from fixtures.personas import Partner
from fixtures.waiting import until
from fixtures.webhook_receiver import Message, Receiver, receiving

TOLD_WITHIN_S = 30.0
DEAF_SERVERS = 4
BEFORE_ANOTHERS_TIME_IS_OVER_S = 4.0
"""A server may take five seconds to answer; who is served beside it hears its message in a tenth of that."""


def told(receiver: Receiver, order: Order, *types: str) -> list[Message]:
    """Wait until the messages about an order that were taken are these; return all that came."""
    expected = [f"order.{name}" for name in types]

    def seen() -> list[Message]:
        came = receiver.of(order.id)
        taken = [message.told["type"] for message in came if message.answered < 300]
        assert taken == expected, f"taken: {taken}, answered {[message.answered for message in came]}"
        return came

    return until(seen, TOLD_WITHIN_S, what=f"webhooks of order {order.number}", expected=", ".join(expected))


def test_every_change_of_an_order_is_told_once_signed_and_in_order(
    partner: Partner, receiver: Receiver, journey: Journey
) -> None:
    """From placing to receipt the partner's server hears each step once, and can prove who says it."""
    webhook = partner.door.register(receiver.url)

    order = journey.to("CLOSED")
    steps = [step.type for step in partner.door.history(order.id)]
    messages = told(receiver, order, *steps)

    assert steps == ["submitted", "quoted", "approved", "taken", "made", "packed", "shipped", "closed"]
    assert [message.fault(webhook["secret"]) for message in messages] == [""] * 8
    assert len({UUID(message.id) for message in messages}) == 8
    states = [message.told["data"]["state"] for message in messages]
    assert states == [step.state for step in partner.door.history(order.id)]
    assert {message.told["data"]["reference"] for message in messages} == {order.reference}


@pytest.mark.parametrize(
    ("state", "steps"),
    [
        ("PRICED", ["submitted", "quoted", "cancelled"]),
        ("APPROVED", ["submitted", "quoted", "approved", "cancellation_requested", "withdrawn"]),
    ],
)
def test_the_end_of_a_cancelled_order_is_told_too(
    partner: Partner, receiver: Receiver, journey: Journey, state: str, steps: list[str]
) -> None:
    """Nobody waits for parts that will not come."""
    webhook = partner.door.register(receiver.url)
    order = journey.to(state)

    partner.door.cancel(order.id)

    messages = told(receiver, order, *steps)
    assert messages[-1].told["data"]["state"] == "CANCELLED"
    assert {message.told["data"]["order_number"] for message in messages} == {order.number}
    assert [message.fault(webhook["secret"]) for message in messages] == [""] * len(steps)


def test_a_message_that_was_refused_is_sent_again_until_it_is_taken(
    partner: Partner, receiver: Receiver
) -> None:
    """A server that fails or sends elsewhere gets the event again, timed anew, and the log tells."""
    webhook = partner.door.register(receiver.url)
    receiver.answers = [500, 307]

    order = partner.priced(an_order())
    messages = told(receiver, order, "submitted", "quoted")

    assert [message.answered for message in messages] == [500, 307, 204, 204]
    assert len({message.id for message in messages[:3]}) == 1
    assert messages[0].sent_at_s < messages[2].sent_at_s
    assert [message.fault(webhook["secret"]) for message in messages] == [""] * 4
    first, second = logged(partner, webhook["id"], 2)
    assert [attempt["status"] for attempt in first["attempts"]] == [500, 307, 204]
    assert [attempt["status"] for attempt in second["attempts"]] == [204]
    assert [first["event_id"], second["event_id"]] == [messages[0].id, messages[-1].id]


def logged(partner: Partner, webhook_id: str, count: int) -> list[dict[str, Any]]:
    """The log, once so many deliveries are through."""

    def through() -> list[dict[str, Any]]:
        log = partner.door.deliveries(webhook_id)
        assert [each["state"] for each in log] == ["delivered"] * count, log
        return log

    return until(through, TOLD_WITHIN_S, what="the delivery log")


def test_two_processes_send_each_message_once(
    partner: Partner, receiver: Receiver, another_api: AnotherApi
) -> None:
    """However many processes look for what waits, the partner's server hears it once; the log says so."""
    webhook = partner.door.register(receiver.url)
    orders = [partner.place(an_order()) for _ in range(6)]

    for order in orders:
        told(receiver, order, "submitted", "quoted")

    log = logged(partner, webhook["id"], 12)
    assert [len(each["attempts"]) for each in log] == [1] * 12
    assert [partner.door.deliveries(webhook["id"], limit) for limit in (4, 5)] == [log, log]
    assert another_api.process.running


def test_servers_that_never_answer_delay_no_other(
    personas: Personas, partner: Partner, receiver: Receiver
) -> None:
    """What one partner's servers do is no other's misfortune."""
    unlucky = personas.partner()
    partner.door.register(receiver.url)
    with receiving() as deaf, deaf.hesitating():
        for _ in range(DEAF_SERVERS):
            unlucky.door.register(deaf.url)
        waiting = unlucky.place(an_order())
        until(lambda: len(deaf.of(waiting.id)) >= DEAF_SERVERS, TOLD_WITHIN_S, what="calls without an answer")

        order = partner.place(an_order())
        until(lambda: receiver.of(order.id), BEFORE_ANOTHERS_TIME_IS_OVER_S, what="the other's message")


def test_a_removed_webhook_hears_nothing_more(partner: Partner, receiver: Receiver) -> None:
    """Who has removed its address is not told what happens later, even of an order that is under way."""
    webhook = partner.door.register(receiver.url)
    order = partner.priced(an_order())
    told(receiver, order, "submitted", "quoted")

    partner.door.send("DELETE", f"/v1/webhooks/{webhook['id']}")
    kept = partner.door.register(receiver.url)
    partner.door.approve(order.id)

    logged(partner, kept["id"], 1)
    assert [message.told["type"] for message in receiver.of(order.id)][2:] == ["order.approved"]


@pytest.mark.parametrize(
    "url",
    [
        "http://10.0.0.1/hook",
        "http://169.254.169.254/latest/meta-data",
        "https://[::ffff:10.0.0.1]/hook",
        "http://2130706434.example/hook",
        "ftp://127.0.0.1/hook",
        "http://user:password@127.0.0.1/hook",
        "http:///hook",
        "hook",
    ],
)
def test_an_address_that_we_must_not_call_is_refused(partner: Partner, url: str) -> None:
    """A partner cannot have us call what only we can reach; it learns which field is wrong."""
    answer = partner.door.http.post("/v1/webhooks", json={"url": url})

    assert (answer.status_code, [fault["field"] for fault in answer.json()["errors"]]) == (422, ["url"])
    assert partner.door.json("GET", "/v1/webhooks")["items"] == []
