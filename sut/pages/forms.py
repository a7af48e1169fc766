"""Reads the forms of pages: bounded while they stream in, proven to be ours, mistakes told by field."""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import Depends, Request

from sut import sessions
from sut.problems import Problem

FORM_LIMIT_BYTES = 64 * 1024
_DRAIN_BYTES = 64 * 1024 * 1024
_DRAIN_S = 20.0
_MAX_FIELDS = 20


@dataclass(frozen=True)
class Upload:
    """A file that came with a form."""

    filename: str
    content: bytes = field(repr=False)


@dataclass
class Form:
    """What was typed, by field, and what is wrong with it."""

    values: dict[str, str] = field(default_factory=dict)
    files: dict[str, Upload] = field(default_factory=dict)
    mistakes: dict[str, str] = field(default_factory=dict)

    def text(self, name: str, label: str, *, longest: int, shortest: int = 1) -> str:
        """Return a field as one trimmed line, noting a mistake if it is missing, too short or too long."""
        value = self.values.get(name, "").strip()
        if not value:
            self.mistakes[name] = f"{label} is missing."
        elif not shortest <= len(value) <= longest:
            self.mistakes[name] = f"{label} must have {shortest} to {longest} characters."
        elif not is_plain(value):
            self.mistakes[name] = f"{label} holds characters that cannot be printed."
        return value

    def whole_number(self, name: str, label: str, *, lowest: int, highest: int) -> int:
        """Return a field as a whole number, noting a mistake if it is none or out of bounds."""
        value = self.values.get(name, "").strip()
        digits = value.removeprefix("+")
        if not (digits.isascii() and digits.isdigit() and len(digits) <= 12):
            self.mistakes[name] = f"{label} must be a whole number."
            return lowest
        if not lowest <= int(digits) <= highest:
            self.mistakes[name] = f"{label} must be from {lowest} to {highest}."
        return int(digits)


def is_plain(text: str) -> bool:
    """Say whether a text has no control characters and can be stored as UTF-8."""
    return all(unicodedata.category(character) not in ("Cc", "Cs") for character in text)


async def read(request: Request, limit_bytes: int = FORM_LIMIT_BYTES) -> Form:
    """Read a form of a page that carries the session's token.

    Raises:
        HTTPException: 400 when it broke off or cannot be decoded, 403 when the token is missing or wrong,
            413 when it is larger than the limit.
    """
    bounded = Request(request.scope, _bounded(request.receive, limit_bytes))
    form = Form()
    async with bounded.form(max_files=1, max_fields=_MAX_FIELDS) as fields:
        sessions.check_csrf(request, fields.get(sessions.CSRF_FIELD))
        for name, value in fields.items():
            if isinstance(value, str):
                form.values[name] = value
            elif value.filename:
                form.files[name] = Upload(value.filename, await value.read())
    return form


async def read_body(request: Request, limit_bytes: int) -> bytes:
    """Read a whole body.

    Raises:
        HTTPException: 400 when it broke off, 413 when it is larger than the limit.
    """
    return await Request(request.scope, _bounded(request.receive, limit_bytes)).body()


async def _small(request: Request) -> Form:
    return await read(request)


#: A dependency of every form POST without a file.
SentForm = Annotated[Form, Depends(_small)]


def _bounded(receive: Callable[[], Awaitable[Any]], limit_bytes: int) -> Callable[[], Awaitable[Any]]:
    """Count what streams in and refuse at the limit; what follows is thrown away, so the page is seen."""
    got_bytes = 0

    async def counted() -> Any:
        nonlocal got_bytes
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Problem(400, "The request broke off.")
        got_bytes += len(message.get("body", b""))
        if got_bytes > limit_bytes:
            await _drain(receive, message)
            raise Problem(413, f"At most {limit_bytes // 1000} kB can be sent here.")
        return message

    return counted


async def _drain(receive: Callable[[], Awaitable[Any]], message: Any) -> None:
    """Take the rest in, up to a bound: a browser that is cut off shows its own error, not our page."""
    left_bytes = _DRAIN_BYTES
    try:
        async with asyncio.timeout(_DRAIN_S):
            while message.get("more_body") and left_bytes > 0:
                message = await receive()
                left_bytes -= len(message.get("body", b""))
    except TimeoutError:
        return
