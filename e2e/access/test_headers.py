"""What a site tells browsers to forbid: foreign scripts, frames, guesses, and the reading of its cookie."""

from __future__ import annotations

from http.cookies import SimpleCookie
from typing import Any

import pytest

from fixtures.cast import Personas
from fixtures.orders import an_order
from fixtures.personas import Buyer, Operator, Partner
from fixtures.testbed.target import Target
from fixtures.web_doors import WebDoor

SITES = ["shop", "mes", "flow"]
EVERYWHERE = ["/sign-in", "/orders", "/no-such-page", "/static/style.css", "/favicon.ico", "/health/live"]
UNSAFE = ("'unsafe-inline'", "'unsafe-eval'", "*", "http:", "https:", "data:", "blob:")


def site_of(target: Target, name: str) -> str:
    """Where a site is."""
    return str(getattr(target.urls, name) or pytest.skip(f"the target names no {name}"))


def directives(policy: str) -> dict[str, list[str]]:
    """A Content-Security-Policy by directive."""
    parts = (part.split() for part in policy.split(";") if part.strip())
    return {name.lower(): sources for name, *sources in parts}


@pytest.mark.parametrize("path", EVERYWHERE)
@pytest.mark.parametrize("site", SITES)
def test_every_answer_of_a_site_carries_the_guards(
    target: Target, personas: Personas, site: str, path: str
) -> None:
    """Pages, redirects, refusals and files alike, also to a method that is not offered."""
    http = personas.stranger(site_of(target, site)).http

    for answer in (http.get(path), http.delete(path)):
        policy = directives(answer.headers["content-security-policy"])
        scripts = policy.get("script-src", policy["default-src"])
        assert [source for source in scripts if source.startswith(UNSAFE)] == []
        assert policy["frame-ancestors"] == policy["object-src"] == policy["base-uri"] == ["'none'"]
        assert policy["form-action"] == ["'self'"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] in ("DENY", "SAMEORIGIN")
        assert answer.headers["referrer-policy"] in ("same-origin", "no-referrer", "strict-origin")


@pytest.mark.parametrize("site", SITES)
def test_a_page_keeps_its_scripts_outside(target: Target, personas: Personas, site: str) -> None:
    """No page needs what the policy forbids: script in the page, handlers or styles in attributes."""
    page = personas.stranger(site_of(target, site)).open("/sign-in")

    inline: list[Any] = [script for script in page.root.every("script") if "src" not in script.attributes]

    assert inline == list(page.root.every("style")) == []


@pytest.mark.parametrize("site", SITES)
def test_the_session_is_a_cookie_that_browsers_guard(target: Target, personas: Personas, site: str) -> None:
    """No script reads it, no other site's form sends it, and with https no plain connection carries it."""
    url = site_of(target, site)

    answer = personas.stranger(url).http.get("/sign-in")

    cookies = SimpleCookie(answer.headers["set-cookie"])
    for cookie in cookies.values():
        assert cookie["httponly"] is True
        assert cookie["samesite"].lower() in ("lax", "strict")
        assert (cookie["domain"], bool(cookie["secure"])) == ("", url.startswith("https:"))
    assert cookies


def test_the_session_of_somebody_signed_in_is_guarded_as_well(target: Target, personas: Personas) -> None:
    """The cookie that counts is the one after signing in."""
    buyer = personas.buyer()
    stranger = personas.stranger(target.urls.shop)
    form = stranger.open("/sign-in").form_with("Sign in")

    answer = stranger.http.post(
        form.action, data=form.filled("Sign in", e_mail=buyer.email, password=buyer.password)
    )

    [cookie] = SimpleCookie(answer.headers["set-cookie"]).values()
    assert (cookie["httponly"], cookie["samesite"].lower()) == (True, "lax")
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", EVERYWHERE)
@pytest.mark.parametrize("site", SITES)
def test_head_is_answered_as_get_without_the_body(
    target: Target, personas: Personas, site: str, path: str
) -> None:
    """Monitors and link checkers may ask by HEAD."""
    http = personas.stranger(site_of(target, site)).http

    asked, looked = http.get(path), http.head(path)

    assert (looked.status_code, looked.content) == (asked.status_code, b"")
    assert looked.headers.get("content-type") == asked.headers.get("content-type")


def test_answers_to_programs_are_no_pages(partner: Partner) -> None:
    """What the API answers is never sniffed, framed or kept, also if a browser is led to it."""
    for answer in (partner.door.http.get("/v1/orders"), partner.door.http.get("/v1/nothing")):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert directives(answer.headers["content-security-policy"])["default-src"] == ["'none'"]


def test_pages_of_somebody_are_kept_by_nobody(buyer: Buyer, operator: Operator, partner: Partner) -> None:
    """Who goes back after another has signed out sees nothing of theirs."""
    mine, theirs = buyer.placed(an_order()), partner.priced(an_order())
    pages: list[tuple[WebDoor, str]] = [
        (buyer.door, path) for path in ("/", "/orders", f"/orders/{mine.number}", "/account")
    ]
    pages += [(operator.door, path) for path in ("/orders", f"/orders/{theirs.number}", "/notifications")]

    answers = {path: door.http.get(path).headers["cache-control"] for door, path in pages}

    assert answers == dict.fromkeys(answers, "no-store")
