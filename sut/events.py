"""What services tell each other about an order: the envelope, its types and what each carries."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

STREAM = "ORDERS"
SUBJECTS = "orders.>"

_TEXT = (str,)
_OPTIONAL_TEXT = (str, type(None))

#: What `data` of each type must hold; `contract/messages/` says the same in JSON Schema.
TYPES: Mapping[str, Mapping[str, tuple[type, ...]]] = {
    "api.submitted": {
        "channel": _TEXT,
        "customer": _TEXT,
        "reference": _OPTIONAL_TEXT,
        "model_id": _TEXT,
        "material": _TEXT,
        "quantity": (int,),
    },
    "api.approved": {"price": (dict,)},
    "api.cancelled": {},
    "api.cancellation-requested": {},
    "api.closed": {},
    "mes.pricing-requested": {"model_id": _TEXT, "material": _TEXT, "quantity": (int,)},
    "mes.taken": {"operator": _TEXT},
    "mes.made": {"operator": _TEXT},
    "mes.packed": {"operator": _TEXT},
    "mes.shipped": {"operator": _TEXT},
    "mes.withdrawn": {},
    "mes.cancellation-refused": {"reason": _TEXT},
    "pricing.quoted": {"price": (dict,), "analysis": (dict,)},
    "pricing.unprintable": {"code": _TEXT, "detail": _TEXT},
    "pricing.failed": {"stage": _TEXT, "tries": (int,), "code": _TEXT, "detail": _TEXT, "model_id": _TEXT},
}


class PoisonMessage(Exception):  # noqa: N818 - named for what happened, not for being an error
    """A message that no retry can make readable; its text is the reason."""


@dataclass(frozen=True)
class Event:
    """Something that happened to one order; `type` is "<source>.<what>", as in "api.submitted"."""

    event_id: UUID
    type: str
    occurred_at: datetime
    order_id: UUID
    order_number: str
    data: dict[str, Any]

    @property
    def subject(self) -> str:
        """The broker subject that carries this event."""
        return f"orders.{self.type}"


def now() -> datetime:
    """Return the present moment in UTC, cut to the milliseconds that are shown to everyone."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def timestamp(moment: datetime) -> str:
    """Write a moment as ISO 8601 in UTC with milliseconds, as in 2026-11-22T16:04:05.123Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def new(type_: str, order_id: UUID, order_number: str, **data: Any) -> Event:
    """Make an event that happens now."""
    return Event(uuid4(), type_, now(), order_id, order_number, data)


def to_json(event: Event) -> str:
    """Write an event as the text that travels."""
    envelope = {
        "event_id": str(event.event_id),
        "type": event.type,
        "occurred_at": timestamp(event.occurred_at),
        "order_id": str(event.order_id),
        "order_number": event.order_number,
        "data": event.data,
    }
    return json.dumps(envelope, separators=(",", ":"), ensure_ascii=False)


def from_json(text: str | bytes) -> Event:
    """Read an event.

    Raises:
        PoisonMessage: it is not JSON, not an event, of an unknown type, or its data lacks something.
    """
    envelope = _decoded(text)
    try:
        event = Event(
            event_id=UUID(envelope["event_id"]),
            type=_known(envelope["type"]),
            occurred_at=datetime.fromisoformat(envelope["occurred_at"]),
            order_id=UUID(envelope["order_id"]),
            order_number=_text(envelope["order_number"]),
            data=envelope["data"],
        )
    except KeyError as error:
        raise PoisonMessage(f"the envelope lacks {error}") from None
    except (TypeError, ValueError, AttributeError) as error:
        raise PoisonMessage(f"the envelope is wrong: {error}") from None
    _check_data(event)
    return event


def _decoded(text: str | bytes) -> dict[str, Any]:
    try:
        envelope = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise PoisonMessage(f"not JSON: {error}") from None
    if not isinstance(envelope, dict):
        raise PoisonMessage("not a JSON object")
    return envelope


def _known(type_: object) -> str:
    if type_ not in TYPES:
        raise PoisonMessage(f"unknown type {type_!r}")
    return str(type_)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"expected text, not {value!r}")
    return value


def _check_data(event: Event) -> None:
    if not isinstance(event.data, dict):
        raise PoisonMessage("data is not an object")
    if event.occurred_at.tzinfo is None:
        raise PoisonMessage("occurred_at has no time zone")
    for name, kinds in TYPES[event.type].items():
        value = event.data.get(name)
        if name not in event.data or isinstance(value, bool) or not isinstance(value, kinds):
            raise PoisonMessage(f"data of {event.type} has no valid {name}")
