"""Events are written and read without loss, and what cannot be read says why."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from sut import events
from sut.events import TYPES, Event, PoisonMessage

MESSAGES = Path(__file__).parents[1] / "contract" / "messages"
TAKEN = events.new("mes.taken", UUID(int=1), "7F3K-0192", operator="Vera")


def changed(**members: Any) -> str:
    """The text of a good event with some members replaced; None takes one away."""
    envelope = json.loads(events.to_json(TAKEN)) | members
    return json.dumps({name: value for name, value in envelope.items() if value is not None})


def test_event_survives_the_way_there_and_back() -> None:
    """What is read is what was written."""
    assert events.from_json(events.to_json(TAKEN)) == TAKEN


def test_event_names_its_subject() -> None:
    """The subject is made of the type."""
    assert TAKEN.subject == "orders.mes.taken"


def test_timestamp_is_utc_with_milliseconds() -> None:
    """Times look the same everywhere."""
    moment = datetime(2026, 11, 22, 16, 4, 5, 123_999, tzinfo=UTC)

    assert events.timestamp(moment) == "2026-11-22T16:04:05.123Z"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[1]", "not a JSON object"),
        (changed(event_id="7"), "envelope is wrong"),
        (changed(event_id=7), "envelope is wrong"),
        (changed(order_id=None), "lacks 'order_id'"),
        (changed(type="mes.eaten"), "unknown type"),
        (changed(type=["mes.taken"]), "envelope is wrong"),
        (changed(occurred_at="yesterday"), "envelope is wrong"),
        (changed(occurred_at="2026-11-22T10:00:00"), "no time zone"),
        (changed(order_number=7), "envelope is wrong"),
        (changed(data=[]), "data is not an object"),
        (changed(data={}), "no valid operator"),
        (changed(data={"operator": 7}), "no valid operator"),
    ],
)
def test_unreadable_message_is_poison_with_a_reason(text: str | bytes, reason: str) -> None:
    """Whoever looks at the dead letters learns what was wrong."""
    with pytest.raises(PoisonMessage, match=reason):
        events.from_json(text)


def test_true_is_no_number() -> None:
    """JSON's true is not taken for a quantity of one."""
    wish = {"model_id": str(uuid4()), "material": "PLA", "quantity": True}
    text = events.to_json(Event(uuid4(), "mes.pricing-requested", events.now(), uuid4(), "7F3K-0192", wish))

    with pytest.raises(PoisonMessage, match="no valid quantity"):
        events.from_json(text)


def test_each_type_has_a_released_schema_that_requires_the_same_data() -> None:
    """The code and the released contract agree on what every event carries."""
    released = {path.stem: json.loads(path.read_text()) for path in MESSAGES.glob("*.json")}

    assert {name: set(schema["properties"]["data"]["required"]) for name, schema in released.items()} == {
        name: set(data) for name, data in TYPES.items()
    }
