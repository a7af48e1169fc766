"""What `api` and the MES say of an order, and how their lists are followed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from sut.flow.asking import Page
from sut.flow.hops import Mark, Place
from sut.flow.projection import Order
from sut.flow.reconciliation import Accepted, Follower, Word, WorkOrder, told
from sut.states import State

ORDER_ID = uuid4()
START = datetime(2026, 11, 22, 8, tzinfo=UTC)
SEEN_AT = START + timedelta(seconds=5)
NEW = Order(ORDER_ID, "K7F3-0192")


def accepted(state: State = State.SUBMITTED, *, sent: bool = False) -> Accepted:
    """What `api` says of the order."""
    return Accepted(
        position="p",
        order_id=ORDER_ID,
        order_number="K7F3-0192",
        state=state,
        channel="partner",
        customer="acme",
        accepted_at=START,
        updated_at=START + timedelta(seconds=3),
        event_sent_at=START if sent else None,
    )


def work_order(id_: int = 1, state: State = State.SUBMITTED) -> WorkOrder:
    """What the MES says of the order."""
    return WorkOrder(
        id=id_,
        order_id=ORDER_ID,
        order_number="K7F3-0192",
        state=state,
        channel="partner",
        customer="acme",
        created_at=START,
        updated_at=START + timedelta(seconds=4),
    )


@pytest.mark.parametrize(
    ("sent", "last_hop"),
    [
        (False, (Place.API, "accepted, event not sent")),
        (True, (Place.BROKER, "sent, not consumed by the MES")),
    ],
)
def test_order_known_to_api_alone_waits_where_its_event_is(sent: bool, last_hop: tuple[Place, str]) -> None:
    """Without any event, api's word is enough to know the order and its last hop, from its acceptance on."""
    order = told(NEW, [accepted(sent=sent)], SEEN_AT)

    assert order.wait
    assert (order.wait.hop.name, order.wait.since) == ("intake", START)
    assert order.last_hop == last_hop
    assert order.confirmed_by_api


def test_work_order_without_its_event_waits_in_the_mes() -> None:
    """The MES knows the order, but nobody was asked for its price."""
    order = told(NEW, [accepted(sent=True), work_order()], SEEN_AT)

    assert order.wait
    assert (order.wait.hop.name, order.wait.since) == ("pricing", SEEN_AT)
    assert order.last_hop == (Place.MES, "in the MES, not handed to pricing")


def test_words_come_in_any_order_and_again() -> None:
    """Both sides together say the same, whoever speaks first and however often."""
    words: list[Word] = [accepted(State.PRICED, sent=True), work_order(state=State.PRICED)]

    straight = told(NEW, words, SEEN_AT)

    assert told(straight, words, SEEN_AT + timedelta(seconds=60)) == straight
    assert told(NEW, reversed(words), SEEN_AT).state is straight.state
    assert told(NEW, reversed(words), SEEN_AT).work_orders == straight.work_orders


def test_state_whose_event_never_came_is_caught_up_with() -> None:
    """A state that api or the MES reports moves the order on at the time they give for it."""
    order = told(NEW, [accepted(sent=True), work_order(state=State.APPROVED)], SEEN_AT)

    assert order.state is State.APPROVED
    assert order.marks[Mark.APPROVED] == START + timedelta(seconds=4)


def test_stale_state_moves_nothing_back() -> None:
    """A list that was read a moment too early takes nothing away."""
    shipped = told(NEW, [work_order(state=State.SHIPPED)], SEEN_AT)

    assert told(shipped, [accepted(State.PRICED)], SEEN_AT).state is State.SHIPPED


def test_cancelled_order_is_never_lost() -> None:
    """What was cancelled before the MES heard of it needs no work order."""
    assert told(NEW, [accepted(State.CANCELLED)], SEEN_AT).wait is None


def test_second_work_order_is_kept_beside_the_first() -> None:
    """Two ids for one order are both remembered, each once."""
    order = told(NEW, [work_order(1), work_order(2), work_order(1)], SEEN_AT)

    assert order.work_orders == {1, 2}


def test_answers_are_read_as_the_services_write_them() -> None:
    """The two audits' JSON, with a field more than is needed."""
    said = {"order_id": str(ORDER_ID), "order_number": "K7F3-0192", "state": "PRICED", "channel": "shop"}
    said |= {"customer": "ada", "updated_at": "2026-11-22T08:00:00.000Z", "material": "PLA"}
    of_api = said | {"accepted_at": "2026-11-22T08:00:00.000Z", "event_sent_at": None, "position": "p7"}
    of_mes = said | {"id": 7, "created_at": "2026-11-22T08:00:00.000Z"}

    assert Page[Accepted].model_validate({"items": [of_api], "next_after": "p7"}).end == "p7"
    assert Page[WorkOrder].model_validate({"items": [of_mes], "next_after": None}).end == "7"


def test_end_of_a_list_is_read_again_until_it_has_settled() -> None:
    """A row that appears late before the end is still found for some seconds."""
    follower = Follower("10", settle_s=5)

    follower.read_to_end("20", at_s=0)
    follower.read_to_end("30", at_s=4.9)
    assert follower.position == "10"

    follower.read_to_end("30", at_s=5)
    assert follower.position == "20"


def test_end_settles_also_behind_a_full_page_that_is_read_again() -> None:
    """A quiet list is not read again and again from a page before its end."""
    follower = Follower("10", settle_s=5)

    for second in range(0, 8, 2):
        follower.left_behind("10")
        follower.read_to_end("30", at_s=second)

    assert follower.position == "30"


def test_full_page_is_left_behind_at_once() -> None:
    """A long list is caught up with without waiting for each page to settle."""
    follower = Follower("", settle_s=5)
    follower.read_to_end("20", at_s=0)

    follower.left_behind("500")
    follower.read_to_end("900", at_s=9)

    assert follower.position == "500"
