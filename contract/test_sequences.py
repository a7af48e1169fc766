"""Sequences that no generator finds: replays, conflicts, commands out of turn, pages, what is not yours."""

from collections.abc import Callable
from uuid import uuid4

import pytest

from contract.documents import Operation, operations, released
from fixtures import models
from fixtures.database_hand import place_at_one_instant
from fixtures.doors import Refusal
from fixtures.life import Journey
from fixtures.models import BrokenModel
from fixtures.orders import an_order
from fixtures.personas import Partner
from fixtures.testbed.target import Target

OF_AN_ORDER = [operation for operation in operations(released()) if "{order_id}" in operation.path]
NOBODY = "00000000-0000-4000-8000-000000000000"


def refusal_of(call: Callable[[], object]) -> Refusal:
    """The refusal that a call must meet."""
    with pytest.raises(Refusal) as caught:
        call()
    return caught.value


def test_the_same_key_and_body_makes_one_order(partner: Partner) -> None:
    """A partner who missed the answer and asks again gets the same answer, and has one order."""
    body, key = partner.door.body_of(an_order()), str(uuid4())
    request = {"json": body, "headers": {"Idempotency-Key": key}}

    first = partner.door.send("POST", "/v1/orders", **request)
    again = partner.door.send("POST", "/v1/orders", **request)

    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert [order.id for order in partner.door.orders()] == [first.json()["id"]]


def test_the_answer_is_replayed_as_it_was_after_the_order_went_on(partner: Partner) -> None:
    """A late retry is answered with the first answer, not with today's state, and changes nothing."""
    body, key = partner.door.body_of(an_order()), str(uuid4())
    first = partner.door.create(body, key)
    partner.door.cancel(first["id"])

    assert partner.door.create(body, key) == first
    assert partner.door.order(first["id"]).state == "CANCELLED"


def test_the_same_key_for_another_body_is_a_conflict(partner: Partner) -> None:
    """A key that is used for two orders is a mistake of the caller's, told so, and makes no order."""
    body, key = partner.door.body_of(an_order()), str(uuid4())
    first = partner.door.create(body, key)

    refusal = refusal_of(lambda: partner.door.create({**body, "quantity": 4}, key))

    assert refusal.status == 422
    assert [order.id for order in partner.door.orders()] == [first["id"]]


def test_two_partners_may_use_the_same_key(partner: Partner, another: Partner) -> None:
    """Keys are each partner's own."""
    key = str(uuid4())

    first = partner.door.create(partner.door.body_of(an_order()), key)
    second = another.door.create(another.door.body_of(an_order()), key)

    assert first["id"] != second["id"]


def test_an_order_is_cancelled_once(partner: Partner) -> None:
    """The second cancel is refused and says why."""
    order = partner.place(an_order())
    partner.door.cancel(order.id)

    refusal = refusal_of(lambda: partner.door.cancel(order.id))

    assert (refusal.status, refusal.problem.get("state")) == (409, "CANCELLED")


def test_a_price_is_approved_once(partner: Partner) -> None:
    """The second approval is refused and says why."""
    order = partner.approved(an_order())

    refusal = refusal_of(lambda: partner.door.approve(order.id))

    assert (refusal.status, refusal.problem.get("state")) == (409, "APPROVED")


def test_a_cancelled_order_cannot_be_approved(partner: Partner) -> None:
    """What was called off does not come back."""
    order = partner.priced(an_order())
    partner.door.cancel(order.id)

    refusal = refusal_of(lambda: partner.door.approve(order.id))

    assert (refusal.status, refusal.problem.get("state")) == (409, "CANCELLED")
    assert partner.door.order(order.id).state == "CANCELLED"


def test_receipt_is_confirmed_once_and_not_before_shipping(partner: Partner, journey: Journey) -> None:
    """Parts that were not sent cannot have arrived; those that arrived have arrived once."""
    early = partner.approved(an_order())
    refusal = refusal_of(lambda: partner.door.confirm_receipt(early.id))
    assert (refusal.status, refusal.problem.get("state")) == (409, "APPROVED")

    shipped = journey.to("SHIPPED")
    assert partner.door.confirm_receipt(shipped.id).state == "CLOSED"

    refusal = refusal_of(lambda: partner.door.confirm_receipt(shipped.id))
    assert (refusal.status, refusal.problem.get("state")) == (409, "CLOSED")


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_pages_show_every_order_once(partner: Partner, limit: int) -> None:
    """Whatever the size of the pages, walking them meets every order once, newest first."""
    placed = [partner.place(an_order()).id for _ in range(5)]

    assert [order.id for order in partner.door.orders(limit=limit)] == placed[::-1]


@pytest.mark.parametrize("limit", [1, 2])
def test_pages_of_a_state_show_every_order_once(partner: Partner, limit: int) -> None:
    """The same holds for the orders of one state."""
    placed = [partner.place(an_order()).id for _ in range(4)]
    for order_id in placed:
        partner.door.cancel(order_id)

    assert [order.id for order in partner.door.orders(limit=limit, state="CANCELLED")] == placed[::-1]


@pytest.mark.parametrize("wanted", [{}, {"state": "CANCELLED"}], ids=["all", "of a state"])
def test_orders_of_one_instant_are_each_on_one_page(
    target: Target, partner: Partner, wanted: dict[str, str]
) -> None:
    """A page that ends between two orders of the same moment neither repeats nor forgets one."""
    placed = [partner.place(an_order()).id for _ in range(5)]
    for order_id in placed:
        partner.door.cancel(order_id)
    place_at_one_instant(target, partner.id)

    found = [order.id for order in partner.door.orders(limit=2, **wanted)]

    assert sorted(found) == sorted(placed)


def test_pages_stay_whole_while_orders_arrive(partner: Partner) -> None:
    """An order that arrives during the walk neither hides nor repeats another."""
    placed = [partner.place(an_order()).id for _ in range(4)]
    walk = partner.door.orders(limit=2)
    seen = [next(walk).id]

    partner.place(an_order())
    seen += [order.id for order in walk]

    assert seen == placed[::-1]


def test_orders_are_filtered_by_state(partner: Partner) -> None:
    """A state's list holds the orders in that state and no other."""
    kept, cancelled = partner.priced(an_order()), partner.place(an_order())
    partner.door.cancel(cancelled.id)

    assert [order.id for order in partner.door.orders(state="CANCELLED")] == [cancelled.id]
    assert [order.id for order in partner.door.orders(state="PRICED")] == [kept.id]
    assert list(partner.door.orders(state="SHIPPED")) == []


def test_another_partners_cursor_reveals_nothing(partner: Partner, another: Partner) -> None:
    """A cursor is a place in one's own list, whoever made it."""
    for _ in range(3):
        partner.place(an_order())
    mine = another.place(an_order())
    cursor = partner.door.json("GET", "/v1/orders", params={"limit": 1})["next_cursor"]

    answer = another.door.http.get("/v1/orders", params={"cursor": cursor})

    assert answer.status_code in (200, 422)
    assert {item["id"] for item in answer.json().get("items", [])} <= {mine.id}


@pytest.mark.parametrize("operation", OF_AN_ORDER, ids=lambda operation: operation.label)
def test_another_partners_order_is_not_there(
    partner: Partner, another: Partner, operation: Operation
) -> None:
    """To all but its owner an order does not exist, and nothing happens to it."""
    order = partner.priced(an_order())

    theirs = refusal_of(lambda: another.door.send(operation.method, operation.path.format(order_id=order.id)))
    nobodys = refusal_of(lambda: another.door.send(operation.method, operation.path.format(order_id=NOBODY)))

    assert (theirs.status, theirs.detail) == (404, nobodys.detail)
    assert partner.door.order(order.id) == order


def test_another_partners_model_is_not_there(partner: Partner, another: Partner) -> None:
    """A model can neither be read nor ordered by another partner."""
    body = partner.door.body_of(an_order())

    read = refusal_of(lambda: another.door.model(body["model_id"]))
    ordered = refusal_of(lambda: another.door.create(body, str(uuid4())))

    assert read.status == 404
    assert ordered.status in (404, 422)
    assert list(another.door.orders()) == []


@pytest.mark.parametrize("model", models.broken(), ids=lambda model: model.code)
def test_a_broken_model_is_refused_with_its_reason(partner: Partner, model: BrokenModel) -> None:
    """What cannot be made is not stored, and the caller learns what is wrong with the file."""
    refusal = refusal_of(lambda: partner.door.upload(model))

    assert (refusal.status, refusal.code) == (model.status, model.code)


@pytest.mark.parametrize(
    "change",
    [
        {"quantity": 0},
        {"quantity": 10**9},
        {"quantity": "3"},
        {"material": "GOLD"},
        {"surprise": True},
        {"customer": "someone else"},
        {"reference": "x" * 65},
    ],
    ids=str,
)
def test_a_wrong_order_is_refused_and_not_kept(partner: Partner, change: dict[str, object]) -> None:
    """A wrong field is named, and nothing is stored half-way: the key is still free for the right order."""
    body, key = partner.door.body_of(an_order()), str(uuid4())

    refusal = refusal_of(lambda: partner.door.create({**body, **change}, key))

    assert refusal.status in (403, 422)
    assert next(iter(change)) in refusal.detail
    assert list(partner.door.orders()) == []
    assert partner.door.create(body, key)["quantity"] == body["quantity"]
