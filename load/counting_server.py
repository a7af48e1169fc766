"""For tests of whole Locust runs: a server that counts what it answered, and Locust started against it."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from fixtures.testbed.runs import REPOSITORY
from fixtures.testbed.spawner import bound_to_us
from fixtures.waiting import until

LOADED_WITHIN_S = 60.0


class Counting(ThreadingHTTPServer):
    """Counts what it has answered."""

    request_queue_size = 1000
    daemon_threads = True
    answered = 0
    counting = threading.Lock()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}"

    def await_answered(self, count: int) -> None:
        """Wait until so many have been answered."""
        until(lambda: self.answered >= count, LOADED_WITHIN_S, what=f"{count} requests")


class Page(BaseHTTPRequestHandler):
    """Answers everything with a word."""

    protocol_version = "HTTP/1.1"
    server: Counting

    def do_GET(self) -> None:
        """Answer."""
        with self.server.counting:
            self.server.answered += 1
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def counting() -> Iterator[Counting]:
    """Run a server that counts."""
    with Counting(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def a_masters_port() -> tuple[str, ...]:
    """Return options that let a master and its processes meet at a port of their own, on this machine alone.

    Locust's own port is one for all: of two runs at the same time the second could not begin.
    """
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = str(unused.getsockname()[1])
    return ("--master-bind-host", "127.0.0.1", "--master-bind-port", port, "--master-port", port)


def start_locust(locustfile: Path, *options: str) -> "subprocess.Popen[str]":
    """Start Locust; it ends with us."""
    command = [sys.executable, "-m", "locust", "-f", str(locustfile), *options]
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY)}
    return subprocess.Popen(
        bound_to_us(command), env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
