"""Sends webhooks: at least once, under the id of their event, the events of one order in sequence."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from datetime import timedelta
from functools import lru_cache, partial
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import httpcore

from sut import events, tasks
from sut.api import webhook_signing, webhook_store
from sut.api.webhook_addresses import Guarded, NotAllowed, check_url
from sut.database import Database, DatabaseUnavailable, Row
from sut.events import timestamp
from sut.telemetry import spans
from sut.telemetry.place import HEADER
from sut.telemetry.spans import Named, Span
from sut.telemetry.wire import Kind

log = logging.getLogger(__name__)

_POLL_S = 1.0
_PAUSE_S = 0.1  # commits come by the hundred a second; one look serves many
_ENDPOINTS_AT_ONCE = 16
_TIMEOUT_S = 5.0
_ANSWER_MOST_BYTES = 64_000
_GIVE_UP_AFTER = timedelta(days=1)
_LONGEST_DELAY_S = 3600.0
_LONGEST_PAUSE_S = 60.0
_CLEAN_EVERY_S = 3600.0


class Sender:
    """The background task that sends what waits; each endpoint is served by one process at a time.

    An endpoint that fails is left alone for a while and then asked with one delivery, so that a dead one
    costs next to nothing, however much waits for it.
    """

    def __init__(self, database: Database, reach: str) -> None:
        self._database = database
        self._reach = reach
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._serving: dict[UUID, asyncio.Task[None]] = {}
        self._pool: httpcore.AsyncConnectionPool | None = None
        self._cleaned_at = time.monotonic()
        database.on_commit(self._wake.set)

    async def start(self) -> None:
        """Begin to send."""
        self._pool = httpcore.AsyncConnectionPool(
            network_backend=Guarded(self._reach), max_connections=100, keepalive_expiry=10.0
        )
        self._task = asyncio.create_task(self._run(), name="webhooks")

    async def stop(self) -> None:
        """Stop; what was not confirmed is sent again by whoever comes next."""
        await tasks.end([self._task, *self._serving.values()])
        if self._pool:
            await self._pool.aclose()

    async def _run(self) -> None:
        while True:
            self._wake.clear()
            try:
                await self._look()
            except DatabaseUnavailable as error:
                log.warning("webhooks wait for the database: %s", error)
            await asyncio.sleep(_PAUSE_S)
            try:
                await asyncio.wait_for(self._wake.wait(), timeout=_POLL_S)
            except TimeoutError:
                continue

    async def _look(self) -> None:
        free = _ENDPOINTS_AT_ONCE - len(self._serving)
        if free <= 0:
            return
        async with self._database.connection() as connection:
            for row in await webhook_store.claim(connection, list(self._serving), free):
                task = asyncio.create_task(self._serve(row), name="webhook")
                self._serving[row["id"]] = task
                task.add_done_callback(partial(self._served, row["id"]))
            if time.monotonic() - self._cleaned_at > _CLEAN_EVERY_S:
                self._cleaned_at = time.monotonic()
                await webhook_store.clean(connection)

    def _served(self, webhook_id: UUID, task: asyncio.Task[None]) -> None:
        del self._serving[webhook_id]
        self._wake.set()
        if not task.cancelled() and (error := task.exception()):
            log.error("webhook %s is served again later: %s", webhook_id, error)

    async def _serve(self, webhook: Row) -> None:
        """Send what waits for one endpoint; while it fails, one delivery only."""
        failures, began = webhook["failures"], time.monotonic()
        due = await self._due(webhook, 1 if failures else webhook_store.AT_ONCE)
        pause_s = 0.0 if due else _POLL_S  # what is due may wait behind what is not
        while due and time.monotonic() - began < webhook_store.LEASE_S / 3:
            done = await asyncio.gather(*(self._deliver(webhook, delivery) for delivery in due))
            if not all(done):
                failures = 0 if any(done) else failures + 1
                pause_s = min(_back_off_s(failures), _LONGEST_PAUSE_S) if failures else 0.0
                break
            failures = 0
            due = await self._due(webhook, webhook_store.AT_ONCE)
        async with self._database.connection() as connection:
            await webhook_store.release(connection, webhook["id"], failures, pause_s)

    async def _due(self, webhook: Row, limit: int) -> list[Row]:
        async with self._database.connection() as connection:
            return await webhook_store.due(connection, webhook["id"], limit)

    async def _deliver(self, webhook: Row, delivery: Row) -> bool:
        """Send one delivery and keep what came of it; say whether it was taken."""
        began, at = time.perf_counter(), events.now()
        with spans.after(delivery["traceparent"], _to(webhook["url"])) as span:
            span.of_order(delivery["order_id"])
            status, error = await self._post(webhook, delivery)
            _note(span, status)
        taken = status is not None and 200 <= status < 300
        tries = len(delivery["attempts"]) + 1
        gives_up = at - delivery["occurred_at"] > _GIVE_UP_AFTER
        state = "delivered" if taken else "failed" if gives_up else "pending"
        attempt: dict[str, Any] = {
            "at": timestamp(at),
            "status": status,
            "error": error,
            "took_ms": round((time.perf_counter() - began) * 1000, 1),
        }
        async with self._database.connection() as connection:
            await webhook_store.note(connection, delivery["id"], state, attempt, _back_off_s(tries))
        return taken

    async def _post(self, webhook: Row, delivery: Row) -> tuple[int | None, str | None]:
        """Return the receiver's status, or why there is none; of its answer nothing else is kept."""
        assert self._pool, "not started"
        body = webhook_signing.body_of(delivery)
        headers = webhook_signing.headers_of(delivery, webhook["secret"], body, int(time.time()))
        if place := spans.traceparent():
            headers[HEADER] = place
        try:
            check_url(webhook["url"], self._reach)
            async with asyncio.timeout(_TIMEOUT_S):
                request = self._pool.stream(
                    "POST", webhook["url"], headers=list(headers.items()), content=body
                )
                async with request as response:
                    await _drain(response)
                    return response.status, None
        except NotAllowed as refused:
            return None, f"the address {refused}"
        except TimeoutError:
            return None, f"no answer within {_TIMEOUT_S:.0f} s"
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException, OSError) as error:
            return None, f"cannot be reached ({type(error).__name__})"


@lru_cache(256)
def _to(url: str) -> Named:
    address = urlsplit(url)
    about = {"http.request.method": "POST", "server.address": address.hostname or ""}
    return Named("deliver webhook", Kind.CLIENT, about)


def _note(span: Span, status: int | None) -> None:
    if status is not None:
        span.set("http.response.status_code", status)
    if status is None or status >= 400:
        span.fail()


async def _drain(response: httpcore.Response) -> None:
    """Read an answer to its end, so that the connection can be used again, or leave it when it is long."""
    read = 0
    async for chunk in response.aiter_stream():
        read += len(chunk)
        if read > _ANSWER_MOST_BYTES:
            return


def _back_off_s(tries: int) -> float:
    """Wait 1, 3, 9, 27, … s, at most an hour, each a little differently."""
    return min(3.0 ** min(tries - 1, 9), _LONGEST_DELAY_S) * random.uniform(0.9, 1.1)  # noqa: S311 - no secret
