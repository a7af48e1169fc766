"""Sends finished spans to a collector, from a thread of its own that nobody waits for."""

from __future__ import annotations

import http.client
import logging
import threading
from collections import deque
from collections.abc import Mapping
from urllib.parse import SplitResult, urlsplit

from sut.telemetry import wire
from sut.telemetry.wire import Value

log = logging.getLogger(__name__)

MOST_WAITING = 20_000
_MOST_AT_ONCE = 2_000
_TIMEOUT_S = 2.0
_PAUSE_S = 1.0  # after a failure
_FLUSH_WITHIN_S = 0.5
_PATH = "/v1/traces"
_LATER = (408, 429, 502, 503, 504)  # what is refused with another status is refused for ever


class Exporter:
    """A queue with an end: while the collector is away spans wait, and beyond the bound they are dropped."""

    def __init__(
        self, endpoint: str, headers: Mapping[str, str], resource: Mapping[str, Value], *, delay_s: float
    ) -> None:
        self._to = urlsplit(endpoint.rstrip("/") + _PATH)
        self._headers = {"Content-Type": "application/x-protobuf", **headers}
        self._resource = resource
        self._delay_s = delay_s
        self._waiting: deque[bytes] = deque()
        self._dropped = 0
        self._line: http.client.HTTPConnection | None = None
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="traces", daemon=True)

    def start(self) -> None:
        """Begin to send."""
        self._thread.start()

    def stop(self) -> None:
        """Send what waits, as far as that goes quickly."""
        self._ending.set()
        self._thread.join(_FLUSH_WITHIN_S)

    def take(self, span: bytes) -> None:
        """Have a finished span sent with the next batch."""
        if len(self._waiting) < MOST_WAITING:
            self._waiting.append(span)
        else:
            self._dropped += 1

    def _run(self) -> None:
        pause_s = self._delay_s
        while not self._ending.wait(pause_s):
            pause_s = self._delay_s if self._send_waiting() else max(self._delay_s, _PAUSE_S)
        self._send_waiting()

    def _send_waiting(self) -> bool:
        """Send all that waits; False when the collector is to be left alone for a while."""
        while self._waiting:
            batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), _MOST_AT_ONCE))]
            try:
                status = self._post(wire.request(self._resource, batch))
            except (OSError, http.client.HTTPException) as error:
                log.debug("the collector of traces cannot be reached: %r", error)
                status = _LATER[0]
            if status in _LATER:
                self._waiting.extendleft(reversed(batch))
                return False
            if status >= 300:
                self._dropped += len(batch)
                log.error("the collector of traces refused %d spans with status %d", len(batch), status)
        self._tell_of_dropped()
        return True

    def _tell_of_dropped(self) -> None:
        dropped, self._dropped = self._dropped, 0
        if dropped:
            log.warning("%d spans were dropped", dropped)

    def _post(self, body: bytes) -> int:
        """Return the answer's status; a kept connection that has ended is made anew, once."""
        kept = self._line is not None
        try:
            return self._posted(body)
        except (OSError, http.client.HTTPException):
            self._hang_up()
            if not kept:
                raise
            return self._posted(body)

    def _posted(self, body: bytes) -> int:
        if self._line is None:
            self._line = _line_to(self._to)
        self._line.request("POST", self._to.path, body, self._headers)
        answer = self._line.getresponse()
        answer.read()
        return answer.status

    def _hang_up(self) -> None:
        if self._line:
            self._line.close()
            self._line = None


def _line_to(address: SplitResult) -> http.client.HTTPConnection:
    kind = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
    return kind(address.hostname or "", address.port, timeout=_TIMEOUT_S)
