"""The client against a server that answers as it should: what is sent, and what is made of the answer."""

import gzip
import json
import zlib
from contextlib import suppress
from typing import Any

import brotli  # type: ignore[import-untyped]  # as its authors left it
import gevent
import pytest

from load.client.a_server import OK, Line, always, serving
from load.client.checked import Measured
from load.client.client import HttpClient

RescheduleTask = type("RescheduleTask", (Exception,), {"__module__": "locust.exception"})
"""As Locust's, which cannot be imported here: it would patch what other tests have imported."""


def echo(line: Line) -> None:
    """Tell what was asked, as JSON."""
    while True:
        first, fields, body = line.request()
        told = json.dumps(
            {"first": first, "fields": fields, "body": body.decode("latin-1"), "line": line.number}
        )
        line.say(f"HTTP/1.1 200 OK\r\nContent-Length: {len(told)}\r\n\r\n{told}".encode())


def asked(method: str, path: str = "/", **details: Any) -> dict[str, Any]:
    """What a server sees of a request."""
    with serving(echo) as url:
        return dict(HttpClient(url).request(method, path, **details).json())


def test_a_get_request_says_what_it_must() -> None:
    """Host, path and query; spaces and letters that a URL may not hold are quoted."""
    seen = asked("GET", "/a b/ü", params={"q": "x y", "n": [1, 2]})

    assert seen["first"] == "GET /a%20b/%C3%BC?q=x+y&n=1&n=2 HTTP/1.1"
    assert seen["fields"]["host"].startswith("127.0.0.1:")
    assert "content-length" not in seen["fields"]


@pytest.mark.parametrize(
    ("details", "content_type", "body"),
    [
        ({"json": {"name": "Ü", "n": 1}}, "application/json", '{"name":"\\u00dc","n":1}'),
        ({"data": {"a": "1 2", "b": "ü"}}, "application/x-www-form-urlencoded", "a=1+2&b=%C3%BC"),
        ({"data": b"\x00\x01"}, None, "\x00\x01"),
        ({"data": "text", "headers": {"content-type": "text/plain"}}, "text/plain", "text"),
        ({"data": iter([b"in ", b"", b"pieces"])}, None, "in pieces"),
        ({}, None, ""),
    ],
    ids=["json", "form", "bytes", "text", "pieces", "nothing"],
)
def test_bodies_arrive_as_they_were_meant(
    details: dict[str, Any], content_type: str | None, body: str
) -> None:
    """JSON, forms, bytes, and what is sent piece by piece."""
    seen = asked("POST", **details)

    assert seen["body"] == body
    assert seen["fields"].get("content-type") == content_type
    assert ("transfer-encoding" in seen["fields"]) != ("content-length" in seen["fields"])


def test_files_are_sent_as_a_multipart_form() -> None:
    """As a browser uploads them."""
    seen = asked("POST", data={"note": "n"}, files={"model": ("a.stl", b"solid", "model/stl"), "more": b"m"})

    assert seen["fields"]["content-type"].startswith("multipart/form-data; boundary=")
    told = 'name="model"; filename="a.stl"\r\nContent-Type: model/stl\r\n\r\nsolid\r\n'
    assert told in seen["body"]
    assert 'name="note"\r\n\r\nn\r\n' in seen["body"]


def test_header_fields_of_a_request_go_before_those_of_the_visitor() -> None:
    """Whatever case their letters have."""
    with serving(echo) as url:
        client = HttpClient(url)
        client.headers.update({"X-Key": "visitor", "Accept": "a/b"})
        fields = client.get("/", headers={"x-key": "own"}, auth=("u", "p")).json()["fields"]

    assert (fields["x-key"], fields["accept"], fields["authorization"]) == ("own", "a/b", "Basic dTpw")


def test_a_line_break_in_a_field_is_refused() -> None:
    """It would smuggle a second request in."""
    with pytest.raises(ValueError, match="line break"):
        HttpClient("http://127.0.0.1:1").get("/", headers={"X": "a\r\nHost: elsewhere"})


def test_a_connection_is_used_again() -> None:
    """Also by another visitor; and two at once need two."""
    with serving(echo) as url:
        client = HttpClient(url)
        lines = [client.get("/").json()["line"], client.visitor().get("/").json()["line"]]
        both = [gevent.spawn(lambda: client.get("/").json()["line"]) for _ in range(2)]
        gevent.joinall(both)

    assert lines == [0, 0]
    assert sorted(each.value for each in both) == [0, 1]


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("gzip", gzip.compress(b"hello" * 99)),
        ("deflate", zlib.compress(b"hello" * 99)),
        ("deflate", zlib.compress(b"hello" * 99)[2:-4]),
        ("br", brotli.compress(b"hello" * 99)),
    ],
    ids=["gzip", "deflate", "raw deflate", "brotli"],
)
@pytest.mark.parametrize("is_chunked", [False, True], ids=["length", "chunked"])
def test_encoded_bodies_are_decoded(encoding: str, packed: bytes, is_chunked: bool) -> None:
    """With a length, and in chunks with trailing fields."""
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {encoding}\r\n".encode()
    if is_chunked:
        pieces = b"".join(b"%x;ext=1\r\n%b\r\n" % (len(each), each) for each in (packed[:7], packed[7:]))
        answer = head + b"Transfer-Encoding: chunked\r\n\r\n" + pieces + b"0\r\nX-Trailer: 1\r\n\r\n"
    else:
        answer = head + b"Content-Length: %d\r\n\r\n" % len(packed) + packed

    with serving(always(answer)) as url:
        client = HttpClient(url)
        assert [client.get("/").content for _ in range(2)] == [b"hello" * 99] * 2


def test_cookies_go_back_to_where_they_came_from_and_end() -> None:
    """By path and name; each visitor has his own."""

    def script(line: Line) -> None:
        while True:
            first, fields, _ = line.request()
            told = fields.get("cookie", "")
            sets = {
                "/in": "Set-Cookie: a=1; Path=/; HttpOnly\r\nSet-Cookie: b=2; Path=/shop; Max-Age=60\r\n",
                "/out": "Set-Cookie: a=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT\r\n",
                "/foreign": "Set-Cookie: c=3; Domain=example.com\r\n",
            }.get(first.split()[1], "")
            line.say(f"HTTP/1.1 200 OK\r\n{sets}Content-Length: {len(told)}\r\n\r\n{told}".encode())

    with serving(script) as url:
        client = HttpClient(url)
        seen = [client.get(path).text for path in ("/in", "/shop/x", "/other", "/foreign", "/out", "/shop")]
        stranger = HttpClient(url).get("/shop").text

    assert seen == ["", "b=2; a=1", "a=1", "a=1", "a=1", "b=2"]
    assert stranger == ""


def test_redirects_are_followed_as_browsers_do() -> None:
    """A form's answer leads to a page; 307 repeats the form; cookies on the way count."""

    def script(line: Line) -> None:
        while True:
            first, fields, body = line.request()
            method, path, _ = first.split()
            if path in ("/303", "/307"):
                leads = "Location: /end\r\nSet-Cookie: a=1\r\nContent-Length: 0"
                line.say(f"HTTP/1.1 {path[1:]} See\r\n{leads}\r\n\r\n".encode())
                continue
            told = f"{method} {body.decode()} {fields.get('cookie')}"
            line.say(f"HTTP/1.1 200 OK\r\nContent-Length: {len(told)}\r\n\r\n{told}".encode())

    with serving(script) as url:
        client = HttpClient(url)
        followed = [client.post(path, data=b"x").text for path in ("/303", "/307")]
        answer = client.post("/303", allow_redirects=False)
        history = client.get("/303").history

    assert followed == ["GET  a=1", "POST x a=1"]
    assert (answer.status_code, answer.headers["location"]) == (303, "/end")
    assert [each.status_code for each in history] == [303]


def test_an_answer_can_be_judged_by_its_content() -> None:
    """In the words of Locust."""
    seen: list[Measured] = []
    with serving(always(OK)) as url:
        client = HttpClient(url, seen.append)
        with client.get("/", catch_response=True) as answer:
            answer.failure("no rows")
        with client.get("/", catch_response=True):
            pass
        with pytest.raises(KeyError), client.get("/", catch_response=True) as answer:
            answer.headers["x-missing"]

    assert [str(each.failure) for each in seen] == ["no rows", "None", "'x-missing'"]


def test_what_was_judged_stays_whatever_ends_the_block() -> None:
    """And a task that is ended by Locust's exceptions has not failed."""
    seen: list[Measured] = []
    with serving(always(OK)) as url:
        client = HttpClient(url, seen.append)
        for judge in (lambda answer: answer.success(), lambda _: None):
            with suppress(RescheduleTask), client.get("/", catch_response=True) as answer:
                judge(answer)
                raise RescheduleTask
        with suppress(KeyError), client.get("/", catch_response=True) as answer:
            answer.success()
            answer.headers["x-missing"]

    assert [each.failure for each in seen] == [None, None, None]


def test_a_visitor_changes_its_own_header_fields() -> None:
    """Not those of the next one."""
    client = HttpClient("http://127.0.0.1:1")
    client.headers["X-All"] = "1"
    client.visitor().headers["Authorization"] = "secret"

    assert client.visitor().headers == {"X-All": "1"}


def test_a_redirect_in_bytes_that_are_not_ascii_is_read_as_utf8() -> None:
    """As browsers do."""
    paths: list[str] = []

    def script(line: Line) -> None:
        while True:
            first, _, _ = line.request()
            paths.append(first.split()[1])
            leads = "Location: /é\r\n".encode() if len(paths) == 1 else b""
            line.say(b"HTTP/1.1 %d X\r\n%bContent-Length: 0\r\n\r\n" % (302 if leads else 200, leads))

    with serving(script) as url:
        assert HttpClient(url).get("/").status_code == 200

    assert paths == ["/", "/%C3%A9"]
