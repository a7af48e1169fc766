"""Who a request comes from: looked up once per request, demanded by the pages that need it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Depends, Request
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from sut import sessions
from sut.accounts.roles import Role
from sut.accounts.store import Account, Accounts
from sut.database import DatabaseUnavailable
from sut.problems import Problem

_WITHOUT_PEOPLE = ("/static/", "/health/", "/v1/", "/favicon.ico")


class Recognise:
    """Puts the signed-in account, or None, into each request's state; it stands inside the sessions."""

    def __init__(self, app: ASGIApp, accounts: Accounts) -> None:
        self._app = app
        self._accounts = accounts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Look the session's ticket up and pass the request on."""
        if scope["type"] == "http" and not scope["path"].startswith(_WITHOUT_PEOPLE):
            await self._recognise(Request(scope))
        await self._app(scope, receive, send)

    async def _recognise(self, request: Request) -> None:
        ticket = sessions.ticket(request)
        request.state.account = None
        if ticket is None:
            return
        try:
            request.state.account = await self._accounts.whose(ticket)
        except DatabaseUnavailable as error:
            request.state.account_unknown = error


async def _required(request: Request) -> Account:
    account: Account | None = request.state.account
    if account:
        return _served(account, request.app.state.accounts.role)
    if error := getattr(request.state, "account_unknown", None):
        raise error
    wanted = request.url.path if request.method in ("GET", "HEAD") else ""
    query = f"?next={quote(wanted, safe='/')}" if wanted else ""
    raise HTTPException(303, headers={"Location": f"/sign-in{query}"})


#: The account that a page is for, of the role that this site serves; whoever is not signed in is sent to sign
#: in first and back afterwards.
SignedIn = Annotated[Account, Depends(_required)]


async def is_still_signed_in(request: Request) -> bool:
    """Say whether the session that began a stream still holds while the stream goes on."""
    accounts: Accounts = request.app.state.accounts
    ticket = sessions.ticket(request)
    return ticket is not None and await accounts.whose(ticket) is not None


def only(role: Role) -> Callable[[Account], Coroutine[Any, Any, Account]]:
    """Return a dependency that is the signed-in account if it has the role; others are refused with 403."""

    async def required(account: SignedIn) -> Account:
        return _served(account, role)

    return required


def _served(account: Account, role: Role) -> Account:
    if account.role is not role:
        raise Problem(403, f"This page is for every {role} and nobody else.")
    return account
