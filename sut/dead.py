"""Dead letters: messages that a consumer could not handle, with what is needed to handle them later."""

from __future__ import annotations

from typing import NamedTuple
from uuid import NAMESPACE_OID, UUID, uuid5

from nats.aio.msg import Msg

from sut.telemetry.place import HEADER

#: Whose consumer a replayed message is for; the others pass it over.
FOR = "Replayed-For"
#: How often a message was replayed before it died again.
REPLAYS = "Replays"
ID = "Dead-Letter-Id"
REASON = "Reason"
ORIGINAL_SUBJECT = "Original-Subject"
#: Set where the body had to be cut, because with its new headers the broker would not have taken it.
CUT = "Cut"

LARGEST_BODY_BYTES = 900_000
_REASON_LONGEST = 500


class Letter(NamedTuple):
    """A dead letter as it is published."""

    subject: str
    body: bytes
    headers: dict[str, str]


def letter(consumer: str, message: Msg, reason: str) -> Letter:
    """Write the dead letter of a message: the same one however often the message is given up."""
    letter_id = str(_id_of(consumer, message))
    headers = {
        REASON: _one_line(reason),
        ORIGINAL_SUBJECT: message.subject,
        REPLAYS: (message.headers or {}).get(REPLAYS, "0"),
        ID: letter_id,
        "Nats-Msg-Id": letter_id,
    }
    if carried := (message.headers or {}).get(HEADER):
        headers[HEADER] = carried  # who replays it goes on with its order's trace
    if len(message.data) > LARGEST_BODY_BYTES:
        headers[CUT] = "yes"
    return Letter(f"dead.{consumer}", message.data[:LARGEST_BODY_BYTES], headers)


def _id_of(consumer: str, message: Msg) -> UUID:
    place = message.metadata
    return uuid5(NAMESPACE_OID, f"{consumer} {place.stream} {place.sequence.stream} {place.timestamp}")


def _one_line(text: str) -> str:
    """Keep what a header can carry."""
    plain = "".join(character if character.isprintable() else " " for character in text)
    return " ".join(plain.encode("utf-8", "replace").decode().split())[:_REASON_LONGEST]
