"""An HTTP answer, in the words of Locust's clients: status_code, headers, text, json()."""

import json
import re
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

import brotli  # type: ignore[import-untyped]  # as its authors left it

from load.client.faults import Kind, NoAnswer

_CHARSET = re.compile(r"charset=\"?([\w.:-]+)", re.IGNORECASE)
RawHeaders = list[tuple[bytes, bytes]]


class Headers(Mapping[str, str]):
    """Header fields, whatever their letters' case; what occurs several times is joined by commas."""

    def __init__(self, raw: RawHeaders) -> None:
        self._raw = raw

    def all(self, name: str) -> list[str]:
        """Return every value of a field, such as Set-Cookie."""
        wanted = name.lower().encode("latin-1")
        return [value.decode("latin-1") for field, value in self._raw if field.lower() == wanted]

    def __getitem__(self, name: str) -> str:
        found = self.all(name)
        if not found:
            raise KeyError(name)
        return ", ".join(found)

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(field.decode("latin-1").lower() for field, _ in self._raw))

    def __len__(self) -> int:
        return sum(1 for _ in self)


class Answer:
    """What came back, its `content` decoded; where none can be believed, `status_code` is 0: see `error`."""

    __slots__ = ("content", "error", "history", "raw_headers", "status_code", "url")

    def __init__(self, status_code: int, raw: RawHeaders, content: bytes, url: str) -> None:
        self.status_code, self.url = status_code, url
        self.raw_headers, self.content = raw, content
        self.error: Exception | None = None
        self.history: list[Answer] = []

    @classmethod
    def none(cls, error: Exception, url: str) -> "Answer":
        """Return what stands for an answer that never came."""
        answer = cls(0, [], b"", url)
        answer.error = error
        return answer

    @property
    def headers(self) -> Headers:
        """The header fields."""
        return Headers(self.raw_headers)

    @property
    def text(self) -> str:
        """The body as text."""
        named = _CHARSET.search(self.headers.get("content-type", ""))
        try:
            return self.content.decode(named[1] if named else "utf-8", "replace")
        except LookupError:
            return self.content.decode("utf-8", "replace")

    @property
    def ok(self) -> bool:
        """Whether there is an answer that is no error."""
        return 0 < self.status_code < 400

    def json(self) -> Any:
        """Read the body as JSON.

        Raises:
            ValueError: it is none.
        """
        return json.loads(self.content)

    def raise_for_status(self) -> None:
        """Raise unless `ok`.

        Raises:
            NoAnswer: nothing that could be believed was answered.
            ValueError: the status is an error's.
        """
        if self.error is not None:
            raise self.error
        if not self.ok:
            raise ValueError(f"status {self.status_code}")


def decoded(encodings: list[bytes], content: bytes, largest: int) -> bytes:
    """Return a body without its content encodings; a corrupt or truncated one is not passed on.

    Raises:
        NoAnswer: it is not what it says.
    """
    for encoding in reversed(encodings if content else []):
        try:
            content = _decoded_once(encoding, content, largest)
        except (zlib.error, brotli.error) as error:
            raise NoAnswer(Kind.NOT_DECODED, f"{encoding.decode('latin-1')}: {error}") from None
    return content


def _decoded_once(encoding: bytes, content: bytes, largest: int) -> bytes:
    if encoding == b"br":
        plain: bytes = brotli.decompress(content)
        return plain
    if encoding in (b"gzip", b"x-gzip"):
        return _inflated(content, zlib.MAX_WBITS | 16, largest)
    if encoding == b"deflate":
        try:
            return _inflated(content, zlib.MAX_WBITS, largest)
        except zlib.error:
            return _inflated(content, -zlib.MAX_WBITS, largest)  # many servers leave out the zlib head
    return content  # `identity`, or what we did not ask for: whoever reads it will know


def _inflated(content: bytes, bits: int, largest: int) -> bytes:
    whole = b""
    while content:
        inflating = zlib.decompressobj(bits)
        whole += inflating.decompress(content, largest + 1 - len(whole))
        if len(whole) > largest:
            raise NoAnswer(Kind.TOO_LARGE, f"more than {largest} bytes once decoded")
        if not inflating.eof:
            raise zlib.error("it ends too early")
        content = inflating.unused_data.lstrip(b"\0")
    return whole
