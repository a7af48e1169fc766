"""Requests are taken as documented or not at all: right type and size of body, no unknown parameters."""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from fastapi import Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError
from starlette.requests import ClientDisconnect

from sut.problems import Problem, invalid

JSON_MAX_BYTES = 64_000

M = TypeVar("M", bound=BaseModel)


class StrictRoute(APIRoute):
    """A route that refuses query parameters it does not know, and any parameter or header sent twice."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap FastAPI's handler."""
        handle = super().get_route_handler()
        known = {parameter.alias for parameter in self.dependant.query_params}
        headers = {parameter.alias.lower() for parameter in self.dependant.header_params}

        async def strict(request: Request) -> Response:
            _check_query(request, known)
            for name in headers:
                if len(request.headers.getlist(name)) > 1:
                    raise invalid([(f"header.{name}", "is given more than once")])
            return await handle(request)

        return strict


def _check_query(request: Request, known: set[str]) -> None:
    seen = set()
    for name, _ in request.query_params.multi_items():
        if name not in known:
            raise invalid([("query", f"the parameters are: {', '.join(sorted(known)) or 'none'}")])
        if name in seen:
            raise invalid([(f"query.{name}", "is given more than once")])
        seen.add(name)


async def json_body(request: Request, kind: type[M]) -> M:
    """Read a JSON body as `kind`.

    Raises:
        Problem: 415 not sent as JSON, 413 too large, 400 undecodable, 422 not of this shape.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise Problem(415, "Send the body as application/json.")
    text = await limited_body(request, JSON_MAX_BYTES)
    try:
        value = json.loads(text.decode())
    except (ValueError, RecursionError):
        raise Problem(400, "The body is not JSON in UTF-8.") from None
    if not isinstance(value, dict):
        raise invalid([("body", "must be an object")])
    try:
        return kind.model_validate(value)
    except ValidationError as error:
        raise invalid([(_field(fault["loc"]), fault["msg"]) for fault in error.errors()]) from None


async def limited_body(request: Request, limit: int) -> bytes:
    """Read a whole body, counting what really comes, whatever its Content-Length says.

    A body up to twice the limit is read to its end and dropped, because most senders read no answer before.

    Raises:
        Problem: 413 it is larger than `limit` bytes; 400 it broke off.
    """
    body = bytearray()
    received = 0
    if int(request.headers.get("content-length", "0")) > 2 * limit:
        raise _too_large(limit)
    try:
        async for chunk in request.stream():
            received += len(chunk)
            if received <= limit:
                body += chunk
            elif received > 2 * limit:
                break
    except ClientDisconnect:
        raise Problem(400, "The body broke off.") from None
    if received > limit:
        raise _too_large(limit)
    return bytes(body)


def _too_large(limit: int) -> Problem:
    """The connection ends with the answer: what is still to come must not be read as another request."""
    detail = f"The body is larger than {limit:,} bytes."
    return Problem(413, detail, headers={"Connection": "close"}, code="too-large")


def _field(location: tuple[str | int, ...]) -> str:
    """Name a field; one that the sender made up is not repeated in full."""
    return (
        ".".join(str(part)[:40] for part in location).encode("ascii", "backslashreplace").decode() or "body"
    )
