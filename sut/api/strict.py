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
            raise invalid([("query", f"only {', '.join(sorted(known)) or 'nothing'} is allowed")])
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
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise Problem(400, "The body is not JSON.") from None
    try:
        return kind.model_validate(value)
    except ValidationError as error:
        raise invalid([(_field(fault["loc"]), fault["msg"]) for fault in error.errors()]) from None


async def limited_body(request: Request, limit: int) -> bytes:
    """Read a whole body, counting what really comes, whatever its Content-Length says.

    Raises:
        Problem: 413 it is larger than `limit` bytes.
    """
    body = bytearray()
    received = 0
    try:
        async for chunk in request.stream():
            received += len(chunk)
            if received <= limit:
                body += chunk
            elif received > 2 * limit:
                break  # up to here the rest is read and dropped, so that most senders come to read the answer
    except ClientDisconnect:
        raise Problem(400, "The body broke off.") from None
    if received > limit:
        raise Problem(
            413,
            f"The body is larger than {limit:,} bytes.",
            headers={"Connection": "close"},
            code="too-large",
        )
    return bytes(body)


def _field(location: tuple[str | int, ...]) -> str:
    """Name a field; one that the sender made up is not repeated in full."""
    return (
        ".".join(str(part)[:40] for part in location).encode("ascii", "backslashreplace").decode() or "body"
    )
