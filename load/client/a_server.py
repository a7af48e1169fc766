"""A server for tests that answers with exactly these bytes, so that it can do everything wrong."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from gevent.server import StreamServer

from load.client.client import HttpClient
from load.client.faults import Kind, NoAnswer

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"

Script = Callable[["Line"], None]


class Line:
    """One connection, as the server sees it."""

    def __init__(self, socket: Any, number: int) -> None:
        self.socket, self.number = socket, number
        self._file = socket.makefile("rb")

    def request(self) -> tuple[str, dict[str, str], bytes]:
        """Read a request: its first line, its fields and its body, chunked or not.

        Raises:
            EOFError: the client has closed.
        """
        first, fields = self.head()
        return first, fields, self.body(fields)

    def head(self) -> tuple[str, dict[str, str]]:
        """Read a request's first line and fields."""
        first = self._file.readline()
        if not first:
            raise EOFError
        fields = {}
        while line := self._file.readline().strip().decode("latin-1"):
            name, _, value = line.partition(":")
            fields[name.lower()] = value.strip()
        return first.decode("latin-1").strip(), fields

    def body(self, fields: dict[str, str]) -> bytes:
        """Read what the fields announce."""
        if fields.get("transfer-encoding") == "chunked":
            whole = b""
            while size := int(self._file.readline(), 16):
                whole += self._file.read(size)
                self._file.readline()
            self._file.readline()
            return whole
        return bytes(self._file.read(int(fields.get("content-length", 0))))

    def say(self, answer: bytes) -> None:
        """Send bytes, whatever they are."""
        self.socket.sendall(answer)


@contextmanager
def serving(script: Script, certificate: str = "") -> Iterator[str]:
    """Run the script for each connection; yield the server's URL."""
    numbers = iter(range(1_000_000))

    def handle(socket: Any, _: object) -> None:
        try:
            script(Line(socket, next(numbers)))
        except (EOFError, OSError):
            pass
        finally:
            socket.close()

    tls = {"keyfile": certificate, "certfile": certificate} if certificate else {}
    server = StreamServer(("127.0.0.1", 0), handle, **tls)
    server.start()
    try:
        yield f"http{'s' if tls else ''}://127.0.0.1:{server.server_port}"
    finally:
        server.stop(timeout=0)


def always(answer: bytes, *, closes: bool = False) -> Script:
    """Return a script that gives every request the same answer."""

    def script(line: Line) -> None:
        while True:
            line.request()
            line.say(answer)
            if closes:
                return

    return script


def kind_of(client: HttpClient, method: str = "GET", path: str = "/") -> Kind | int:
    """The kind of a request's fault, or the status of its answer."""
    answer = client.request(method, path, timeout=0.5)
    return answer.error.kind if isinstance(answer.error, NoAnswer) else int(answer.status_code)
