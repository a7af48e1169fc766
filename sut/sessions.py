"""Signed session cookies, and the token that every form carries to prove that it is ours."""

from __future__ import annotations

import hmac
import secrets

from fastapi import FastAPI, HTTPException, Request
from starlette.middleware.sessions import SessionMiddleware

CSRF_FIELD = "csrf_token"
_CSRF = "csrf"
_TICKET = "ticket"
_MAX_AGE_S = 12 * 3600


def install(app: FastAPI, *, cookie: str, secret: str, https: bool = False) -> None:
    """Keep sessions in a signed cookie: HttpOnly, SameSite=Lax, Secure with https.

    Services on one host need cookies of different names.
    """
    app.add_middleware(
        SessionMiddleware,
        secret_key=secret,
        session_cookie=cookie,
        max_age=_MAX_AGE_S,
        same_site="lax",
        https_only=https,
    )


def csrf_token(request: Request) -> str:
    """Return this session's form token, making one at first use; pages put it into every form."""
    if _CSRF not in request.session:
        request.session[_CSRF] = secrets.token_urlsafe(32)
    return str(request.session[_CSRF])


def check_csrf(request: Request, sent: object) -> None:
    """Refuse a form that came without this session's token; `pages/forms.py` calls it for every form.

    Raises:
        HTTPException: 403.
    """
    kept = request.session.get(_CSRF)
    if not isinstance(sent, str) or not kept or not hmac.compare_digest(sent.encode(), str(kept).encode()):
        raise HTTPException(403, "This form is no longer valid. Go back, reload the page and try again.")


def sign_in(request: Request, ticket: str) -> None:
    """Begin a fresh session that holds a sign-in's ticket; a cookie from before it is worth nothing."""
    request.session.clear()
    request.session[_TICKET] = ticket
    csrf_token(request)


def sign_out(request: Request) -> None:
    """End the session."""
    request.session.clear()


def ticket(request: Request) -> str | None:
    """Return the ticket of this session's sign-in, if any; whether it still holds, the database says."""
    found = request.session.get(_TICKET)
    return str(found) if found else None
