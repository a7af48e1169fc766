"""The client against a server that does everything wrong: each fault is told by its kind, none hangs."""

import time

import gevent
import pytest

from load.client.a_server import OK, Line, always, kind_of, serving
from load.client.checked import Measured
from load.client.client import HttpClient
from load.client.faults import Kind

HEAD = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (b"", Kind.CLOSED),
        (b"HTTP/1.1 200 O", Kind.TRUNCATED),
        (HEAD + b"Content-Length: 9\r\n\r\nshort", Kind.TRUNCATED),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n", Kind.TRUNCATED),
        (HEAD + b"Content-Length: 2\r\n\r\nlonger", Kind.SURPLUS),
        (HEAD + b"Connection: close\r\nContent-Length: 2\r\n\r\nlonger", Kind.SURPLUS),
        (HEAD + b"Content-Length: 2\r\n\r\nhiHTTP/1.1 2", Kind.SURPLUS),
        (OK + OK, Kind.SURPLUS),
        (HEAD + b"Content-Length: two\r\n\r\n", Kind.NOT_HTTP),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", Kind.NOT_HTTP),
        (b"SSH-2.0-OpenSSH_9.2\r\n", Kind.NOT_HTTP),
        (HEAD + b"Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\njunk", Kind.NOT_DECODED),
        (HEAD + b"Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x8b\x08\x00", Kind.NOT_DECODED),
        (b"HTTP/1.0 200 OK\r\n\r\nuntil it is closed", 200),
        (HEAD + b"Connection: close\r\n\r\nuntil it is closed", 200),
        (b"HTTP/1.1 200 OK\nContent-Length: 2\n\nhi", 200),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + OK, 200),
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204),
        (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n", 304),
        (b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n", 500),
    ],
)
def test_what_a_server_says_wrongly_is_told(answer: bytes, kind: Kind | int) -> None:
    """Also where it is only unusual: then it is no fault."""
    with serving(always(answer, closes=True)) as url:
        assert kind_of(HttpClient(url), "POST") == kind


@pytest.mark.parametrize(
    "answer",
    [b"", b"HTTP/1.1 200 OK\r\n", HEAD + b"Content-Length: 9\r\n\r\nshort"],
    ids=["no", "head", "body"],
)
def test_what_never_ends_is_ended_in_time(answer: bytes) -> None:
    """A server that stands still does not keep us."""

    def stand_still(line: Line) -> None:
        line.request()
        line.say(answer)
        gevent.sleep(5)

    begun = time.perf_counter()
    with serving(stand_still) as url:
        assert kind_of(HttpClient(url)) is Kind.TIMED_OUT
    assert 0.45 < time.perf_counter() - begun < 1.0


def test_an_answer_that_drips_is_ended_in_time() -> None:
    """The whole answer has a limit, not each of its pieces."""

    def drip(line: Line) -> None:
        line.request()
        line.say(HEAD + b"Content-Length: 100\r\n\r\n")
        for _ in range(100):
            line.say(b".")
            gevent.sleep(0.05)

    with serving(drip) as url:
        assert kind_of(HttpClient(url)) is Kind.TIMED_OUT


def test_a_short_limit_counts_on_a_connection_that_had_a_long_one() -> None:
    """And the long one again after that."""

    def slow_second(line: Line) -> None:
        line.request()
        line.say(OK)
        line.request()
        gevent.sleep(0.3)
        line.say(OK)

    with serving(slow_second) as url:
        client = HttpClient(url)
        assert client.get("/", timeout=30).status_code == 200
        assert client.get("/", timeout=0.1).error.kind is Kind.TIMED_OUT
        assert client.get("/", timeout=30).status_code == 200


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "answer", [OK, OK.replace(b"Content", b"Connection: close\r\nContent")], ids=["", "told"]
)
def test_a_server_that_limits_its_connections_costs_no_request(method: str, answer: bytes) -> None:
    """It closes after each second answer, whether or not it says so."""

    def twice(line: Line) -> None:
        for _ in range(2):
            line.request()
            line.say(answer)

    with serving(twice) as url:
        client = HttpClient(url)
        assert [kind_of(client, method) for _ in range(20)] == [200] * 20


def test_a_closed_connection_is_tried_again_only_where_that_does_no_harm() -> None:
    """A GET, or an order with its key, may be sent twice; an order without may have been taken."""

    def answer_once(line: Line) -> None:
        line.request()
        line.say(OK)
        if line.number < 3:
            line.request()  # it takes the second, and closes
        else:
            always(OK)(line)

    with serving(answer_once) as url:
        client = HttpClient(url)
        client.get("/")
        assert client.get("/").status_code == 200
        assert client.post("/", headers={"Idempotency-Key": "k"}).status_code == 200
        assert client.repeated == 2
        assert client.post("/").error.kind is Kind.CLOSED


def test_a_new_connection_that_is_closed_is_not_tried_again() -> None:
    """A server that closes them all does so once for each request, not for ever."""
    lines: list[int] = []

    def close(line: Line) -> None:
        line.request()
        lines.append(line.number)

    with serving(close) as url:
        assert kind_of(HttpClient(url)) is Kind.CLOSED
    assert lines == [0]


def test_an_answer_to_head_has_no_body_and_keeps_the_connection() -> None:
    """Whatever length it announces."""
    with serving(always(HEAD + b"Content-Length: 5000\r\n\r\n")) as url:
        client = HttpClient(url)
        answers = [client.head("/") for _ in range(2)]

    assert [(answer.status_code, answer.headers["content-length"]) for answer in answers] == [
        (200, "5000")
    ] * 2


def test_a_body_waits_until_it_is_wanted() -> None:
    """And is not sent where the answer is already no."""

    def script(line: Line) -> None:
        _, fields = line.head()
        if line.number == 0:
            line.say(b"HTTP/1.1 100 Continue\r\n\r\n")
            length = len(line.body(fields))
            line.say(HEAD + b"Content-Length: %d\r\n\r\n" % length + b"x" * length)
            line.head()
        line.say(b"HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n")

    with serving(script) as url:
        client = HttpClient(url)
        expects = {"Expect": "100-continue"}
        assert len(client.post("/", data=b"b" * 70_000, headers=expects).content) == 70_000
        assert client.post("/", data=b"b" * 70_000, headers=expects, timeout=2).status_code == 417


def test_a_body_does_not_wait_for_ever_to_be_wanted() -> None:
    """Many servers know no 100 Continue."""
    with serving(always(OK)) as url:
        assert HttpClient(url).post("/", data=b"b", headers={"Expect": "100-continue"}).status_code == 200


def test_an_early_refusal_of_a_huge_body_is_heard() -> None:
    """413 and closed, while we are still sending."""

    def refuse(line: Line) -> None:
        line.head()
        line.say(b"HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
        gevent.sleep(0.2)

    with serving(refuse) as url:
        assert HttpClient(url).post("/", data=b"b" * 30_000_000, timeout=5).status_code == 413


def test_huge_answers_are_taken_or_refused_by_their_size() -> None:
    """Thirty megabytes are read; more than the limit is a fault, packed or not."""
    body = b"x" * 30_000_000
    with serving(always(HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body)) as url:
        assert len(HttpClient(url).get("/").content) == len(body)
        assert kind_of(HttpClient(url, largest_answer=1_000_000)) is Kind.TOO_LARGE


@pytest.mark.parametrize(
    ("location", "kind"),
    [
        ("/", Kind.TOO_MANY_REDIRECTS),
        ("http://10.0.0.1/", Kind.REDIRECTED_AWAY),
        ("ftp://127.0.0.1/", Kind.REDIRECTED_AWAY),
        ("http://[bad", Kind.NOWHERE),
        ("http://127.0.0.1:99999/", Kind.NOWHERE),
    ],
)
def test_redirects_lead_neither_round_in_circles_nor_to_strangers(location: str, kind: Kind) -> None:
    """Another host was not given to us to load."""
    answer = f"HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode()
    with serving(always(answer)) as url:
        assert kind_of(HttpClient(url)) is kind


def test_what_is_cut_off_is_reported_where_it_was_stuck() -> None:
    """A request that never came back is a failure, though nobody waits for it any more."""
    seen: list[Measured] = []

    def stand_still(line: Line) -> None:
        line.request()
        gevent.sleep(9)

    with serving(stand_still) as url:
        waiting = gevent.spawn(HttpClient(url, seen.append).get, "/")
        gevent.sleep(2.1)
        waiting.kill()

    [measured] = seen
    assert str(measured.failure) == Kind.CUT_OFF
    assert measured.ended - measured.sent > 2


def test_a_request_that_its_task_gives_up_is_a_failure() -> None:
    """A task may have less patience than the client."""
    seen: list[Measured] = []

    def stand_still(line: Line) -> None:
        line.request()
        gevent.sleep(9)

    with serving(stand_still) as url, pytest.raises(gevent.Timeout), gevent.Timeout(0.1):
        HttpClient(url, seen.append).get("/")

    assert [str(each.failure) for each in seen] == [Kind.GIVEN_UP]
