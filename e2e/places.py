"""People who sit elsewhere: each at an address of its own, as far as this machine can have several."""

from __future__ import annotations

import random
from ipaddress import ip_address
from urllib.parse import urlsplit

import httpx

from fixtures.connection import TIMEOUT_S
from fixtures.evidence import Inconclusive
from fixtures.web_doors import WebDoor


class Places:
    """Lends addresses of 127.0.0.0/8, all of which are this machine's on Linux."""

    def __init__(self) -> None:
        self._chance = random.SystemRandom()
        self._open: list[WebDoor] = []

    def stranger(self, base_url: str) -> WebDoor:
        """Somebody without an account, at an address that nobody else uses.

        Raises:
            Inconclusive: the service is not on this machine, so it would see one address for everybody.
        """
        host = urlsplit(base_url).hostname or ""
        if host != "localhost" and not (host.startswith("127.") and ip_address(host).is_loopback):
            raise Inconclusive(f"{base_url} is not on this machine: one address is all that it would see")
        door = WebDoor(base_url)
        door.http.close()
        transport = httpx.HTTPTransport(local_address=self._address())
        door.http = httpx.Client(base_url=base_url, timeout=TIMEOUT_S, transport=transport)
        self._open.append(door)
        return door

    def close(self) -> None:
        """Close all connections."""
        for door in self._open:
            door.close()

    def _address(self) -> str:
        return "127." + ".".join(str(self._chance.randint(1, 254)) for _ in range(3))
