"""Second requests by which checks look behind a first one; their number is bounded by kind."""

from collections import Counter
from collections.abc import Mapping

import httpx
import requests

MOST_OF_A_KIND = 40
TIMEOUT_S = 10.0
_NOT_SENT_AGAIN = ("content-length", "connection", "accept-encoding", "host")


class Probes:
    """Sends follow-up requests; `None` once enough of a kind were sent."""

    def __init__(self) -> None:
        self._client = httpx.Client(timeout=TIMEOUT_S, trust_env=False)
        self._sent: Counter[str] = Counter()

    def again(self, kind: str, request: requests.PreparedRequest) -> httpx.Response | None:
        """Send the very same request once more."""
        body = request.body.encode() if isinstance(request.body, str) else request.body
        assert body is None or isinstance(body, bytes), "Schemathesis sends no streams"
        return self._send(kind, request.method or "GET", request.url or "", _headers(request), body)

    def read(
        self, kind: str, request: requests.PreparedRequest, path: str, key: str | None = None
    ) -> httpx.Response | None:
        """Read a path of the same server with the request's own key, or as the holder of another."""
        headers = {"X-API-Key": key or str(request.headers["X-API-Key"])}
        return self._send(kind, "GET", str(httpx.URL(request.url or "").join(path)), headers)

    def _send(
        self, kind: str, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> httpx.Response | None:
        if self._sent[kind] >= MOST_OF_A_KIND:
            return None
        self._sent[kind] += 1
        return self._client.request(method, url, headers=headers, content=body)


def _headers(request: requests.PreparedRequest) -> dict[str, str]:
    sent = {name: value for name, value in request.headers.items() if name.lower() not in _NOT_SENT_AGAIN}
    return {name: value.decode() if isinstance(value, bytes) else value for name, value in sent.items()}


PROBES = Probes()
