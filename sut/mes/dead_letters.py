"""The operators' page of messages that services gave up, and the way to have one handled after all."""

from __future__ import annotations

import asyncio
import logging
from contextlib import aclosing
from typing import Annotated
from uuid import UUID

import nats.errors
import nats.js.errors
from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from sut import tasks
from sut.accounts.current import only
from sut.accounts.roles import Role
from sut.accounts.store import Account
from sut.broker import DEAD_STREAM, DEAD_SUBJECTS, Broker
from sut.database import Database, DatabaseUnavailable
from sut.mes import dead_letter_store as store
from sut.mes.dead_letter_store import Final, NoSuchLetter
from sut.mes.figures import REPLAY
from sut.pages.forms import SentForm
from sut.pages.routing import PageRoute
from sut.pages.templating import pages_of
from sut.problems import Problem
from sut.pulling import ConsumerGone, ensure_consumer, messages

log = logging.getLogger(__name__)

_CONSUMER = "mes-dead-letters"
_AT_ONCE = 8
_AGAIN_S = 1.0

router = APIRouter(include_in_schema=False, route_class=PageRoute)
Operator = Annotated[Account, Depends(only(Role.OPERATOR))]


@router.get("/dead-letters")
async def dead_letters(request: Request, operator: Operator, show: str = "", before: str = "") -> Response:
    """Show the messages that wait for somebody, newest first, or with those replayed."""
    if show not in ("", "all"):
        raise _refusal(422, "What is shown is all or nothing said.")
    async with _database(request).connection() as connection:
        letters, next_before = await store.page(
            connection, before=_position(before), everything=show == "all"
        )
    everything = "show=all&" if show else ""
    return pages_of(request).page(
        request,
        "dead-letters.html",
        letters=letters,
        everything=bool(show),
        next_page=f"/dead-letters?{everything}before={next_before}" if next_before else None,
    )


@router.post("/dead-letters/{letter_id}/replay")
async def replay(request: Request, operator: Operator, letter_id: str, form: SentForm) -> Response:
    """Send a dead letter to its service again."""
    try:
        async with _database(request).transaction() as connection:
            await store.replay(connection, UUID(letter_id), operator.name)
    except (ValueError, NoSuchLetter):
        raise _refusal(404, "There is no such dead letter.") from None
    except Final as final:
        raise _refusal(409, f"This message cannot be replayed: {final}.") from None
    request.app.state.activity.did(REPLAY)
    return RedirectResponse("/dead-letters", 303)


class DeadLetterOffice:
    """The background task that takes what dies from the broker into the MES's database."""

    def __init__(self, database: Database, broker: Broker) -> None:
        self._database = database
        self._broker = broker
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin as soon as the broker can be used."""
        self._task = asyncio.create_task(self._run(), name="dead-letters")

    async def stop(self) -> None:
        """Stop; what was not taken comes again."""
        await tasks.end([self._task])

    async def _run(self) -> None:
        while True:
            await self._broker.wait_connected()
            try:
                await self._take()
            except DatabaseUnavailable as error:
                log.info("dead letters wait for the database: %s", error)
            except (ConsumerGone, nats.errors.Error, nats.js.errors.Error, OSError, TimeoutError) as error:
                log.warning("taking dead letters was interrupted: %s", error)
            await asyncio.sleep(_AGAIN_S)

    async def _take(self) -> None:
        await ensure_consumer(self._broker.jetstream, DEAD_STREAM, _CONSUMER, DEAD_SUBJECTS)
        stream = messages(self._broker.client, DEAD_STREAM, _CONSUMER, batch=_AT_ONCE)
        async with aclosing(stream):
            async for message in stream:
                async with self._database.connection() as connection:
                    await store.keep(connection, message)
                await message.ack()


def _position(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise _refusal(422, "The page's position is not one of ours.")
    return int(text)


def _refusal(status: int, text: str) -> Problem:
    return Problem(status, text, back="/dead-letters", back_text="Dead letters")


def _database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database
