"""A manager sees orders that no longer wait for anything but a person."""

from __future__ import annotations

from fixtures import models
from fixtures.flow_doors import FlowDoor
from fixtures.live_part import following
from fixtures.model_store import ModelStore, unlike_any_other
from fixtures.orders import an_order
from fixtures.personas import Manager, Operator, Partner

SHOWN_WITHIN_S = 5.0
"""From the moment at which pricing gives up."""
TABLE = "Orders needing attention"


def test_order_whose_pricing_failed_needs_attention_with_its_reason_until_asked_again(
    partner: Partner, operator: Operator, store: ModelStore, flow: FlowDoor
) -> None:
    """It is not called overdue: what it needs is somebody, and the flow says what for.

    The store knows nothing of the model's file any more, not even that it was there.
    """
    wish = an_order(unlike_any_other(models.box()))
    partner.door.upload_once(wish.model)
    with store.without(wish.model, leaving_marks=False):
        order = partner.place(wish)
        partner.hears_of_trouble(order)
        told = flow.waits_for(order.number, verdict="needs attention")
        board = flow.board_with(order.number, "attention")
    operator.door.step(order.number, "Ask for the price again")
    partner.waits_for(order, "PRICED")

    assert "not in the store" in told["attention"]["why"]
    assert order.number not in [each["order_number"] for each in board["overdue"]]
    assert flow.waits_for(order.number, state="PRICED", verdict="in time")["attention"] is None


def test_open_board_shows_an_order_while_it_needs_attention(
    partner: Partner, manager: Manager, store: ModelStore
) -> None:
    """Nobody has to reload: the stream brings the order and its reason and takes it off at its end."""
    wish = an_order(unlike_any_other(models.box()))
    partner.door.upload_once(wish.model)
    with store.without(wish.model), following(manager.door, "/live") as board:
        order = partner.place(wish)
        partner.hears_of_trouble(order)
        shown = board.until(
            lambda part: order.number in part.column(TABLE, 0), SHOWN_WITHIN_S, what="the order"
        )
        page = manager.door.open(f"/orders/{order.number}")
        partner.door.cancel(order.id)
        board.until(lambda part: order.number not in part.column(TABLE, 0), SHOWN_WITHIN_S, what="its end")

    reasons = dict(zip(shown.column(TABLE, 0), shown.column(TABLE, 4), strict=True))
    assert "not in the store" in reasons[order.number]
    assert "Needs attention" in (page.alert() or "")
