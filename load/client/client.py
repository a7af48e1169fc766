"""An HTTP client for load: what a load generator needs of one, at little cost, and no failure lost.

It reads like Locust's: `client.get("/orders", name="orders", params={"state": "PRICED"})`.
"""

import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import SplitResult, urlsplit

from gevent import GreenletExit, Timeout

from load.client.answer import Answer
from load.client.carrier import Asked, Carrier
from load.client.checked import CheckedAnswer, Measured, Observe, failure_of
from load.client.cookies import Jar
from load.client.encoding import Pairs, basic, body_of, query_of
from load.client.faults import Kind, NoAnswer

TIMEOUT_S = 60.0
LARGEST_ANSWER = 100_000_000
STUCK_AFTER_S = 2.0
"""A request that waits longer than this when a run ends has failed; a younger one was merely cut off."""
_NOTHING: Mapping[str, Any] = {}


def ignore(_: Measured) -> None:
    """Take no notice."""


class HttpClient:
    """One visitor: cookies of its own, and connections that it may share with others."""

    __slots__ = ("_base", "_carrier", "_observe", "_timeout_s", "cookies", "headers", "intended")

    def __init__(
        self,
        base_url: str,
        observe: Observe = ignore,
        *,
        timeout_s: float = TIMEOUT_S,
        connecting_s: float = TIMEOUT_S,
        largest_answer: int = LARGEST_ANSWER,
        insecure: bool = False,
    ) -> None:
        self._base, self._observe, self._timeout_s = base_url.rstrip("/"), observe, timeout_s
        self._carrier = Carrier(connecting_s=connecting_s, largest=largest_answer, is_verified=not insecure)
        self.cookies, self.headers = Jar(), dict[str, str]()
        self.intended: float | None = None
        """When the next request should have been sent; its time is taken from there."""

    @property
    def repeated(self) -> int:
        """How many requests were sent again, as the server had closed an idle connection."""
        return self._carrier.repeated

    def visitor(self) -> "HttpClient":
        """Return a client for another visitor, who has what we have and shares our connections."""
        other = object.__new__(HttpClient)
        other._base, other._observe, other._timeout_s = self._base, self._observe, self._timeout_s
        other._carrier, other.intended = self._carrier, None
        other.headers, other.cookies = dict(self.headers), Jar(self.cookies)
        return other

    def request(
        self,
        method: str,
        url: str,
        *,
        name: str = "",
        catch_response: bool = False,
        params: Pairs | None = None,
        headers: Mapping[str, str] | None = None,
        data: Any = None,
        json: Any = None,
        files: Mapping[str, Any] | None = None,
        auth: tuple[str, str] | None = None,
        allow_redirects: bool = True,
        timeout: float | None = None,
        context: Mapping[str, Any] = _NOTHING,
    ) -> Any:
        """Send a request and return its answer: one of status 0, with an `error`, where none came."""
        begun = time.perf_counter()
        intended = begun if self.intended is None else self.intended
        self.intended = None
        ends = begun + (self._timeout_s if timeout is None else timeout)
        method, whole = method.upper(), self._whole(url)
        is_plain = not (params or headers or data or files or auth or self.headers or self.cookies)
        try:
            if is_plain and json is None:
                answer = self._carrier.carry_plain(method, whole, self.cookies, ends, follows=allow_redirects)
            else:
                fields = self._fields(headers, auth)
                asked = Asked(method, _with(whole, params), fields, *body_of(data, json, files))
                answer = self._carrier.carry(asked, self.cookies, ends, follows=allow_redirects)
        except NoAnswer as error:
            answer = Answer.none(error, whole)
        except (GreenletExit, Timeout) as end:
            now = time.perf_counter()
            stuck = NoAnswer(Kind.GIVEN_UP if isinstance(end, Timeout) else Kind.CUT_OFF)
            if isinstance(end, Timeout) or now - begun > STUCK_AFTER_S:
                none = Answer.none(stuck, whole)
                self._observe(Measured(method, name or url, intended, begun, now, stuck, none, context))
            raise
        ended, failure = time.perf_counter(), failure_of(answer)
        measured = Measured(method, name or url, intended, begun, ended, failure, answer, context)
        if catch_response:
            return CheckedAnswer(answer, measured, self._observe)
        self._observe(measured)
        return answer

    def get(self, url: str, **details: Any) -> Any:
        """Send a GET request."""
        return self.request("GET", url, **details)

    def head(self, url: str, **details: Any) -> Any:
        """Send a HEAD request; it does not follow redirects unless told to."""
        return self.request("HEAD", url, **{"allow_redirects": False, **details})

    def options(self, url: str, **details: Any) -> Any:
        """Send an OPTIONS request."""
        return self.request("OPTIONS", url, **details)

    def post(self, url: str, data: Any = None, json: Any = None, **details: Any) -> Any:
        """Send a POST request."""
        return self.request("POST", url, data=data, json=json, **details)

    def put(self, url: str, data: Any = None, **details: Any) -> Any:
        """Send a PUT request."""
        return self.request("PUT", url, data=data, **details)

    def patch(self, url: str, data: Any = None, **details: Any) -> Any:
        """Send a PATCH request."""
        return self.request("PATCH", url, data=data, **details)

    def delete(self, url: str, **details: Any) -> Any:
        """Send a DELETE request."""
        return self.request("DELETE", url, **details)

    def close(self) -> None:
        """Close idle connections."""
        self._carrier.close()

    def _whole(self, url: str) -> str:
        if url.startswith("/"):
            return self._base + url
        return url if url.startswith(("http://", "https://")) else f"{self._base}/{url}"

    def _fields(self, headers: Mapping[str, str] | None, auth: tuple[str, str] | None) -> Mapping[str, str]:
        """Return header fields: a request's own go before the visitor's, whatever their letters' case."""
        own = dict(headers or {})
        if auth:
            own["Authorization"] = basic(*auth)
        named = {name.lower() for name in own}
        return {**{name: value for name, value in self.headers.items() if name.lower() not in named}, **own}


def _with(url: str, params: Pairs | None) -> SplitResult:
    whole = urlsplit(url)
    return whole._replace(query=query_of(whole.query, params)) if params else whole
