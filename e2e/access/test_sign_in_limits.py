"""Guessing passwords comes to an end, for the guesser alone."""

from __future__ import annotations

from uuid import uuid4

import pytest

from e2e.places import Places
from fixtures.cast import Personas
from fixtures.connection import Refusal
from fixtures.testbed.target import Target
from fixtures.web_doors import WebDoor

MOST_BY_ONE = 20
MOST_BY_ADDRESS = 60
GUESSES_EACH = 8
"""What a service may bear within a minute; ours bears half of it."""
ELSEWHERE = {
    "X-Forwarded-For": "198.51.100.7",
    "X-Real-IP": "198.51.100.7",
    "True-Client-IP": "198.51.100.7",
    "Forwarded": "for=198.51.100.7",
}
"""What a proxy of ours could say of a sender; anybody else can write it as well."""


def guess(door: WebDoor, emails: list[str]) -> list[Refusal]:
    """Try a password at one account after the other, each time as if forwarded for somebody else."""
    form = door.open("/sign-in").form_with("Sign in")
    refusals = []
    for place, email in enumerate(emails):
        door.http.headers["X-Forwarded-For"] = f"192.0.2.{place}"
        with pytest.raises(Refusal) as refusal:
            door.submit(form, "Sign in", e_mail=email, password="not the password")
        refusals.append(refusal.value)
        if refusal.value.status == 429:
            break
    return refusals


@pytest.mark.parametrize(
    "site", ["shop", *(pytest.param(name, marks=pytest.mark.slow) for name in ("mes", "flow"))]
)
def test_guessing_at_one_account_ends_with_a_clear_page(target: Target, places: Places, site: str) -> None:
    """After some wrong passwords the form says how long to wait, whether or not there is such an account."""
    url = getattr(target.urls, site) or pytest.skip(f"the target names no {site}")
    door = places.stranger(url)

    *heard, last = guess(door, ["somebody@example.com"] * (MOST_BY_ONE + 1))

    assert {refusal.status for refusal in heard} == {401}
    assert len(heard) >= 3
    assert last.status == 429
    assert 0 < int(last.response.headers["retry-after"]) <= 600
    assert last.response.headers["retry-after"] in (door.read(last).alert() or "")


def test_a_guessed_account_is_shut_to_the_guesser_and_open_to_its_owner(
    personas: Personas, places: Places, target: Target
) -> None:
    """Neither the right password nor a claim to sit elsewhere helps a guesser; the owner signs in."""
    buyer, guesser = personas.buyer(), places.stranger(target.urls.shop)
    assert guess(guesser, [buyer.email] * (MOST_BY_ONE + 1))[-1].status == 429

    with pytest.raises(Refusal) as refusal:
        guesser.sign_in(buyer.email, buyer.password)
    guesser.http.headers.update(ELSEWHERE)
    with pytest.raises(Refusal) as another:
        guesser.sign_in(buyer.email, buyer.password)
    page = personas.stranger(target.urls.shop).sign_in(buyer.email, buyer.password)

    assert (refusal.value.status, another.value.status) == (429, 429)
    assert buyer.name in page.root.text


def test_trying_one_password_at_many_accounts_ends_too(
    personas: Personas, places: Places, target: Target
) -> None:
    """An address that tries everybody's account is shut out, though it signs in to its own now and then.

    People at other addresses notice nothing.
    """
    buyer, own, guesser = personas.buyer(), personas.buyer(), places.stranger(target.urls.shop)

    for round_ in range(MOST_BY_ADDRESS // GUESSES_EACH + 1):
        refusals = guess(guesser, [f"person-{round_}-{number}@example.com" for number in range(GUESSES_EACH)])
        if refusals[-1].status == 429:
            break
        guesser.sign_in(own.email, own.password)
        guesser.http.cookies.clear()

    assert refusals[-1].status == 429
    assert personas.stranger(target.urls.shop).sign_in(buyer.email, buyer.password)


def test_guessing_at_one_account_from_many_places_ends_too(
    personas: Personas, places: Places, target: Target
) -> None:
    """Whoever has many addresses has no more guesses for it, though the owner signs in between them."""
    buyer = personas.buyer()

    for _ in range(MOST_BY_ADDRESS // GUESSES_EACH + 1):
        refusals = guess(places.stranger(target.urls.shop), [buyer.email] * GUESSES_EACH)
        if refusals[-1].status == 429:
            break
        personas.stranger(target.urls.shop).sign_in(buyer.email, buyer.password)

    assert refusals[-1].status == 429


def test_asking_who_has_an_account_ends_too(personas: Personas, places: Places, target: Target) -> None:
    """To sign up with an e-mail that is taken tells that it is: nobody may ask that for ever."""
    buyer, asker = personas.buyer(), places.stranger(target.urls.shop)
    form = asker.open("/sign-up").form_with("Create account")
    data = form.filled("Create account", e_mail=buyer.email, name="Somebody", password=f"pass {uuid4().hex}")

    seen = [asker.http.post(form.action, data=data).status_code for _ in range(MOST_BY_ONE + 1)]

    assert seen[-1] == 429
    assert seen[0] in (409, 422)
