"""The pages around ordering: storefront, tariff, signing up, the shopper's account."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from sut.accounts import routes as account_pages
from sut.accounts.current import SignedIn
from sut.accounts.store import Accounts, EmailTaken, TooManyAttempts
from sut.pages.forms import Form, SentForm
from sut.pages.routing import PageRoute
from sut.pages.templating import pages_of
from sut.problems import Problem
from sut.shop.parts import Wired

router = APIRouter(include_in_schema=False, route_class=PageRoute)


@router.get("/")
async def storefront(request: Request) -> Response:
    """Show what this shop is for."""
    return pages_of(request).page(request, "storefront.html")


@router.get("/tariff")
async def tariff(request: Request, parts: Wired) -> Response:
    """Show the price table."""
    return pages_of(request).page(request, "tariff.html", tariff=await parts.ordering.tariff())


@router.get("/account")
async def account(request: Request, shopper: SignedIn) -> Response:
    """Show what the shop knows of the shopper."""
    return pages_of(request).page(request, "account.html", shopper=shopper)


@router.get("/sign-up")
async def ask_to_sign_up(request: Request) -> Response:
    """Show the form; whoever is signed in already goes on."""
    if request.state.account:
        return RedirectResponse("/orders", 303)
    return _form(request, Form())


@router.post("/sign-up")
async def sign_up(request: Request, form: SentForm) -> Response:
    """Make an account and sign in to it."""
    accounts: Accounts = request.app.state.accounts
    email = account_pages.read_email(form)
    name = form.text("name", "The name", longest=account_pages.NAME_LONGEST)
    password = account_pages.read_new_password(form)
    if form.mistakes:
        return _form(request, form, status=422)
    try:
        shopper = await accounts.sign_up(email, name, password, account_pages.address_of(request))
    except TooManyAttempts as shut:
        wait = {"Retry-After": str(shut.wait_s)}
        raise Problem(429, f"Try again in {shut.wait_s} seconds.", headers=wait) from None
    except EmailTaken:
        form.mistakes["email"] = "There is an account with this e-mail already. Sign in instead."
        return _form(request, form, status=409)
    await account_pages.begin_session(request, shopper)
    return RedirectResponse("/orders/new", 303)


def _form(request: Request, form: Form, status: int = 200) -> Response:
    return pages_of(request).page(request, "sign-up.html", status=status, form=form)
