"""Mails to operators: one for each order and operator, tried again, and none keeps another waiting."""

from __future__ import annotations

from collections.abc import Callable
from email.message import EmailMessage
from typing import TYPE_CHECKING, Any
from uuid import UUID

import aiosmtplib
import pytest

from sut.mes import notices
from sut.mes.notice_mail import NoticeMail
from sut.mes.notices import Preferences
from sut.mes.settings import MesSettings

if TYPE_CHECKING:
    from sut.mes.conftest import Factory, Story

SETTINGS = MesSettings(
    database_url="postgresql://nobody@127.0.0.1:1/none",
    broker_url="nats://127.0.0.1:1",
    listen_port=1,
    mes_session_secret="s" * 32,
    mes_admin_token="a" * 32,
    mes_audit_token="t" * 32,
    smtp_url="smtp://127.0.0.1:1",
    public_url="https://mes.example/",
)
_ADD = """
    INSERT INTO accounts (email, name, password_hash, role) VALUES ($1, $1, '', 'operator') RETURNING id
"""
_FORGET = "DELETE FROM accounts"
_RETRY_NOW = "UPDATE notice_mails SET next_try_at = now()"
_SAID = "SELECT tries, last_error, sent_at IS NOT NULL FROM notice_mails WHERE account_id = $1"


async def _operator(factory: Factory, email: str) -> UUID:
    async with factory.database.transaction() as connection:
        account_id: UUID = await connection.fetchval(_ADD, email)
        await notices.prefer(connection, account_id, Preferences(by_mail=True))
    return account_id


async def _said(factory: Factory, account_id: UUID) -> tuple[Any, ...]:
    async with factory.database.connection() as connection:
        return tuple(await connection.fetchrow(_SAID, account_id))


async def _approved(factory: Factory) -> None:
    await factory.hear("api.submitted", "pricing.quoted", "api.approved", "api.approved")


async def _clear(factory: Factory) -> None:
    async with factory.database.transaction() as connection:
        await connection.execute(_FORGET)


def test_a_mail_that_cannot_be_sent_does_not_keep_others_waiting(
    tell: Callable[[Story], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the library makes of one address, the next operator gets a mail, once."""
    sent: list[str] = []

    async def send(message: EmailMessage, **_: Any) -> None:
        if "bad" in message["To"]:
            raise ValueError("not permitted in an SMTP mailbox")
        sent.append(message.get_content())

    monkeypatch.setattr(aiosmtplib, "send", send)

    async def story(factory: Factory) -> None:
        await _clear(factory)
        bad, good = await _operator(factory, "bad@mes.example"), await _operator(factory, "good@mes.example")
        await _approved(factory)
        mail = NoticeMail(factory.database, SETTINGS)

        assert [await mail.send_next() for _ in range(3)] == [True, True, False]

        assert await _said(factory, good) == (0, None, True)
        assert (await _said(factory, bad))[0] == 1
        assert [f"https://mes.example/orders/{factory.number}" in text for text in sent] == [True]

    tell(story)


def test_a_mail_waits_for_the_mail_server(tell: Callable[[Story], None]) -> None:
    """While the server is away a mail is tried again later, and what went wrong is kept."""

    async def story(factory: Factory) -> None:
        await _clear(factory)
        operator = await _operator(factory, "olga@mes.example")
        await _approved(factory)
        mail = NoticeMail(factory.database, SETTINGS)

        assert [await mail.send_next(), await mail.send_next()] == [True, False]
        async with factory.database.transaction() as connection:
            await connection.execute(_RETRY_NOW)
        assert await mail.send_next()

        tries, error, is_sent = await _said(factory, operator)
        assert (tries, is_sent) == (2, False)
        assert "Connect" in error

    tell(story)
