"""One kept-alive HTTP/1.1 connection, read in gevent's hub: a greenlet is woken once its answer is whole."""

import ssl
import time
from collections.abc import Iterable
from typing import Any, NamedTuple

import gevent

from load.client.faults import Kind, NoAnswer
from load.client.incoming import Incoming, Received

_READ, _WRITE = 1, 2
_NOT_NOW = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)
_BUFFER = memoryview(
    bytearray(256 * 1024)
)  # of all connections: what is read is parsed before anything else is
_SOON_S = 0.0005
CONTINUE_WITHIN_S = 1.0
"""How long a body waits for the `100 Continue` that it asked for; not every server sends one."""

Body = bytes | Iterable[bytes]


class Sent(NamedTuple):
    """A request, ready to be sent."""

    head: bytes
    body: Body = b""
    is_head: bool = False
    awaits_continue: bool = False


class Connection:
    """Carries one exchange at a time; while it is idle it is in its pool."""

    __slots__ = (
        *("_deadline", "_incoming", "_is_cut", "_pool", "_reading", "_rest", "_socket"),
        *("_timer", "_timer_at", "_waiting", "is_open", "was_used"),
    )

    def __init__(self, connected: Any, pool: dict["Connection", None]) -> None:
        self._socket, self._pool = connected, pool
        self.is_open, self.was_used = True, False
        self._incoming = Incoming()
        self._waiting: Any = None
        self._timer: Any = None
        self._timer_at = self._deadline = 0.0
        self._rest = gevent.get_hub().switch
        self._reading = gevent.get_hub().loop.io(connected.fileno(), _READ)
        self._reading.start(self._readable)

    def exchange(self, sent: Sent, timeout_s: float, largest: int) -> Received:
        """Send a request and return its answer.

        Raises:
            NoAnswer: there is none that can be believed; the connection is closed then.
        """
        incoming = self._incoming
        incoming.begin(is_head=sent.is_head, largest=largest)
        self._is_cut = False
        self._deadline = time.perf_counter() + timeout_s
        if self._timer is None or self._timer_at > self._deadline + _SOON_S:
            self._set_timer(timeout_s)
        try:
            self._send_all(sent)
            while not incoming.is_done:
                self._wait()
        except BaseException:
            self.close()
            raise
        if incoming.fault is not None:
            self.close()
            raise incoming.fault
        if self._is_cut or not incoming.keeps:
            self.close()
        elif self.is_open:
            self.was_used = True
            self._pool[self] = None
        return incoming.received()

    def is_still_there(self) -> bool:
        """Look whether the server has closed it while it was idle."""
        self._readable()
        return self.is_open

    def close(self) -> None:
        """Close it, whatever it is doing."""
        if self.is_open:
            self.is_open = False
            self._pool.pop(self, None)
            self._reading.stop()
            self._reading.close()
            self._stop_timer()
            self._socket.close()

    def _send_all(self, sent: Sent) -> None:
        if isinstance(sent.body, bytes) and not sent.awaits_continue:
            self._send(sent.head + sent.body)
            return
        self._send(sent.head)
        if sent.awaits_continue:
            self._await_continue()
        if isinstance(sent.body, bytes):
            self._send(sent.body)
            return
        for piece in sent.body:
            if piece:
                self._send(b"%x\r\n%b\r\n" % (len(piece), piece))
            if self._is_cut:
                return
        self._send(b"0\r\n\r\n")

    def _send(self, data: bytes) -> None:
        rest: bytes | memoryview = data
        while not self._incoming.is_done:
            try:
                count = self._socket.send(rest)
            except _NOT_NOW:
                self._wait_to_write()
                continue
            except OSError:
                break  # it was closed at the other end; what was answered before that is still to be read
            if count == len(rest):
                return
            rest = memoryview(rest)[count:]
        self._is_cut = True  # it was answered early: what was not sent would be taken for the next request

    def _wait_to_write(self) -> None:
        watcher = gevent.get_hub().loop.io(self._socket.fileno(), _WRITE)
        watcher.start(self._wake)
        try:
            self._wait()
        finally:
            watcher.stop()
            watcher.close()

    def _await_continue(self) -> None:
        ends = time.perf_counter() + CONTINUE_WITHIN_S
        timer = gevent.get_hub().loop.timer(CONTINUE_WITHIN_S)
        timer.start(self._wake)
        incoming = self._incoming
        try:
            while not (incoming.may_continue or incoming.is_done) and time.perf_counter() < ends - _SOON_S:
                self._wait()
        finally:
            timer.stop()
            timer.close()

    def _wait(self) -> None:
        self._waiting = gevent.getcurrent()
        try:
            self._rest()
        finally:
            self._waiting = None

    def _wake(self) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            waiting.switch()

    # --- in the hub ---

    def _readable(self) -> None:
        incoming = self._incoming
        try:
            size = self._socket.recv_into(_BUFFER)
        except _NOT_NOW:
            return
        except OSError as error:
            size, why = 0, str(error) or type(error).__name__
        else:
            why = ""
        if incoming.is_done:
            self.close()  # nobody asked: the server closes, or tells that it will, or said too much
            return
        if size:
            incoming.feed(_BUFFER[:size])
        else:
            incoming.end(why, was_used=self.was_used)
        if incoming.is_done or incoming.may_continue:
            self._wake()

    def _set_timer(self, seconds: float) -> None:
        """One timer serves many exchanges: it is set anew when it ends, not when they do."""
        self._stop_timer()
        self._timer_at = time.perf_counter() + seconds
        self._timer = gevent.get_hub().loop.timer(max(_SOON_S, seconds), ref=False)
        self._timer.start(self._look_at_time)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer.close()
            self._timer = None

    def _look_at_time(self) -> None:
        self._stop_timer()
        if self._incoming.is_done:
            return
        left_s = self._deadline - time.perf_counter()
        if left_s > _SOON_S:
            self._set_timer(left_s)
        else:
            self._incoming.fail(NoAnswer(Kind.TIMED_OUT))
            self._wake()
