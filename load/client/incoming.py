"""An answer as it comes in, parsed by httptools: what it holds, when it is whole, what is wrong with it."""

from typing import NamedTuple

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from load.client.answer import RawHeaders
from load.client.faults import Kind, NoAnswer


class Received(NamedTuple):
    """An answer as it came."""

    status: int
    headers: RawHeaders
    body: bytes


class Incoming:
    """The answers of one connection, one after another; between two of them `is_done`."""

    __slots__ = (
        *("_body", "_headers", "_is_head", "_is_interim", "_largest", "_parser", "_size", "_status"),
        *("fault", "has_begun", "is_done", "keeps", "may_continue"),
    )

    def __init__(self) -> None:
        self._parser = self._new_parser()
        self.fault: NoAnswer | None = None
        self.is_done, self.keeps = True, False

    def begin(self, *, is_head: bool, largest: int) -> None:
        """Await the answer to a request."""
        self._is_head, self._largest = is_head, largest
        self._headers: RawHeaders = []
        self._body: list[bytes] = []
        self._status = self._size = 0
        self.fault = None
        self.is_done = self.keeps = self._is_interim = False
        self.has_begun = self.may_continue = False
        """Whether a `100 Continue`, or the like, came before the answer."""

    def feed(self, data: memoryview) -> None:
        """Take what came."""
        self.has_begun = True
        try:
            self._parser.feed_data(data)
        except HttpParserUpgrade:
            self.is_done, self.keeps = True, False
        except HttpParserError as error:
            told = error.__context__ if isinstance(error.__context__, NoAnswer) else None
            kind = Kind.SURPLUS if self.is_done else Kind.NOT_HTTP
            self.fail(told or self.fault or NoAnswer(kind, str(error)))

    def end(self, why: str, *, was_used: bool) -> None:
        """The other end has closed: that is the end of an answer, or an answer that never came."""
        if not self.has_begun:
            self.fail(NoAnswer(Kind.CLOSED, why, is_stale=was_used))
        elif self._status and not why and self._lasts_until_closed():
            self.is_done = True
        else:
            self.fail(NoAnswer(Kind.TRUNCATED, why))

    def fail(self, fault: NoAnswer) -> None:
        """There will be no answer that can be believed."""
        self.fault, self.is_done = fault, True

    def received(self) -> Received:
        """Return the answer, which is done, and keep none of it: the connection may be idle for long."""
        body, self._body = self._body, []
        headers, self._headers = self._headers, []
        return Received(self._status, headers, body[0] if len(body) == 1 else b"".join(body))

    def _lasts_until_closed(self) -> bool:
        fields = {name.lower(): value.lower() for name, value in self._headers}
        chunked = fields.get(b"transfer-encoding", b"").rstrip().endswith(b"chunked")
        return not chunked and b"content-length" not in fields

    # --- what httptools calls ---

    def _new_parser(self) -> HttpResponseParser:
        parser = HttpResponseParser(self)
        parser.set_dangerous_leniencies(lenient_optional_cr_before_lf=True)  # as browsers are
        return parser

    def on_message_begin(self) -> None:
        """See whether something begins that nobody has asked for."""
        if self.is_done:
            self.fault = NoAnswer(Kind.SURPLUS)

    def on_header(self, name: bytes, value: bytes | None) -> None:
        """Keep a header field."""
        self._headers.append((name, value or b""))

    def on_headers_complete(self) -> None:
        """Note the status; an answer to HEAD ends here."""
        if self.is_done:
            return
        self._status = status = self._parser.get_status_code()
        self._is_interim = 100 <= status < 200 and status != 101
        if self._is_head and not self._is_interim:
            self.is_done = True
            fields = {name.lower(): value.lower() for name, value in self._headers}
            self.keeps = self._parser.get_http_version() == "1.1" and fields.get(b"connection") != b"close"
            self._parser = self._new_parser()  # this one waits for the body that the length announces

    def on_body(self, body: bytes) -> None:
        """Keep a piece of the body."""
        if self.is_done:
            self.fault = NoAnswer(Kind.SURPLUS)
            return
        self._size += len(body)
        if self._size > self._largest:
            raise NoAnswer(Kind.TOO_LARGE, f"more than {self._largest} bytes")
        self._body.append(body)

    def on_message_complete(self) -> None:
        """The answer is whole, unless it was only one of those that come before it."""
        if self._is_interim:
            self._is_interim, self.may_continue, self._status = False, True, 0
            self._headers.clear()
        elif not self.is_done:
            self.is_done = True
            self.keeps = self._parser.should_keep_alive()
