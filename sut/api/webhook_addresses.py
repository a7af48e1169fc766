"""Where webhooks may go: to public addresses by https, or, if the setting says so, to this machine alone.

A partner chooses the address, so it must lead to nothing that only we can reach. A name is resolved when the
connection is made, and the connection goes to the very address that was checked.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

import httpcore

from sut.api.settings import LOOPBACK, PUBLIC

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
# Addresses that lead elsewhere than they seem: translated and tunnelled IPv4.
_TUNNELS = tuple(map(ipaddress.IPv6Network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")))


class NotAllowed(Exception):  # noqa: N818 - named for what it says of an address
    """Webhooks must not go to this address; the text says why, for the partner."""


def check_url(url: str, reach: str) -> None:
    """Refuse an address by what is written in it.

    Raises:
        NotAllowed: with the reason.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise NotAllowed("is no address") from None
    if not host or port == 0 or parts.fragment or not url.isascii() or any(sign in url for sign in " \\"):
        raise NotAllowed("must be an absolute address without a fragment")
    if parts.username is not None or parts.password is not None:
        raise NotAllowed("must hold no user and no password")
    schemes = ("https",) if reach == PUBLIC else ("http", "https")
    if parts.scheme not in schemes:
        raise NotAllowed(f"must begin with {schemes[0]}://")
    literal = _literal(host)
    if literal is not None:
        check_address(literal, reach)
    elif reach == LOOPBACK and host != "localhost":
        raise NotAllowed("must be on this machine")


def check_address(address: _Address, reach: str) -> None:
    """Refuse an address that a connection would go to.

    Raises:
        NotAllowed: with the reason.
    """
    mapped = getattr(address, "ipv4_mapped", None)
    address = mapped or address
    if reach == LOOPBACK:
        if not address.is_loopback:
            raise NotAllowed("must be on this machine")
    elif not address.is_global or address.is_multicast or any(address in net for net in _nets(address)):
        raise NotAllowed("must be a public address")


def _nets(address: _Address) -> Iterable[ipaddress.IPv6Network]:
    return _TUNNELS if address.version == 6 else ()


def _literal(host: str) -> _Address | None:
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        pass
    try:
        # Resolvers also read 127.1, 0x7f.1 and 2130706433 as addresses.
        return ipaddress.IPv4Address(socket.inet_aton(host))
    except OSError:
        return None


class Guarded(httpcore.AsyncNetworkBackend):
    """Connects to addresses that are allowed, and to no other, whatever a name resolves to."""

    def __init__(self, reach: str) -> None:
        self._reach = reach
        self._backend = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Resolve, check and connect to the address that was checked."""
        address = await self._allowed(host, port)
        return await self._backend.connect_tcp(address, port, timeout, local_address, socket_options)

    async def _allowed(self, host: str, port: int) -> str:
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise httpcore.ConnectError("the name cannot be resolved") from error
        for *_, place in found:
            check_address(ipaddress.ip_address(str(place[0]).partition("%")[0]), self._reach)
        if not found:
            raise httpcore.ConnectError("the name has no address")
        return str(found[0][4][0])
