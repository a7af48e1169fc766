"""Connections that cannot be made, or not be trusted: each is told with its reason, and disturbs no other."""

import errno
import socket
import subprocess
from pathlib import Path
from shutil import which
from typing import Any

import pytest

from load.client import pool
from load.client.a_server import OK, always, kind_of, serving
from load.client.checked import Measured
from load.client.client import HttpClient
from load.client.faults import Kind
from load.client.pool import Pool

HEAD = b"HTTP/1.1 200 OK\r\n"


def test_a_connection_that_cannot_be_made_is_told() -> None:
    """Nobody listens; nobody has that name."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        assert kind_of(HttpClient(f"http://127.0.0.1:{unused.getsockname()[1]}")) is Kind.REFUSED
    assert kind_of(HttpClient("http://nobody.invalid")) is Kind.NO_HOST


def test_a_host_that_speaks_no_tls_is_told() -> None:
    """Instead of a trace back."""
    with serving(lambda line: line.say(OK)) as url:
        assert kind_of(HttpClient(url.replace("http:", "https:"))) is Kind.NOT_TRUSTED


@pytest.mark.skipif(which("openssl") is None, reason="the certificate is made by openssl")
def test_tls_is_spoken_and_only_what_is_trusted_is_believed(tmp_path: Path) -> None:
    """A body of some records; a certificate of nobody's is refused unless that is wanted."""
    pem = str(tmp_path / "own.pem")
    made = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-subj",
        "/CN=localhost",
        "-days",
        "1",
    ]
    subprocess.run([*made, "-keyout", pem, "-out", pem], check=True, capture_output=True)
    answer = HEAD + b"Content-Length: 100000\r\n\r\n" + b"x" * 100_000

    with serving(always(answer), certificate=pem) as url:
        client = HttpClient(url, insecure=True)
        answers = [client.post("/", data=b"b" * 100_000) for _ in range(3)]
        refused = kind_of(HttpClient(url))

    assert [len(each.content) for each in answers] == [100_000] * 3
    assert refused is Kind.NOT_TRUSTED


def test_no_more_files_is_told_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the generator's own fault, so nobody should look for it at the target."""
    seen: list[Measured] = []

    def refuse(*_: object) -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(pool, "_PLAIN_SOCKET", refuse)
    HttpClient("http://127.0.0.1:1", seen.append).get("/")

    assert [str(each.failure) for each in seen] == [f"{Kind.UNREACHABLE}: [Errno 24] Too many open files"]


def test_one_that_cannot_connect_does_not_disturb_another_that_can(monkeypatch: pytest.MonkeyPatch) -> None:
    """Meanwhile it has forgotten the addresses."""
    with serving(always(OK)) as url:
        client, connect = HttpClient(url), Pool._connect

        def connect_and_forget(self: Pool, *details: Any) -> Any:
            self._addresses = []
            return connect(self, *details)

        monkeypatch.setattr(Pool, "_connect", connect_and_forget)
        assert client.get("/").status_code == 200
