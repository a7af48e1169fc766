"""The pages to sign in and out."""

from __future__ import annotations

import re
from pathlib import Path

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import RedirectResponse, Response

from sut import sessions
from sut.accounts.current import Recognise
from sut.accounts.returning import local_path
from sut.accounts.store import Account, Accounts, TooManyAttempts, WrongPassword
from sut.pages.forms import Form, SentForm, is_plain
from sut.pages.routing import PageRoute
from sut.pages.templating import pages_of

TEMPLATES = Path(__file__).with_name("templates")
EMAIL_LONGEST = 254
NAME_LONGEST = 100
PASSWORD_SHORTEST, PASSWORD_LONGEST = 8, 200
_HOME = "/orders"
_WORD = r"[^@\s,;:<>()\[\]\\\".]+"
_EMAIL = re.compile(rf"{_WORD}(\.{_WORD})*@{_WORD}(\.{_WORD})*")

router = APIRouter(include_in_schema=False, route_class=PageRoute)


def install(app: FastAPI, accounts: Accounts, *, cookie: str, secret: str, https: bool = False) -> None:
    """Give an application its accounts, its sessions and the pages to sign in and out."""
    app.state.accounts = accounts
    app.add_middleware(Recognise, accounts=accounts)
    sessions.install(app, cookie=cookie, secret=secret, https=https)
    app.include_router(router)


@router.get("/sign-in")
async def ask_to_sign_in(request: Request, next: str = "") -> Response:  # noqa: A002  # the query's name
    """Show the form; whoever is signed in already goes on."""
    if request.state.account:
        return _to(local_path(next, _HOME))
    return _form(request, Form(values={"next": local_path(next, "")}))


@router.post("/sign-in")
async def sign_in(request: Request, form: SentForm) -> Response:
    """Check the password and begin a session."""
    accounts: Accounts = request.app.state.accounts
    email = read_email(form)
    password = form.values.get("password", "")
    if not password or len(password) > PASSWORD_LONGEST:
        form.mistakes["password"] = f"The password has 1 to {PASSWORD_LONGEST} characters."
    if form.mistakes:
        return _form(request, form, status=422)
    try:
        account = await accounts.check(email, password, address_of(request))
    except TooManyAttempts as shut:
        text = f"Too many attempts to sign in. Try again in {shut.wait_s} seconds."
        return _form(request, form, status=429, alert=text, headers={"Retry-After": str(shut.wait_s)})
    except WrongPassword:
        return _form(request, form, status=401, alert="The e-mail or the password is wrong.")
    await begin_session(request, account)
    return _to(local_path(form.values.get("next", ""), _HOME))


@router.post("/sign-out")
async def sign_out(request: Request, form: SentForm) -> Response:
    """End the session here and in the database."""
    accounts: Accounts = request.app.state.accounts
    if ticket := sessions.ticket(request):
        await accounts.close_sign_in(ticket)
    sessions.sign_out(request)
    return _to("/sign-in")


def address_of(request: Request) -> str:
    """Return where a request comes from, by which attempts are counted."""
    return request.client.host if request.client else ""


async def begin_session(request: Request, account: Account) -> None:
    """Sign an account in, in a session that did not exist before."""
    accounts: Accounts = request.app.state.accounts
    if before := sessions.ticket(request):
        await accounts.close_sign_in(before)
    sessions.sign_in(request, await accounts.open_sign_in(account))


def read_email(form: Form) -> str:
    """Return the form's e-mail, noting a mistake if it cannot be one."""
    email = form.text("email", "The e-mail", longest=EMAIL_LONGEST)
    if "email" not in form.mistakes and not is_email(email):
        form.mistakes["email"] = "That is not an e-mail address."
    return email.lower()


def read_new_password(form: Form) -> str:
    """Return the form's password, noting a mistake if it is too short or too long."""
    password = form.values.get("password", "")
    if not PASSWORD_SHORTEST <= len(password) <= PASSWORD_LONGEST:
        text = f"The password must have {PASSWORD_SHORTEST} to {PASSWORD_LONGEST} characters."
        form.mistakes["password"] = text
    return password


def is_email(text: str) -> bool:
    """Say whether a text can be an e-mail address; only a mail that arrives could prove it."""
    return is_plain(text) and _EMAIL.fullmatch(text) is not None


def _form(
    request: Request, form: Form, *, status: int = 200, alert: str = "", headers: dict[str, str] | None = None
) -> Response:
    page = pages_of(request).page
    return page(request, "sign-in.html", status=status, form=form, alert_text=alert, headers=headers)


def _to(path: str) -> Response:
    return RedirectResponse(path, 303)
