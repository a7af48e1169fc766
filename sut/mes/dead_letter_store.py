"""Dead letters in the MES's database: taken from the broker once, read by page, replayed once."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from uuid import NAMESPACE_OID, UUID, uuid5

from nats.aio.msg import Msg

from sut import dead, events, outbox
from sut.database import Connection
from sut.telemetry import spans
from sut.telemetry.place import HEADER, parse

SCHEMA = Path(__file__).with_name("dead_letters.sql")
PAGE = 50
_EXCERPT = 300
_SERVICE = re.compile(r"[a-z0-9-]{1,40}")
_REPLAYABLE = frozenset(f"orders.{type_}" for type_ in events.TYPES)

_KEEP = """
    INSERT INTO dead_letters (id, service, subject, reason, body, is_whole, replays, died_at, traceparent)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (id) DO NOTHING
"""
_FIND = """
    SELECT id, number, service, subject, reason, body, is_whole, replays, died_at, replayed_at, replayed_by,
        traceparent
    FROM dead_letters WHERE
"""
_OPEN = f"{_FIND} replayed_at IS NULL AND number < $1 ORDER BY number DESC LIMIT $2"
_ALL = f"{_FIND} number < $1 ORDER BY number DESC LIMIT $2"
_HOLD = f"{_FIND} id = $1 FOR UPDATE"
_REPLAYED = "UPDATE dead_letters SET replayed_at = now(), replayed_by = $2 WHERE id = $1"
_ABOVE_ALL = 2**63 - 1


class DeadLetter(NamedTuple):
    """A message that a service gave up."""

    id: UUID
    number: int
    service: str
    subject: str
    reason: str
    body: bytes
    is_whole: bool
    replays: int
    died_at: datetime
    replayed_at: datetime | None
    replayed_by: str | None
    traceparent: str | None

    @property
    def excerpt(self) -> str:
        """The beginning of its body, with a mark in the place of whatever cannot be shown."""
        text = self.body[: 4 * _EXCERPT].decode("utf-8", "replace")
        shown = "".join(
            character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text
        )
        return shown if len(self.body) <= 4 * _EXCERPT and len(shown) <= _EXCERPT else f"{shown[:_EXCERPT]}…"

    @property
    def why_final(self) -> str:
        """Why it cannot be replayed; empty when it can."""
        if self.subject not in _REPLAYABLE or not _SERVICE.fullmatch(self.service):
            return "no service reads this subject"
        if not self.is_whole:
            return "it was too large to be kept whole"
        try:
            is_text = "\0" not in self.body.decode()
        except UnicodeDecodeError:
            is_text = False
        return "" if is_text else "its body is not text"


class NoSuchLetter(Exception):  # noqa: N818 - named for what was found, not for being an error
    """There is no dead letter of this id."""


class Final(Exception):  # noqa: N818 - named for what was found, not for being an error
    """A dead letter that cannot be replayed; the text says why."""


async def keep(connection: Connection, message: Msg) -> None:
    """Keep a message of the stream DEAD; one that is kept already stays as it is."""
    headers, place = message.headers or {}, message.metadata
    await connection.execute(
        _KEEP,
        _id_of(message),
        message.subject.removeprefix("dead."),
        _text(headers.get(dead.ORIGINAL_SUBJECT, "")),
        _text(headers.get(dead.REASON, "not told")),
        message.data,
        dead.CUT not in headers,
        _count(headers.get(dead.REPLAYS, "")),
        place.timestamp,
        _place(headers.get(HEADER, "")),
    )


async def page(
    connection: Connection, *, before: int | None, everything: bool
) -> tuple[list[DeadLetter], int | None]:
    """Return dead letters, newest first, and where the next page begins if there is one."""
    query = _ALL if everything else _OPEN
    rows = await connection.fetch(query, _ABOVE_ALL if before is None else before, PAGE + 1)
    letters = [DeadLetter(*row) for row in rows[:PAGE]]
    return letters, letters[-1].number if len(rows) > PAGE else None


async def replay(connection: Connection, letter_id: UUID, operator: str) -> None:
    """Have the outbox publish a dead letter again, for the service alone that gave it up.

    Raises:
        NoSuchLetter: there is none of this id.
        Final: it was replayed already, or nobody could read it.
    """
    row = await connection.fetchrow(_HOLD, letter_id)
    if row is None:
        raise NoSuchLetter
    letter = DeadLetter(*row)
    if letter.replayed_at:
        raise Final(f"it was replayed already, by {letter.replayed_by}")
    if letter.why_final:
        raise Final(letter.why_final)
    headers = {dead.FOR: letter.service, dead.REPLAYS: str(letter.replays + 1)}
    spans.current().link(letter.traceparent)
    await outbox.put_again(
        connection, letter.id, letter.subject, letter.body.decode(), headers, letter.traceparent
    )
    await connection.execute(_REPLAYED, letter.id, operator)


def _id_of(message: Msg) -> UUID:
    try:
        return UUID((message.headers or {}).get(dead.ID, ""))
    except ValueError:  # put there by somebody else: its place in the stream tells it from others
        place = message.metadata
        return uuid5(NAMESPACE_OID, f"{place.stream} {place.sequence.stream} {place.timestamp}")


def _text(value: str) -> str:
    """Return what the database can hold."""
    return value.replace("\0", "").encode("utf-8", "replace").decode()


def _place(text: str) -> str | None:
    return text if parse(text) else None


def _count(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
