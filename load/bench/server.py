"""A target server: answers each request after its known delay, to some 20 µs; `fast` answers at once.

`python -m load.bench.server KIND [HOST PORT]` prints its port, and once ended what it has done, as JSON.
"""

import gzip
import heapq
import json
import select
import signal
import socket
import sys
import time
from types import FrameType
from typing import NoReturn

from load.bench.known import FREEZES_EVERY_S, FREEZES_FOR_S, delay_ms

ANSWER = (
    b"HTTP/1.1 200 OK\r\nServer: known\r\nContent-Type: text/plain\r\n"
    b"Date: Sun, 22 Nov 2026 00:00:00 GMT\r\nContent-Length: 2\r\n\r\nhi"
)
_END = b"\r\n\r\n"
_SPINS_FOR_S = 0.0015


class Ended(Exception):  # noqa: N818 - named for what happened, as our errors are
    """The server has been told to end."""


class Server:
    """One process, one loop."""

    def __init__(self, kind: str, host: str, port: int) -> None:
        self._kind = kind
        self._listening = socket.create_server((host, port), backlog=4096)
        self._listening.setblocking(False)
        self.port = self._listening.getsockname()[1]
        self._poll = select.epoll()
        self._poll.register(self._listening.fileno(), select.EPOLLIN)
        self._lines: dict[int, socket.socket] = {}
        self._due: list[tuple[float, int, int]] = []
        self._freezes_at = 0.0
        self.received = 0
        self.freezes: list[tuple[float, float]] = []
        self.late_ms: list[float] = []
        self.answered_at: dict[int, float] = {}
        """When the answer to the so-many-th request was sent, by `time.perf_counter`."""

    def serve(self) -> None:
        """Answer until told to end."""
        while True:
            for file, _ in self._poll.poll(self._patience()):
                if file == self._listening.fileno():
                    self._accept()
                else:
                    self._read(file)
            self._freeze()
            self._answer()

    def _patience(self) -> float:
        """The kernel waits in whole milliseconds; the rest is spent turning round."""
        now = time.perf_counter()
        waits = [self._due[0][0] - now] if self._due else []
        waits += [self._freezes_at - now] if self._freezes_at else []
        return max(0.0, min(waits) - _SPINS_FOR_S) if waits else 1.0

    def _accept(self) -> None:
        try:
            while True:
                line, _ = self._listening.accept()
                line.setblocking(False)
                line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._lines[line.fileno()] = line
                self._poll.register(line.fileno(), select.EPOLLIN)
        except BlockingIOError:
            return

    def _read(self, file: int) -> None:
        try:
            data = self._lines[file].recv(65536)
        except OSError:
            data = b""
        if not data:
            self._poll.unregister(file)
            self._lines.pop(file).close()
            return
        now = time.perf_counter()
        for _ in range(data.count(_END)):
            if self._kind == "freezing" and not self._freezes_at:
                self._freezes_at = now + FREEZES_EVERY_S - FREEZES_FOR_S
            due = now + delay_ms(self._kind, self.received) / 1000
            heapq.heappush(self._due, (due, self.received, file))
            self.received += 1

    def _freeze(self) -> None:
        if self._freezes_at and time.perf_counter() >= self._freezes_at:
            begun, ends = time.perf_counter(), self._freezes_at + FREEZES_FOR_S
            time.sleep(max(0.0, ends - time.perf_counter()))
            self.freezes.append((begun, time.perf_counter()))
            self._freezes_at += FREEZES_EVERY_S

    def _answer(self) -> None:
        while self._due and self._due[0][0] <= (now := time.perf_counter()):
            due, number, file = heapq.heappop(self._due)
            self.late_ms.append((now - due) * 1000)
            if file in self._lines:
                try:
                    self._lines[file].send(ANSWER)
                except OSError:
                    continue
                self.answered_at[number] = time.perf_counter()


def answers() -> dict[bytes, bytes]:
    """Return what `fast` says to each path; to any other the small answer."""
    packed = gzip.compress(b"a page of text, as they are; " * 2000)
    kinds = {
        b"/large": (b"", b"x" * 100_000),
        b"/packed": (b"Content-Encoding: gzip\r\n", packed),
        b"/closing": (b"Connection: close\r\n", b"hi"),
    }
    return {
        path: b"HTTP/1.1 200 OK\r\n%bContent-Length: %d\r\n\r\n%b" % (field, len(body), body)
        for path, (field, body) in kinds.items()
    }


def serve_fast(host: str, port: int) -> NoReturn:
    """Answer everything at once, as fast as Python can."""
    import asyncio

    import uvloop

    known = answers()

    class Fast(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self._transport: asyncio.WriteTransport = transport  # type: ignore[assignment] # a TCP one

        def data_received(self, data: bytes) -> None:
            if _END not in data:
                return  # the rest of a body
            path = data.split(b" ", 2)[1]
            self._transport.write(known.get(path, ANSWER) * data.count(_END))
            if path == b"/closing":
                self._transport.close()

    async def serve() -> None:
        server = await asyncio.get_running_loop().create_server(Fast, host, port, backlog=4096)
        print(server.sockets[0].getsockname()[1], flush=True)
        await server.serve_forever()

    uvloop.run(serve())
    raise Ended


def main(kind: str, host: str = "127.0.0.1", port: str = "0") -> None:
    """Serve until SIGTERM, then tell."""
    if kind == "fast":
        serve_fast(host, int(port))

    def end(_: int, __: FrameType | None) -> None:
        raise Ended

    signal.signal(signal.SIGTERM, end)
    server = Server(kind, host, int(port))
    print(server.port, flush=True)
    try:
        server.serve()
    except Ended:
        late = sorted(server.late_ms)
        late_p99_ms = late[int(0.99 * len(late))] if late else 0.0
        done = {"received": server.received, "freezes": server.freezes, "late_p99_ms": late_p99_ms}
        done["answered_at"] = [server.answered_at.get(number) for number in range(server.received)]
        print(json.dumps(done), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
