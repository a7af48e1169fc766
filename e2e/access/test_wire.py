"""What is no sound request gets no further than the wire, and is told so in words for programs."""

from __future__ import annotations

import pytest

from fixtures.raw_http import send_raw
from fixtures.testbed.target import Target

GET = b"GET /health/live HTTP/1.1\r\n"
POST = b"POST /sign-in HTTP/1.1\r\n"
HOST = b"Host: assay.example\r\n"
UNSOUND = {
    "no HTTP": b"hello\r\n\r\n",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "no host": GET + b"\r\n",
    "two hosts": GET + HOST + HOST + b"\r\n",
    "host with a path": GET + b"Host: assay.example/orders?\r\n\r\n",
    "host that is no address": GET + b"Host: [\r\n\r\n",
    "NUL in a header": GET + HOST + b"X: a\x00b\r\n\r\n",
    "folded header": GET + HOST + b"X: a\r\n b\r\n\r\n",
    "letters in the address": b"GET /\xff\xfe HTTP/1.1\r\n" + HOST + b"\r\n",
    "two lengths": POST + HOST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    "length and chunks": POST + HOST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "negative length": POST + HOST + b"Content-Length: -5\r\n\r\nhello",
    "length of 10^30": POST + HOST + b"Content-Length: 1" + b"0" * 30 + b"\r\n\r\nhello",
}
TOO_LARGE = {
    "address of 1 MB": b"GET /" + b"x" * 1_000_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n",
    "header of 1 MB": GET + HOST + b"X: " + b"x" * 1_000_000 + b"\r\n\r\n",
    "header that does not end": GET + HOST + b"X: " + b"x" * 1_000_000,
    "cookie of 100 kB": GET + HOST + b"Cookie: a=" + b"x" * 100_000 + b"\r\n\r\n",
    "10,000 headers": GET + HOST + b"X: 1\r\n" * 10_000 + b"\r\n",
}


def services(target: Target) -> list[str]:
    """The addresses of all services."""
    return [url for url in vars(target.urls).values() if url]


@pytest.mark.parametrize("name", UNSOUND)
def test_what_is_no_sound_request_is_refused(target: Target, name: str) -> None:
    """Every service answers 400 as problem details and hangs up."""
    answers = [send_raw(url, UNSOUND[name]) for url in services(target)]

    assert {answer.status for answer in answers} == {400}
    assert {answer.problem.get("status") for answer in answers} == {400}


@pytest.mark.parametrize("name", TOO_LARGE)
def test_a_head_without_end_is_refused(target: Target, name: str) -> None:
    """Nobody fills a service's memory with headers: 431 as problem details, and the line is cut."""
    answers = [send_raw(url, TOO_LARGE[name]) for url in services(target)]

    assert {answer.status for answer in answers} == {431}
    assert {answer.problem.get("status") for answer in answers} == {431}


WAYS_OUT = [
    b"/static/../server.py",
    b"/static/%2e%2e/%2e%2e/settings.py",
    b"/static/..%2f..%2fsettings.py",
    b"/static/..%5c..%5csettings.py",
    b"/static//etc/passwd",
    b"/static/%2fetc%2fpasswd",
    b"/static/style.css%00.html",
    b"/static/",
]


@pytest.mark.parametrize("path", WAYS_OUT)
def test_no_way_leads_from_a_sites_files_to_others(target: Target, path: bytes) -> None:
    """What is served is what lies in the folder of the pages' own files."""
    request = b"GET " + path + b" HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n"

    answer = send_raw(target.urls.shop, request)

    assert answer.status in (400, 404)
    assert answer.headers["content-type"].startswith(("text/html", "application/problem+json"))
