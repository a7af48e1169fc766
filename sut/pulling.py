"""A standing pull request on a durable consumer: messages come as soon as they exist."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import nats.errors
import nats.js.errors
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

#: After this time without a word a message is delivered again: how long a killed process delays what it held.
ACK_WAIT_S = 3.0

_EXPIRES_S = 1.0
_STATUS = "Status"
_ENDED = ("404", "408")  # nothing there; the request's time is over


class ConsumerGone(Exception):  # noqa: N818 - named for what happened, not for being an error
    """The broker no longer has the consumer, or refuses the request."""


async def ensure_consumer(jetstream: JetStreamContext, stream: str, name: str, filter_subject: str) -> None:
    """Create the durable consumer, or bring an existing one to this configuration."""
    config = ConsumerConfig(
        durable_name=name,
        deliver_policy=DeliverPolicy.ALL,
        ack_policy=AckPolicy.EXPLICIT,
        ack_wait=ACK_WAIT_S,
        max_deliver=-1,
        max_ack_pending=1000,
        filter_subject=filter_subject,
    )
    await jetstream.add_consumer(stream, config)


async def messages(client: Client, stream: str, consumer: str, *, batch: int) -> AsyncIterator[Msg]:
    """Yield a durable consumer's messages for ever, asking for the next ones when a request is used up.

    Unlike `fetch` of the client library it never waits for a batch to fill.

    Raises:
        ConsumerGone: the consumer must be made again.
    """
    inbox = client.new_inbox()
    subject = f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}"
    request = json.dumps({"batch": batch, "expires": int(_EXPIRES_S * 1e9)}).encode()
    subscription = await client.subscribe(inbox)
    try:
        while True:
            await client.publish(subject, request, reply=inbox)
            for _ in range(batch):
                try:
                    message = await subscription.next_msg(timeout=_EXPIRES_S + 0.5)
                except nats.errors.TimeoutError:
                    break
                if not _is_status(message):
                    yield message
                elif _code(message) in _ENDED:
                    break
                elif _code(message) != "100":
                    raise ConsumerGone(f"{_code(message)} {(message.headers or {}).get('Description', '')}")
    finally:
        await subscription.unsubscribe()


def _is_status(message: Msg) -> bool:
    return bool(message.headers and _STATUS in message.headers and not message.data)


def _code(message: Msg) -> str:
    return (message.headers or {}).get(_STATUS, "")
