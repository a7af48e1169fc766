"""Sends the mails that notices asked for: one by one, marked when the mail server has taken them."""

from __future__ import annotations

import asyncio
import logging
from email.message import EmailMessage
from typing import NamedTuple
from urllib.parse import unquote, urlsplit
from uuid import UUID

import aiosmtplib
import asyncpg

from sut.database import Database, DatabaseUnavailable
from sut.mes.settings import MesSettings
from sut.telemetry import spans
from sut.telemetry.wire import Kind

log = logging.getLogger(__name__)

_POLL_S = 1.0
_TIMEOUT_S = 5.0
_TRIES = 12  # with the back-off below that is about half an hour
_NEXT = """
    SELECT notice_id, account_id, email, name, keys.order_id, notices.order_number, material, quantity, tries,
        traceparent
    FROM notice_mails JOIN notices ON notices.id = notice_id JOIN accounts ON accounts.id = account_id
        JOIN work_order_keys AS keys ON keys.id = work_order_id
    WHERE sent_at IS NULL AND given_up_at IS NULL AND next_try_at <= now()
    ORDER BY next_try_at LIMIT 1 FOR UPDATE OF notice_mails SKIP LOCKED
"""
_SENT = "UPDATE notice_mails SET sent_at = now(), last_error = NULL WHERE notice_id = $1 AND account_id = $2"
_FAILED = """
    UPDATE notice_mails SET tries = tries + 1, last_error = $3,
        next_try_at = now() + least(power(2, tries), 300) * interval '1 second',
        given_up_at = CASE WHEN tries + 1 >= $4 THEN now() END
    WHERE notice_id = $1 AND account_id = $2
"""


class Mail(NamedTuple):
    """One notice for one operator."""

    notice_id: int
    account_id: UUID
    email: str
    name: str
    order_id: UUID
    order_number: str
    material: str
    quantity: int
    tries: int
    traceparent: str | None


class NoticeMail:
    """The background task that sends what waits; several processes may run it at once.

    A crash between the mail server's yes and the commit sends that one mail again, under the same Message-ID.
    """

    def __init__(self, database: Database, settings: MesSettings) -> None:
        self._database = database
        self._server = urlsplit(settings.smtp_url)
        self._sending = spans.Named(
            "send mail",
            Kind.CLIENT,
            {"server.address": self._server.hostname or "", "network.protocol.name": "smtp"},
        )
        self._from = settings.mail_from
        self._site = (
            settings.public_url.rstrip("/") or f"http://{settings.listen_host}:{settings.listen_port}"
        )
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        database.on_commit(self._wake.set)

    async def start(self) -> None:
        """Begin to send, if there is a mail server."""
        if self._server.hostname:
            self._task = asyncio.create_task(self._run(), name="notice-mail")

    async def stop(self) -> None:
        """Stop; what is unsent stays in the database."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def send_next(self) -> bool:
        """Send the mail that waits longest; say whether there was one."""
        async with self._database.connection() as connection, connection.transaction():
            row = await connection.fetchrow(_NEXT)
            if row is None:
                return False
            await self._send(connection, Mail(*row))
        return True

    async def _run(self) -> None:
        while True:
            self._wake.clear()
            try:
                while await self.send_next():
                    pass
            except DatabaseUnavailable as error:
                log.warning("mails wait for the database: %s", error)
            try:
                await asyncio.wait_for(self._wake.wait(), timeout=_POLL_S)
            except TimeoutError:
                continue

    async def _send(self, connection: asyncpg.Connection, mail: Mail) -> None:
        try:
            with spans.after(mail.traceparent, self._sending) as span:
                span.of_order(mail.order_id)
                await self._hand_over(mail)
        except Exception as error:  # whatever is wrong with this mail must not keep the others waiting
            reason = f"{type(error).__name__}: {error}"[:500]
            log.warning("mail of notice %d, try %d of %d: %s", mail.notice_id, mail.tries + 1, _TRIES, reason)
            await connection.execute(_FAILED, mail.notice_id, mail.account_id, reason, _TRIES)
        else:
            await connection.execute(_SENT, mail.notice_id, mail.account_id)

    async def _hand_over(self, mail: Mail) -> None:
        await aiosmtplib.send(
            self.message(mail),
            hostname=self._server.hostname,
            port=self._server.port,
            username=unquote(self._server.username) if self._server.username else None,
            password=unquote(self._server.password) if self._server.password else None,
            use_tls=self._server.scheme == "smtps",
            timeout=_TIMEOUT_S,
        )

    def message(self, mail: Mail) -> EmailMessage:
        """Return the mail as it is sent."""
        message = EmailMessage()
        message["From"] = self._from
        message["To"] = mail.email
        message["Subject"] = f"New order to make: {mail.order_number}"
        message["Message-ID"] = f"<notice-{mail.notice_id}-{mail.account_id}@{self._from.partition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(
            f"Hello {mail.name},\n\n"
            f"order {mail.order_number} is approved and can be made: {mail.quantity} x {mail.material}.\n\n"
            f"Take it: {self._site}/orders/{mail.order_number}\n\n"
            f"Which mails you get: {self._site}/notifications\n"
        )
        return message
