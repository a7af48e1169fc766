"""Refusals a program can read: RFC 9457 problem+json for everything an API answers but success."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import Match

from sut.database import DatabaseUnavailable
from sut.states import IllegalTransition

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 2
_METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")

#: The schema of every refusal, for OpenAPI documents.
SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "title": "Problem",
    "description": "Why a request was refused (RFC 9457).",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string", "description": "The kind of problem, in one short phrase."},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string", "description": "What was wrong with this very request."},
        "code": {"type": "string", "description": "The kind of problem, for programs."},
        "state": {"type": "string", "description": "The order's state that did not allow the command."},
        "errors": {
            "type": "array",
            "description": "Each field that was wrong.",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}


class Problem(HTTPException):
    """A refusal with a status, one sentence of detail and, where they help, members of its own."""

    def __init__(
        self, status: int, detail: str, *, headers: Mapping[str, str] | None = None, **members: Any
    ) -> None:
        super().__init__(status, detail, headers=headers)
        self.members = members


def unavailable(what: str) -> Problem:
    """Return the refusal for something that is away now and will be back."""
    return Problem(503, f"{what} Try again shortly.", headers={"Retry-After": str(RETRY_AFTER_S)})


def response(problem: HTTPException) -> JSONResponse:
    """Write a refusal."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(problem.status_code).phrase,
        "status": problem.status_code,
        "detail": problem.detail,
        **getattr(problem, "members", {}),
    }
    return JSONResponse(
        body, status_code=problem.status_code, headers=dict(problem.headers or {}), media_type=MEDIA_TYPE
    )


def install(app: FastAPI) -> None:
    """Answer every refusal of this application as problem+json."""
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(IllegalTransition, _illegal)
    app.add_exception_handler(DatabaseUnavailable, _away)
    app.add_exception_handler(Exception, _failed)


def allowed_methods(request: Request) -> list[str]:
    """Return every method that any route offers at the request's path; FastAPI names only the first's."""
    return [
        method
        for method in _METHODS
        if any(
            route.matches({**request.scope, "method": method})[0] is Match.FULL
            for route in request.app.routes
        )
    ]


async def _refused(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        allow = ", ".join(allowed_methods(request))
        error = Problem(405, f"This address offers {allow}.", headers={"Allow": allow})
    elif error.status_code == HTTPStatus.NOT_FOUND and not isinstance(error, Problem):
        error = Problem(404, "There is nothing at this address.")
    return response(error)


async def _invalid(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    faults: Sequence[Any] = error.errors()
    if any(fault["type"] == "json_invalid" for fault in faults):
        return response(Problem(400, "The body is not JSON."))
    return response(invalid([(_field(fault["loc"]), fault["msg"]) for fault in faults]))


def invalid(faults: Sequence[tuple[str, str]]) -> Problem:
    """Return the refusal that names each wrong field; it never repeats what was sent."""
    errors = [{"field": field, "message": message} for field, message in faults]
    return Problem(422, "; ".join(f"{field}: {message}" for field, message in faults)[:1000], errors=errors)


def _field(location: Sequence[str | int]) -> str:
    # FastAPI names the branch of a union as well, as in "query.state.str-enum[State]".
    names = [str(part) for part in location if "[" not in str(part)]
    return ".".join(names).encode("ascii", "backslashreplace").decode()


async def _illegal(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, IllegalTransition)
    return response(Problem(409, str(error), state=str(error.state)))


async def _away(_: Request, error: Exception) -> JSONResponse:
    log.warning("refused because the database is away: %s", error)
    return response(unavailable("The database cannot be reached."))


async def _failed(request: Request, error: Exception) -> JSONResponse:
    """Answer a bug; the server's log has the trace, because Starlette raises the error again after this."""
    return response(Problem(500, "Something went wrong here. It is logged and not your fault."))
