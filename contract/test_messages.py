"""What is told of an order: over the broker by the released schemas, by the API as its document says."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import jsonschema_rs
import pytest

from contract import under_test
from contract.broker import Message, messages_of
from contract.described import undescribed
from fixtures import models
from fixtures.answers import Order
from fixtures.life import Journey
from fixtures.model_store import ModelStore, unlike_any_other
from fixtures.orders import an_order
from fixtures.personas import Partner
from fixtures.testbed.target import Target
from fixtures.waiting import until

SCHEMAS = Path(__file__).parent / "messages"
PUBLISHED_WITHIN_S = 10.0
PRICED = ["api.submitted", "mes.pricing-requested", "pricing.quoted"]
MADE = ["mes.taken", "mes.made", "mes.packed", "mes.shipped"]

Life = Callable[[Partner, Journey], Order]


def closed(partner: Partner, journey: Journey) -> Order:
    """The whole life."""
    return journey.to("CLOSED")


def rejected(partner: Partner, journey: Journey) -> Order:
    """A model that cannot be made."""
    return journey.to("REJECTED")


def cancelled(partner: Partner, journey: Journey) -> Order:
    """Called off before it was approved."""
    return journey.to("CANCELLED")


def withdrawn(partner: Partner, journey: Journey) -> Order:
    """Called off after it was approved and before anybody took it."""
    order = journey.to("APPROVED")
    partner.door.cancel(order.id)
    return partner.waits_for(order, "CANCELLED")


LIVES: dict[Life, list[str]] = {
    closed: [*PRICED, "api.approved", *MADE, "api.closed"],
    rejected: ["api.submitted", "mes.pricing-requested", "pricing.unprintable"],
    cancelled: ["api.submitted", "api.cancelled"],
    withdrawn: [*PRICED, "api.approved", "api.cancellation-requested", "mes.withdrawn"],
}


@pytest.mark.parametrize("life", LIVES, ids=lambda life: life.__name__)
def test_every_event_of_an_order_keeps_its_schema(
    life: Life, partner: Partner, journey: Journey, target: Target
) -> None:
    """Whoever listens to the broker, or asks how it went, is told what was promised, in the promised form."""
    broker, since, due = broker_of(target), datetime.now(UTC), LIVES[life]

    order = life(partner, journey)
    seen = published(broker, order, since, due)

    assert [fault for message in seen for fault in faults_of(message)] == []
    assert list(undescribed(partner.door, order.id, under_test.document())) == []


def test_event_of_a_price_that_cannot_be_calculated_keeps_its_schema(
    partner: Partner, target: Target
) -> None:
    """A model's file is lost: what is told of that is in the form that was promised, too."""
    broker, since = broker_of(target), datetime.now(UTC)
    wish = an_order(unlike_any_other(models.box()), printable=False)
    partner.door.upload_once(wish.model)

    with ModelStore(broker).without(wish.model):
        order = partner.place(wish)
        seen = published(broker, order, since, ["mes.pricing-requested", "pricing.failed"])
    partner.door.cancel(order.id)

    assert [fault for message in seen for fault in faults_of(message)] == []


def broker_of(target: Target) -> str:
    """The broker, where a test may listen to it."""
    if not target.broker:
        pytest.skip("the target does not say where its broker is")
    return target.broker


def published(broker: str, order: Order, since: datetime, due: list[str]) -> list[Message]:
    """What was published of an order, once everything that is due was."""
    return until(
        lambda: all_of(due, messages_of(broker, order.id, since)),
        PUBLISHED_WITHIN_S,
        what=f"the events of order {order.number} are on the broker",
        expected=", ".join(due),
    )


def all_of(due: list[str], seen: list[Message]) -> list[Message]:
    """The messages, once every event that is due is among them."""
    missing = [name for name in due if name not in [message.type for message in seen]]
    assert not missing, f"not published yet: {', '.join(missing)}"
    return seen


def faults_of(message: Message) -> list[str]:
    """What is wrong with a message, by its own type's schema and its header."""
    path = SCHEMAS / f"{message.type}.json"
    if not path.exists():
        return [f"{message.type} is not released: contract/messages has no schema of it"]
    schema = json.loads(path.read_text(encoding="utf-8"))
    validator = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    faults = [
        f"{message.type} {list(error.instance_path)}: {error}"
        for error in validator.iter_errors(message.body)
    ]
    if message.headers.get("Nats-Msg-Id") != message.body.get("event_id"):
        faults.append(f"{message.type}: the header Nats-Msg-Id is not the event's id")
    return faults


def test_a_message_that_breaks_its_schema_is_told() -> None:
    """A check that has never said no says nothing."""
    body = {"event_id": "x", "type": "api.submitted", "data": {}}

    faults = faults_of(Message("orders.api.submitted", {}, body))

    assert any("event_id" in fault for fault in faults)
    assert any("required" in fault for fault in faults)
    assert any("Nats-Msg-Id" in fault for fault in faults)
    assert "not released" in faults_of(Message("orders.api.surprise", {}, body))[0]
