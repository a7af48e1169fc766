"""Runs one service: its parts start with the application and stop with it, its log is JSON lines."""

from __future__ import annotations

import gc
import json
import logging
import os
import socket
import sys
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Protocol

import uvicorn
from fastapi import FastAPI

from sut.events import timestamp
from sut.protocol import StrictHttp
from sut.settings import ServiceSettings
from sut.telemetry import spans, tracing
from sut.telemetry.http_in import TracedHttp

_REQUESTS_GRACE_S = 1
_PARTS_GRACE_S = 1.8
_NOT_STARTED = 3  # as uvicorn's own command says it


class Part(Protocol):
    """Something that runs as long as the service does: database, broker, relay, consumer."""

    async def start(self) -> None:
        """Begin; return once it is under way."""

    async def stop(self) -> None:
        """End within a second."""


def lifespan(*parts: Part) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """Return a FastAPI lifespan that starts the parts in order and stops them in reverse."""

    @asynccontextmanager
    async def running(_: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for part in parts:
                stack.push_async_callback(part.stop)
                await part.start()
            # Modules and routes live as long as the process: the collector need not walk them each time.
            gc.freeze()
            yield
            _exit_in_any_case()

    return running


def run(
    app: FastAPI, settings: ServiceSettings, *, service: str, ending: Callable[[], None] | None = None
) -> None:
    """Serve until SIGTERM or SIGINT, then finish what is under way within 3 s.

    `ending` is called first; it ends what would go on for ever, such as streams of events to open pages.
    """
    log_as_json(service, settings.log_level)
    with tracing.of_service(service, settings):
        server = _Server(_configured(app, settings), ending)
        with suppress(KeyboardInterrupt):  # it has stopped in order by then
            server.run()
    if not server.started:
        sys.exit(_NOT_STARTED)


def _configured(app: FastAPI, settings: ServiceSettings) -> uvicorn.Config:
    return uvicorn.Config(
        TracedHttp(app) if spans.is_on() else app,
        host=settings.listen_host,
        port=settings.listen_port,
        loop="uvloop",
        http=StrictHttp,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies or None,
        server_header=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=_REQUESTS_GRACE_S,
    )


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, ending: Callable[[], None] | None) -> None:
        super().__init__(config)
        self._ending = ending

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self._ending:
            self._ending()
        await super().shutdown(sockets)


def _exit_in_any_case() -> None:
    """End the process even if a part hangs: what it holds is safe, because every part survives `kill -9`."""

    def give_up() -> None:
        logging.getLogger(__name__).warning("a part did not stop in time; leaving without it")
        os._exit(0)

    timer = threading.Timer(_PARTS_GRACE_S, give_up)
    timer.daemon = True
    timer.start()


def log_as_json(service: str, level: str) -> None:
    """Send every log record to stderr as one JSON object per line."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonLines(service))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.getLogger("httpx").setLevel(logging.WARNING)  # a line for each call says nothing


class _JsonLines(logging.Formatter):
    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": timestamp(datetime.fromtimestamp(record.created, UTC)),
            "level": record.levelname,
            "service": self._service,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if trace_id := spans.trace_id():
            line["trace_id"] = trace_id
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)
