"""The broker as an onlooker sees it: every message about orders since a moment, taken from nobody."""

import asyncio
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import nats
from nats.js.api import ConsumerConfig, DeliverPolicy

ALL_ORDERS = "orders.>"
BATCH = 200
QUIET_S = 0.2
CONNECT_WITHIN_S = 5


@dataclass(frozen=True)
class Message:
    """A message as it was published."""

    subject: str
    headers: dict[str, str]
    body: Any

    @property
    def type(self) -> str:
        """The event's type, such as api.submitted."""
        return self.subject.removeprefix("orders.")


def messages_of(broker_url: str, order_id: str, since: datetime) -> list[Message]:
    """Return what was published about an order since a moment, oldest first."""
    found = asyncio.run(_read(broker_url, since))
    return [message for message in found if message.body.get("order_id") == order_id]


async def _read(broker_url: str, since: datetime) -> list[Message]:
    client = await nats.connect(broker_url, connect_timeout=CONNECT_WITHIN_S, allow_reconnect=False)
    try:
        from_then = ConsumerConfig(
            deliver_policy=DeliverPolicy.BY_START_TIME,
            opt_start_time=since,
            inactive_threshold=30,
        )
        onlooker = await client.jetstream().pull_subscribe(ALL_ORDERS, config=from_then)
        found: list[Message] = []
        while True:
            try:
                batch = await onlooker.fetch(BATCH, timeout=QUIET_S)
            except TimeoutError:
                return found
            found += [Message(m.subject, dict(m.headers or {}), json.loads(m.data)) for m in batch]
            for message in batch:
                await message.ack()
    finally:
        await client.close()
