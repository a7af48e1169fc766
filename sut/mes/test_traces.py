"""An order's traces in the MES: what comes later leads to what was before."""

from __future__ import annotations

from collections.abc import Callable
from email.message import EmailMessage
from typing import TYPE_CHECKING, Any

import aiosmtplib
import pytest

from sut.mes.notice_mail import NoticeMail
from sut.mes.test_notice_mail import SETTINGS, _clear, _operator
from sut.states import Command
from sut.telemetry import spans
from sut.telemetry.conftest import Recorded, attributes

if TYPE_CHECKING:
    from sut.mes.conftest import Factory, Story


def test_operators_steps_link_to_the_one_before(recorded: Recorded, tell: Callable[[Story], None]) -> None:
    """From each step a search leads back to the approval, although each is a trace of its own."""

    async def story(factory: Factory) -> None:
        with spans.below(spans.Named("approval")):
            await factory.hear("api.submitted", "pricing.quoted", "api.approved")
        for step in (Command.TAKE, Command.MAKE):
            with spans.below(spans.Named(step)):
                await factory.do(step)
        assert {attributes(recorded.named(step))["order.id"] for step in ("take", "make")} == {
            str(factory.order_id)
        }

    tell(story)
    approval, take, make = [recorded.named(name) for name in ("approval", "take", "make")]
    assert [link.span_id for link in take.links] == [approval.span_id]
    assert [link.span_id for link in make.links] == [take.span_id]
    assert len({approval.trace_id, take.trace_id, make.trace_id}) == 3


def test_mail_is_sent_in_the_trace_of_its_reason(
    tell: Callable[[Story], None],
    recorded: Recorded,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever asks why an operator was not told sees each try to send the mail, below the approval."""
    tries: list[EmailMessage] = []

    async def send(message: EmailMessage, **_: Any) -> None:
        tries.append(message)
        if len(tries) == 1:
            raise OSError("no line")

    monkeypatch.setattr(aiosmtplib, "send", send)

    async def story(factory: Factory) -> None:
        await _clear(factory)
        await _operator(factory, "olga@mes.example")
        with spans.below(spans.Named("approval")):
            await factory.hear("api.submitted", "pricing.quoted", "api.approved")
        mail = NoticeMail(factory.database, SETTINGS)
        assert await mail.send_next()
        async with factory.database.transaction() as connection:
            await connection.execute("UPDATE notice_mails SET next_try_at = now()")
        assert await mail.send_next()

    tell(story)
    approval = recorded.named("approval")
    sent = [span for span in recorded.spans if span.name == "send mail"]
    assert {(span.trace_id, span.parent_span_id) for span in sent} == {(approval.trace_id, approval.span_id)}
    assert [span.status.code == span.status.STATUS_CODE_ERROR for span in sent] == [True, False]
