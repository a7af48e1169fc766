"""The connection to NATS JetStream: streams, confirmed publishing, and the store of uploaded models."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, TypeVar

import nats
import nats.errors
import nats.js.errors
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.api import ObjectStoreConfig, StorageType, StreamConfig

from sut import events, tasks

log = logging.getLogger(__name__)
T = TypeVar("T")

DEAD_STREAM = "DEAD"
DEAD_SUBJECTS = "dead.>"
MODELS = "models"

_STREAMS = (
    StreamConfig(
        name=events.STREAM, subjects=[events.SUBJECTS], storage=StorageType.FILE, duplicate_window=120.0
    ),
    StreamConfig(name=DEAD_STREAM, subjects=[DEAD_SUBJECTS], storage=StorageType.FILE),
)
_BROKER_ERRORS = (nats.errors.Error, nats.js.errors.Error, OSError, TimeoutError)
_NAME_IN_USE = 10058  # another service made the stream between our look and our attempt


class BrokerUnavailable(Exception):  # noqa: N818 - named for what happened, not for being an error
    """The broker did not confirm; nothing is known to have been stored."""


class Broker:
    """One service's connection to the broker; it tries for ever, also when the broker is down at start."""

    def __init__(self, url: str, *, name: str, timeout_s: float = 3.0) -> None:
        self._url = url
        self._name = name
        self._timeout_s = timeout_s
        self._client = Client()
        self._jetstream = self._client.jetstream(timeout=timeout_s)
        self._connecting: asyncio.Task[None] | None = None
        self._usable = asyncio.Event()
        self._was_usable = False

    @property
    def connected(self) -> bool:
        """Whether the broker can be used now."""
        return self._usable.is_set() and self._client.is_connected

    @property
    def was_connected(self) -> bool:
        """Whether the broker could be used at least once since this process started."""
        return self._was_usable

    @property
    def client(self) -> Client:
        """The NATS client itself, for subscriptions."""
        return self._client

    @property
    def jetstream(self) -> JetStreamContext:
        """The JetStream interface of this connection."""
        return self._jetstream

    async def start(self) -> None:
        """Begin to connect; return at once."""
        self._connecting = asyncio.create_task(self._connect(), name="broker")

    async def stop(self) -> None:
        """Close the connection."""
        await tasks.end([self._connecting])
        try:
            async with asyncio.timeout(0.5):
                await self._client.close()
        except _BROKER_ERRORS as error:
            log.debug("closing the broker connection: %s", error)

    async def wait_connected(self) -> None:
        """Wait until the broker can be used."""
        await self._usable.wait()

    async def publish(self, subject: str, payload: bytes, headers: dict[str, str] | None = None) -> None:
        """Publish to a stream and wait for its confirmation.

        Raises:
            BrokerUnavailable: it was not confirmed.
        """
        await self.ask(lambda: self.jetstream.publish(subject, payload, headers=headers))

    async def ask(self, call: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Await what a call to the broker gives.

        Raises:
            BrokerUnavailable: there is no broker, or it does not answer.
            NotFoundError: it answers that there is no such thing.
        """
        if not self.connected:
            raise BrokerUnavailable("not connected to the broker")
        try:
            async with asyncio.timeout(4 * self._timeout_s):
                return await call()
        except nats.js.errors.NotFoundError:
            raise
        except _BROKER_ERRORS as error:
            raise BrokerUnavailable(f"{type(error).__name__}: {error}") from error

    async def _connect(self) -> None:
        await self._client.connect(
            servers=self._url,
            name=self._name,
            max_reconnect_attempts=-1,
            reconnect_time_wait=0.2,  # type: ignore[arg-type]  # it only sleeps that long
            connect_timeout=2,
            ping_interval=5,
            max_outstanding_pings=2,
            error_cb=_note,
            disconnected_cb=self._lost,
            reconnected_cb=self._found,
        )
        await self._found()

    async def _lost(self) -> None:
        if self._usable.is_set():
            log.warning("the broker is gone; reconnecting")
        self._usable.clear()

    async def _found(self) -> None:
        """Make sure of the streams, also after a broker came back without its files."""
        while True:
            try:
                await self._ensure_streams()
            except _BROKER_ERRORS as error:
                log.warning("the broker's streams are not ready: %s", error)
                if not self._client.is_connected:
                    return
                await asyncio.sleep(0.2)
            else:
                self._was_usable = True
                self._usable.set()
                log.info("connected to the broker")
                return

    async def _ensure_streams(self) -> None:
        for config in _STREAMS:
            await self._ensure(str(config.name), partial(self.jetstream.add_stream, config))
        bucket = ObjectStoreConfig(bucket=MODELS, storage=StorageType.FILE)
        await self._ensure(f"OBJ_{MODELS}", partial(self.jetstream.create_object_store, MODELS, bucket))

    async def _ensure(self, stream: str, create: Callable[[], Coroutine[Any, Any, object]]) -> None:
        try:
            await self.jetstream.stream_info(stream)
        except nats.js.errors.NotFoundError:
            try:
                await create()
            except nats.js.errors.BadRequestError as error:
                if error.err_code != _NAME_IN_USE:
                    raise


async def _note(error: Exception) -> None:
    log.debug("broker: %s", error)
