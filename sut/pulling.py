"""A standing pull request on a durable consumer: messages come as soon as they exist."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

#: After this time without a word a message is delivered again: how long a killed process delays what it held.
ACK_WAIT_S = 3.0

_EXPIRES_S = 1.0
_STATUS = "Status"
_HEARTBEAT = "100"
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


async def messages(client: Client, stream: str, consumer: str, *, batch: int) -> AsyncGenerator[Msg, None]:
    """Yield a durable consumer's messages for ever, asking for the next ones when a request is used up.

    Unlike `fetch` of the client library it never waits for a batch to fill.

    Raises:
        ConsumerGone: the consumer must be made again.
    """
    inbox = client.new_inbox()
    subject = f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}"
    request = json.dumps({"batch": batch, "expires": int(_EXPIRES_S * 1e9)}).encode()
    arrived: asyncio.Queue[Msg] = asyncio.Queue()
    subscription = await client.subscribe(inbox, cb=arrived.put)
    try:
        while True:
            await client.publish(subject, request, reply=inbox)
            for _ in range(batch):
                message = await _next(arrived)
                if message is None:
                    break
                yield message
    finally:
        await subscription.unsubscribe()


async def _next(arrived: asyncio.Queue[Msg]) -> Msg | None:
    """Return the next message, or None when the request's time is over."""
    while True:
        try:
            async with asyncio.timeout(_EXPIRES_S + 0.5):
                message = await arrived.get()
        except TimeoutError:
            return None
        if not _is_status(message):
            return message
        code = (message.headers or {}).get(_STATUS, "")
        if code in _ENDED:
            return None
        if code != _HEARTBEAT:
            raise ConsumerGone(f"{code} {(message.headers or {}).get('Description', '')}")


def _is_status(message: Msg) -> bool:
    return bool(message.headers and _STATUS in message.headers and not message.data)
