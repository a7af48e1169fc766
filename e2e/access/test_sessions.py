"""A session is its owner's, from signing in to signing out, and cannot be planted, forged or kept."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack

import httpx
import pytest

from fixtures.cast import Personas
from fixtures.database_hand import expire_sign_in
from fixtures.orders import an_order
from fixtures.personas import Buyer, Manager, Operator, Partner
from fixtures.testbed.target import Target
from fixtures.web_doors import WebDoor

OVER_S = 45.0
"""Within which an open stream notices that its reader has gone; ours looks every ten seconds."""


def cookie_of(door: WebDoor) -> tuple[str, str]:
    """Name and value of a visitor's session."""
    [cookie] = door.http.cookies.jar
    return cookie.name, cookie.value or ""


def visitor_with(personas: Personas, base_url: str, name: str, value: str) -> WebDoor:
    """A visitor who comes with a certain cookie."""
    visitor = personas.stranger(base_url)
    visitor.http.cookies.set(name, value)
    return visitor


def test_a_planted_session_does_not_become_the_victims(personas: Personas, buyer: Buyer) -> None:
    """Who plants a session of their own gets neither the victim's nor the token of the victim's forms."""
    url = buyer.door.base_url
    attacker = personas.stranger(url)
    token = attacker.open("/sign-in").form_with("Sign in").fields
    name, planted = cookie_of(attacker)
    victim = personas.stranger(url)
    victim.http.cookies.update(attacker.http.cookies)

    victim.sign_in(buyer.email, buyer.password)

    assert visitor_with(personas, url, name, planted).status("/account") == 303
    assert victim.http.post("/sign-out", data=token).status_code == 403
    assert victim.status("/account") == 200


def test_signing_in_anew_ends_the_session_before(personas: Personas, buyer: Buyer) -> None:
    """One browser has one session: what was copied of the earlier one is worth nothing."""
    url, (name, earlier) = buyer.door.base_url, cookie_of(buyer.door)
    again = personas.stranger(url)
    again.http.cookies.set(name, earlier, domain="127.0.0.1", path="/")
    form = personas.stranger(url).open("/sign-in").form_with("Sign in")
    token = again.open("/account").form_with("Sign out").fields

    data = form.filled("Sign in", e_mail=buyer.email, password=buyer.password) | token
    assert again.http.post("/sign-in", data=data).status_code == 303

    assert visitor_with(personas, url, name, earlier).status("/account") == 303


def test_each_browser_of_an_account_has_a_session_of_its_own(
    personas: Personas, buyer: Buyer, operator: Operator, manager: Manager
) -> None:
    """Signing in on the phone ends nothing on the desk, and neither does signing out there."""
    signed_in: dict[str, Buyer | Operator | Manager] = {"/account": buyer, "/orders": operator, "/": manager}
    seen = []
    for page, who in signed_in.items():
        desk, phone = who.door, personas.stranger(who.door.base_url)
        assert desk.status(page) == 200
        phone.sign_in(who.email, who.password)
        both = desk.status(page), phone.status(page)
        phone.press(page, "Sign out")
        seen.append((*both, desk.status(page), phone.status(page)))

    assert seen == [(200, 200, 200, 303)] * len(signed_in)


FORGERIES: dict[str, Callable[[str], str]] = {
    "empty": lambda value: "",
    "null": lambda value: "null",
    "unsigned": lambda value: value.partition(".")[0],
    "another signature": lambda value: value[:-6] + "AAAAAA",
    "another content": lambda value: "eyJ0aWNrZXQiOiAiMSJ9" + value[value.index(".") :],
    "another time": lambda value: ".".join([value.split(".")[0], "zzzzzz", value.split(".")[-1]]),
    "nonsense": lambda value: "%00%ff..;",
    "very long": lambda value: value * 20,
}


def test_a_forged_session_is_none(personas: Personas, buyer: Buyer) -> None:
    """A cookie that was tampered with leads to the form to sign in, never to a failure."""
    url, (name, value) = buyer.door.base_url, cookie_of(buyer.door)

    forged = {
        forgery: visitor_with(personas, url, name, forge(value)) for forgery, forge in FORGERIES.items()
    }

    seen = {forgery: (door.status("/account"), door.status("/sign-in")) for forgery, door in forged.items()}
    assert seen == dict.fromkeys(FORGERIES, (303, 200))


def test_an_open_stream_ends_when_its_reader_signs_out(operator: Operator, partner: Partner) -> None:
    """Notices of orders stop with the session, not when the page happens to be closed."""
    with operator.door.http.stream("GET", "/notifications/stream") as stream:
        lines = stream.iter_lines()
        assert next(lines).startswith("retry:")
        operator.door.press("/orders", "Sign out")

        order = partner.approved(an_order())

        told = next((line for line in lines if order.number in line), "nothing, and the stream ended")
        assert told == "nothing, and the stream ended"


def test_a_form_cannot_give_more_than_it_asks(personas: Personas, target: Target) -> None:
    """Fields that the form does not have make nobody an operator or somebody else."""
    name, email, password = personas.account()
    form = personas.stranger(target.urls.shop)
    page = form.open("/sign-up").form_with("Create account")
    asked = page.filled("Create account", e_mail=email, name=name, password=password)
    more = {"role": "manager", "id": "00000000-0000-4000-8000-000000000000", "is_admin": "1"}

    assert form.http.post("/sign-up", data=asked | more).status_code == 303

    assert form.open("/account").described("Customer number") != more["id"]
    assert form.http.get(f"{target.urls.mes}/orders").status_code == 303


def test_a_session_ends_by_itself(buyer: Buyer, operator: Operator, manager: Manager, target: Target) -> None:
    """A cookie that was copied is worth nothing once its time is over, on every site."""
    signed_in: dict[str, tuple[Buyer | Operator | Manager, str]] = {
        "shop": (buyer, "/account"),
        "mes": (operator, "/orders"),
        "flow": (manager, "/"),
    }
    before = {site: who.door.status(page) for site, (who, page) in signed_in.items()}

    for site, (who, _) in signed_in.items():
        expire_sign_in(target, site, who.email)

    after = {site: who.door.status(page) for site, (who, page) in signed_in.items()}
    assert (before, after) == (dict.fromkeys(signed_in, 200), dict.fromkeys(signed_in, 303))


@pytest.mark.slow
def test_open_lists_and_boards_end_when_their_reader_signs_out(
    operator: Operator, manager: Manager, partner: Partner
) -> None:
    """An open page shows every customer's orders: it must not go on for somebody who has left."""
    order = partner.priced(an_order())
    mes, flow = operator.door, manager.door
    asked = ((mes, "/orders/live"), (mes, f"/orders/{order.number}/live"), (flow, "/live"))
    with ExitStack() as stack:
        streams = [stack.enter_context(door.http.stream("GET", path, timeout=OVER_S)) for door, path in asked]
        mes.press("/notifications", "Sign out")
        flow.press("/", "Sign out")

        ended = [is_ended(stream, time.monotonic() + OVER_S) for stream in streams]

    assert dict(zip((path for _, path in asked), ended, strict=True)) == {path: True for _, path in asked}


def is_ended(stream: httpx.Response, by: float) -> bool:
    """Whether a stream says that it is over, and ends; one that goes on brings something now and then."""
    try:
        for line in stream.iter_lines():
            if line == "event: over":
                return True
            if time.monotonic() > by:
                return False
    except httpx.ReadTimeout:
        return False
    return False
