"""People get in with their own password, and with nothing else."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from e2e.pages.mes import Dashboard
from e2e.pages.shop import SignUpPage, Storefront
from fixtures.cast import Personas
from fixtures.connection import Refusal
from fixtures.personas import Buyer, Operator
from fixtures.testbed.target import Target
from fixtures.windows import Windows


def test_an_operator_signs_in_and_out(operator: Operator, dashboard: Dashboard, windows: Windows) -> None:
    """A wrong password is told on the form; the right one leads to the dashboard; signing out leads back."""
    windows.expect_refusal(401)
    door = dashboard.open_sign_in()

    door.enter(operator.email, "not the password")
    expect(door.alert).to_be_visible()
    page = door.enter(operator.email, operator.password)
    expect(page.heading).to_have_text("Orders")

    expect(page.sign_out().sign_in).to_be_visible()


def test_a_shopper_makes_an_account_and_may_order(personas: Personas, storefront: Storefront) -> None:
    """From the storefront to the form that takes a model, without help."""
    name, email, password = personas.account()
    page = storefront.open_as_stranger()

    page.get_by_role("link", name="Create account").first.click()
    SignUpPage(page).enter(email, name, password)

    expect(page.get_by_label("3D model (STL)")).to_be_visible()
    expect(page.get_by_text(name)).to_be_visible()


NO_ACCOUNTS = {
    "no e-mail": {"e_mail": ""},
    "no e-mail address": {"e_mail": "somebody"},
    "no name": {"name": " "},
    "no password": {"password": ""},
    "a password of 7": {"password": "1234567"},
    "a password of 201": {"password": "p" * 201},
}


def test_an_account_that_cannot_be_is_not_made(personas: Personas, target: Target) -> None:
    """Who leaves something out, or takes a password that is soon guessed, may try again with that e-mail."""
    name, email, password = personas.account()
    right = {"e_mail": email, "name": name, "password": password}
    stranger = personas.stranger(target.urls.shop)
    form = stranger.open("/sign-up").form_with("Create account")

    def answered(change: dict[str, str]) -> int:
        data = form.filled("Create account", **right | change)
        return stranger.http.post(form.action, data=data).status_code

    assert {why: answered(change) for why, change in NO_ACCOUNTS.items()} == dict.fromkeys(NO_ACCOUNTS, 422)
    assert answered({}) == 303


def test_every_character_of_a_password_counts(personas: Personas, target: Target) -> None:
    """The end of the longest password, its blanks, capitals and accents are as needed as its beginning."""
    name, email, _ = personas.account()
    password = " Long\N{LATIN SMALL LETTER E WITH ACUTE}Pass" * 19 + " Long Pas "
    plain = password.replace("\N{LATIN SMALL LETTER E WITH ACUTE}", "e")
    alike = (f"{password[:-1]}z", password[:-1], password[1:], password.strip(), password.lower(), plain)
    owner, other = personas.stranger(target.urls.shop), personas.stranger(target.urls.shop)
    owner.press("/sign-up", "Create account", e_mail=email, name=name, password=password)
    form = other.open("/sign-in").form_with("Sign in")

    def answered(typed: str) -> int:
        data = form.filled("Sign in", e_mail=email, password=typed)
        return other.http.post(form.action, data=data).status_code

    assert [answered(typed) for typed in alike] == [401] * len(alike)
    assert answered(password) == 303


def test_an_e_mail_address_has_one_account(buyer: Buyer, personas: Personas, target: Target) -> None:
    """Signing up again with a known address is refused and leaves the account as it was."""
    again = personas.stranger(target.urls.shop)

    with pytest.raises(Refusal) as refusal:
        again.press("/sign-up", "Create account", e_mail=buyer.email, name="Mallory", password="another one")

    assert refusal.value.status == 409
    assert buyer.name in again.sign_in(buyer.email, buyer.password).root.text


def test_a_wrong_password_and_an_unknown_address_look_alike(
    buyer: Buyer, personas: Personas, target: Target
) -> None:
    """The form does not tell strangers who has an account."""
    stranger = personas.stranger(target.urls.shop)

    with pytest.raises(Refusal) as wrong:
        stranger.sign_in(buyer.email, "not the password")
    with pytest.raises(Refusal) as unknown:
        stranger.sign_in(f"nobody-{buyer.email}", "not the password")

    assert wrong.value.status == unknown.value.status == 401
    assert stranger.read(wrong.value).alert() == stranger.read(unknown.value).alert()
