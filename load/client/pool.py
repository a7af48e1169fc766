"""Connections to one origin: found, made, kept alive and used again, the latest first."""

import os
import ssl
import time
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import SplitResult

import gevent
from gevent import monkey, socket
from gevent.timeout import Timeout

from load.client.faults import Kind, NoAnswer
from load.client.wire import Connection

_WRITE = 2
_PORTS = {"http": 80, "https": 443}
_PLAIN_SOCKET: Any = monkey.get_original("socket", "socket")
"""gevent's own sockets wait by themselves; ours are watched."""


class Origin(NamedTuple):
    """Whom a connection is with."""

    scheme: str
    host: str
    port: int

    @classmethod
    def of(cls, url: SplitResult) -> "Origin":
        """Return the origin of an absolute URL.

        Raises:
            ValueError: it is not absolute, or neither http nor https.
        """
        if url.scheme not in _PORTS or not url.hostname:
            raise ValueError(f"{url.geturl()!r} is no http:// or https:// URL")
        return cls(url.scheme, url.hostname, url.port or _PORTS[url.scheme])

    @property
    def host_field(self) -> str:
        """What the `Host` field says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


class Pool:
    """The connections to one origin."""

    def __init__(self, origin: Origin, *, is_verified: bool = True) -> None:
        self.origin, self._is_verified = origin, is_verified
        self._idle: dict[Connection, None] = {}
        self._addresses: list[tuple[int, Any]] = []
        self.made = 0

    def connection(self, timeout_s: float, *, is_new: bool = False, must_be_sure: bool = False) -> Connection:
        """Return an idle connection, or a new one.

        A server may have closed an idle one this very moment: who must be sure looks once more.

        Raises:
            NoAnswer: none could be made.
        """
        while self._idle and not is_new:
            idle, _ = self._idle.popitem()
            if not must_be_sure or idle.is_still_there():
                return idle
        return Connection(self._connected(timeout_s), self._idle)

    def close(self) -> None:
        """Close what is idle."""
        for connection in list(self._idle):
            connection.close()

    def _connected(self, timeout_s: float) -> Any:
        fault = NoAnswer(Kind.UNREACHABLE)
        ends = time.perf_counter() + timeout_s
        for family, address in list(self._resolved()):
            try:
                made = self._connect(family, address, max(0.001, ends - time.perf_counter()))
            except NoAnswer as refused:
                fault = refused
                continue
            if self._addresses[:1] != [(family, address)]:  # the next ask where somebody has answered
                self._addresses.sort(key=lambda each: each != (family, address))
            self.made += 1
            return made
        self._addresses = []  # it may have moved
        raise fault

    def _resolved(self) -> list[tuple[int, Any]]:
        if not self._addresses:
            try:
                found = socket.getaddrinfo(self.origin.host, self.origin.port, 0, socket.SOCK_STREAM)
            except OSError as error:
                raise NoAnswer(Kind.NO_HOST, str(error)) from None
            self._addresses = [(family, address) for family, _, _, _, address in found]
        return self._addresses

    def _connect(self, family: int, address: Any, timeout_s: float) -> Any:
        try:
            plain = _PLAIN_SOCKET(family, socket.SOCK_STREAM)
        except OSError as error:  # no more files may be opened here
            raise NoAnswer(Kind.UNREACHABLE, str(error)) from None
        try:
            plain.setblocking(False)
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with Timeout(timeout_s, NoAnswer(Kind.CONNECTING_TIMED_OUT)):
                _finish_connecting(plain, address)
                return self._secured(plain) if self.origin.scheme == "https" else plain
        except ConnectionRefusedError as error:
            plain.close()
            raise NoAnswer(Kind.REFUSED, str(error)) from None
        except ssl.SSLError as error:
            plain.close()
            raise NoAnswer(Kind.NOT_TRUSTED, str(error)) from None
        except OSError as error:
            plain.close()
            raise NoAnswer(Kind.UNREACHABLE, str(error)) from None
        except BaseException:
            plain.close()
            raise

    def _secured(self, plain: Any) -> Any:
        secured = _context(self._is_verified).wrap_socket(
            plain, server_hostname=self.origin.host, do_handshake_on_connect=False
        )
        while True:
            try:
                secured.do_handshake()
            except ssl.SSLWantReadError:
                socket.wait_read(secured.fileno())
            except ssl.SSLWantWriteError:
                socket.wait_write(secured.fileno())
            else:
                return secured


def _finish_connecting(plain: Any, address: Any) -> None:
    try:
        plain.connect(address)
    except BlockingIOError:
        watcher = gevent.get_hub().loop.io(plain.fileno(), _WRITE)
        try:
            gevent.get_hub().wait(watcher)
        finally:
            watcher.close()
        error = plain.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if error:
            raise OSError(error, os.strerror(error)) from None


@cache
def _context(is_verified: bool) -> Any:
    context_class: Any = monkey.get_original("ssl", "SSLContext")
    context = context_class(ssl.PROTOCOL_TLS_CLIENT)
    if is_verified:
        context.load_default_certs()
    else:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context
