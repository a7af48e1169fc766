"""Carries requests to their hosts and back: pooled connections, what is sent again, redirects, decoding."""

import time
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import SplitResult, urljoin, urlsplit

from load.client.answer import Answer, RawHeaders, decoded
from load.client.cookies import Jar
from load.client.encoding import path_of, sent
from load.client.faults import Kind, NoAnswer
from load.client.incoming import Received
from load.client.pool import Origin, Pool
from load.client.wire import Body, Sent

MOST_REDIRECTS = 10
_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_REPEATABLE = frozenset(("GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"))
_PLAIN_KEPT = 2000
_NOTABLE = frozenset(map(len, (b"location", b"set-cookie", b"content-encoding")))


class Asked(NamedTuple):
    """A request before it is put together for its host."""

    method: str
    url: SplitResult
    fields: Mapping[str, str]
    body: Body = b""
    content_type: str = ""

    @property
    def may_be_repeated(self) -> bool:
        """Whether a server may get it twice (RFC 9110, 9.2.2), or knows it again by its key."""
        has_key = any(name.lower() == "idempotency-key" for name in self.fields)
        return isinstance(self.body, bytes) and (has_key or self.method in _REPEATABLE)


class Carrier:
    """What visitors share: the connections, and how long and how much they wait for."""

    def __init__(self, *, connecting_s: float, largest: int, is_verified: bool) -> None:
        self._connecting_s, self._largest, self._is_verified = connecting_s, largest, is_verified
        self._pools: dict[tuple[str, str], Pool] = {}
        self._plain: dict[tuple[str, str], tuple[Pool, Sent]] = {}
        self.repeated = 0
        """How many requests were sent again, as the server had closed an idle connection."""

    def carry_plain(self, method: str, url: str, jar: Jar, ends: float, *, follows: bool) -> Answer:
        """Carry a request with nothing but a method and a URL, which is put together only once."""
        known = self._plain.get((method, url))
        if known is None:
            whole = urlsplit(url)
            pool = self._pool(whole)
            path = path_of(whole.path, whole.query)
            known = (pool, sent(method, path, pool.origin.host_field, {}, b"", ""))
            if len(self._plain) < _PLAIN_KEPT:
                self._plain[method, url] = known
        got = self._exchange(*known, ends, may_be_repeated=method in _REPEATABLE)
        cookies, location, encodings = _notable(got.headers)
        answer = Answer(got.status, got.headers, got.body, url)
        if cookies or location or encodings:
            asked = Asked(method, urlsplit(url), {})
            return self._lead_on(asked, self._understood(asked, got, jar), jar, ends, follows=follows)
        return answer

    def carry(self, asked: Asked, jar: Jar, ends: float, *, follows: bool) -> Answer:
        """Return the answer to a request, after redirects.

        Raises:
            NoAnswer: there is none that can be believed.
        """
        return self._lead_on(asked, self._once(asked, jar, ends), jar, ends, follows=follows)

    def close(self) -> None:
        """Close idle connections."""
        for pool in self._pools.values():
            pool.close()

    def _lead_on(self, asked: Asked, answer: Answer, jar: Jar, ends: float, *, follows: bool) -> Answer:
        """Go where an answer redirects to."""
        history: list[Answer] = []
        while follows and answer.status_code in _REDIRECTS and (location := answer.headers.get("location")):
            if len(history) >= MOST_REDIRECTS:
                raise NoAnswer(Kind.TOO_MANY_REDIRECTS)
            history.append(answer)
            asked = redirected(asked, answer.status_code, location)
            answer = self._once(asked, jar, ends)
        answer.history = history
        return answer

    def _once(self, asked: Asked, jar: Jar, ends: float) -> Answer:
        pool = self._pool(asked.url)
        fields = asked.fields
        if jar and (cookies := jar.header(asked.url)):
            theirs = next((each for each in fields if each.lower() == "cookie"), "Cookie")
            fields = {**fields, theirs: "; ".join(filter(None, (fields.get(theirs), cookies)))}
        path = path_of(asked.url.path, asked.url.query)
        ready = sent(asked.method, path, pool.origin.host_field, fields, asked.body, asked.content_type)
        got = self._exchange(pool, ready, ends, may_be_repeated=asked.may_be_repeated)
        return self._understood(asked, got, jar)

    def _understood(self, asked: Asked, got: Received, jar: Jar) -> Answer:
        cookies, _, encodings = _notable(got.headers)
        jar.take(cookies, asked.url)
        body = decoded(encodings, got.body, self._largest)
        return Answer(got.status, got.headers, body, asked.url.geturl())

    def _exchange(self, pool: Pool, ready: Sent, ends: float, *, may_be_repeated: bool) -> Received:
        """Exchange; where an idle connection turns out to be closed, once more on a new one."""
        left_s = ends - time.perf_counter()
        connection = pool.connection(min(left_s, self._connecting_s), must_be_sure=not may_be_repeated)
        try:
            return connection.exchange(ready, ends - time.perf_counter(), self._largest)
        except NoAnswer as fault:
            if not (fault.is_stale and may_be_repeated):
                raise
        self.repeated += 1
        connection = pool.connection(min(ends - time.perf_counter(), self._connecting_s), is_new=True)
        return connection.exchange(ready, ends - time.perf_counter(), self._largest)

    def _pool(self, url: SplitResult) -> Pool:
        pool = self._pools.get((url.scheme, url.netloc))
        if pool is None:
            pool = self._pools[url.scheme, url.netloc] = Pool(Origin.of(url), is_verified=self._is_verified)
        return pool


def redirected(asked: Asked, status: int, location: str) -> Asked:
    """Return the request that a redirect asks for, as browsers understand it (RFC 9110, 15.4).

    Raises:
        NoAnswer: it leads nowhere, or to another host: that is perhaps nobody's to load.
    """
    url = _joined(asked.url, location)
    if url.scheme not in ("http", "https") or not _same_host(url.hostname, asked.url.hostname):
        raise NoAnswer(Kind.REDIRECTED_AWAY, f"to {url.hostname or location}")
    becomes_get = status == 303 and asked.method != "HEAD"
    if becomes_get or (status in (301, 302) and asked.method == "POST"):
        return Asked("GET", url, _without_body(asked.fields))
    if not isinstance(asked.body, bytes):
        raise NoAnswer(Kind.TOO_MANY_REDIRECTS, "a body that was sent in pieces cannot be sent again")
    return asked._replace(url=url)


def _joined(base: SplitResult, location: str) -> SplitResult:
    """Return where a field leads; its bytes, read as Latin-1, are UTF-8 where they are not ASCII."""
    try:
        url = urlsplit(urljoin(base.geturl(), location.encode("latin-1").decode("utf-8", "replace")))
        _ = url.port  # which is read only now
    except ValueError as error:
        raise NoAnswer(Kind.NOWHERE, str(error)) from None
    return url


def _notable(raw: RawHeaders) -> tuple[list[str], bool, list[bytes]]:
    """Return the cookies set, whether it leads elsewhere, and how the body is encoded."""
    cookies, leads_on, encodings = [], False, []
    for name, value in raw:
        if len(name) in _NOTABLE:
            field = name.lower()
            if field == b"set-cookie":
                cookies.append(value.decode("latin-1"))
            elif field == b"content-encoding":
                encodings += [each.strip() for each in value.lower().split(b",")]
            leads_on = leads_on or field == b"location"
    return cookies, leads_on, encodings


def _without_body(fields: Mapping[str, str]) -> Mapping[str, str]:
    of_bodies = ("content-type", "content-length", "content-encoding", "expect")
    return {name: value for name, value in fields.items() if name.lower() not in of_bodies}


def _same_host(one: str | None, other: str | None) -> bool:
    return one == other or (one in _LOOPBACK and other in _LOOPBACK)
