"""The files of uploaded models, kept in the broker's object store: messages carry only their names."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import nats.js.errors
from nats.js.object_store import ObjectStore

from sut.broker import MODELS, Broker

_STREAM = f"OBJ_{MODELS}"


class ModelFiles:
    """Keeps and fetches the files of models by name."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._store = ObjectStore(MODELS, _STREAM, broker.jetstream)

    async def put(self, name: str, content: bytes) -> None:
        """Keep a file.

        Raises:
            BrokerUnavailable: it was not kept.
        """
        await self._broker.ask(lambda: self._store.put(name, content))

    async def size_bytes(self, name: str) -> int:
        """Tell how large a kept file is.

        Raises:
            BrokerUnavailable: the broker does not answer.
            KeyError: no file has this name.
        """
        try:
            return int((await self._broker.ask(lambda: self._about(name)))["size"])
        except nats.js.errors.NotFoundError:
            raise KeyError(name) from None

    async def get(self, name: str) -> bytes:
        """Fetch a kept file.

        Raises:
            BrokerUnavailable: the broker does not answer.
            KeyError: no file has this name.
        """
        try:
            return await self._broker.ask(lambda: self._get(name))
        except nats.js.errors.NotFoundError:
            raise KeyError(name) from None

    async def _get(self, name: str) -> bytes:
        """Read small files with two direct requests; the library makes and drops a consumer for each read."""
        info = await self._about(name)
        if info["chunks"] != 1:
            return bytes((await self._store.get(name)).data or b"")
        content = await self._last(f"$O.{MODELS}.C.{info['nuid']}")
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode()
        if not hmac.compare_digest(info["digest"], f"SHA-256={digest}"):
            raise ValueError(f"the file {name} is damaged")
        return content

    async def _about(self, name: str) -> dict[str, Any]:
        about = await self._last(f"$O.{MODELS}.M.{base64.urlsafe_b64encode(name.encode()).decode()}")
        info: dict[str, Any] = json.loads(about)
        return info

    async def _last(self, subject: str) -> bytes:
        message = await self._broker.jetstream.get_last_msg(_STREAM, subject, direct=True)
        return message.data or b""
