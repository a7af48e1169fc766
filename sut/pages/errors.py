"""A page for everything that went wrong, in words and with the right status."""

from __future__ import annotations

import logging
from http import HTTPStatus
from urllib.parse import urlsplit

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, Response
from starlette.exceptions import HTTPException

from sut.database import DatabaseUnavailable
from sut.pages.headers import SECURITY_HEADERS
from sut.pages.templating import pages_of
from sut.problems import RETRY_AFTER_S, Problem, allowed_methods

log = logging.getLogger(__name__)

_TITLES = {
    400: "That could not be read",
    403: "That is not allowed",
    404: "Page not found",
    405: "That cannot be done here",
    409: "That is not possible now",
    413: "That is too large",
    415: "That kind of file is not accepted",
    422: "Something is wrong with the request",
    429: "Too many attempts",
    500: "Something went wrong here",
    503: "Please try again shortly",
}
_NOTHING_HERE = "There is nothing at this address, or it is not yours to see."
_AWAY = "The service is busy or being restarted. Nothing you have sent in before is lost."


def install(app: FastAPI) -> None:
    """Answer every refusal and failure of this application with a page."""
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(DatabaseUnavailable, _away)
    app.add_exception_handler(Exception, _failed)


def unavailable(request: Request, detail: str) -> Problem:
    """Return the refusal for something that is away now; its page offers to try again."""
    return Problem(503, detail, headers={"Retry-After": str(RETRY_AFTER_S)}, again=_page_before(request))


def _page_before(request: Request) -> str | None:
    """Return the page to go back to: the one asked for or, for a form that was sent, the one it was on."""
    if request.method == "GET":
        return request.url.path
    came_from = urlsplit(request.headers.get("referer", ""))
    is_ours = came_from.netloc == request.url.netloc and came_from.path.startswith("/")
    return came_from.path if is_ours and not came_from.path.startswith("//") else None


def page_of(request: Request, problem: HTTPException) -> HTMLResponse:
    """Write a refusal as a page; a Problem's members title, again, back and back_text shape it."""
    members = getattr(problem, "members", {})
    status = problem.status_code
    return pages_of(request).page(
        request,
        "error.html",
        status=status,
        headers=problem.headers,
        title=members.get("title") or _TITLES.get(status) or HTTPStatus(status).phrase,
        detail=problem.detail,
        again=members.get("again"),
        back=members.get("back"),
        back_text=members.get("back_text"),
    )


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code < HTTPStatus.BAD_REQUEST:  # sent elsewhere, as to sign in first
        return Response(status_code=error.status_code, headers=error.headers)
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        allow = ", ".join(allowed_methods(request))
        error = Problem(405, f"This address offers {allow}.", headers={"Allow": allow})
    elif error.status_code == HTTPStatus.NOT_FOUND and not isinstance(error, Problem):
        error = Problem(404, _NOTHING_HERE)
    return page_of(request, error)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    faults = [f"{fault['loc'][-1]}: {fault['msg']}" for fault in error.errors()]
    return page_of(request, Problem(422, "; ".join(faults)[:500]))


async def _away(request: Request, error: Exception) -> Response:
    log.warning("refused because the database is away: %s", error)
    return page_of(request, unavailable(request, _AWAY))


async def _failed(request: Request, error: Exception) -> Response:
    """Answer a bug; the server's log has the trace, because Starlette raises the error again after this."""
    page = page_of(request, Problem(500, "It is logged and not your fault."))
    page.headers.update(SECURITY_HEADERS)  # this answer passes by the middleware that adds them
    return page
