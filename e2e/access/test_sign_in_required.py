"""What belongs to somebody is shown to nobody else."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from e2e.visitors import SIGNED_IN, Visitors, Who
from fixtures.cast import Personas
from fixtures.crawler import Visited
from fixtures.web_doors import WebDoor

PUBLIC = {"/", "/tariff", "/sign-in", "/sign-up", "/favicon.ico"}
"""What everybody may see, in the shop and in the MES; everything else asks who is there."""
PUBLIC_FOLDER = "/static/"


def protected(visited: list[Visited]) -> list[Visited]:
    """The pages among those visited that are not for everybody."""
    paths = [(seen, urlsplit(seen.url).path) for seen in visited]
    return [seen for seen, path in paths if path not in PUBLIC and not path.startswith(PUBLIC_FOLDER)]


def is_turned_away(door: WebDoor, url: str) -> bool:
    """Whether the page is answered with a refusal or with the form to sign in."""
    response = door.http.get(url, follow_redirects=True)
    return response.status_code in (401, 403, 404) or urlsplit(str(response.url)).path == "/sign-in"


def copy_of(site: WebDoor, personas: Personas, *, base_url: str) -> WebDoor:
    """Another client with the same cookies."""
    copy = personas.stranger(base_url)
    for cookie in site.http.cookies.jar:
        copy.http.cookies.set(cookie.name, cookie.value or "")
    return copy


@pytest.mark.parametrize("who", SIGNED_IN)
def test_a_stranger_sees_only_public_pages(visitors: Visitors, personas: Personas, who: Who) -> None:
    """Every page that somebody signed in can reach asks a stranger to sign in first."""
    visit = visitors.visit(who)
    stranger = personas.stranger(visit.site.base_url)

    pages = protected(visit.crawl(of_a_kind=1))

    assert [seen.url for seen in pages if not is_turned_away(stranger, seen.url)] == []
    assert len(pages) >= 2


def test_another_shopper_sees_none_of_a_shoppers_pages(visitors: Visitors, personas: Personas) -> None:
    """Orders, drafts and their fragments are found by their owner alone."""
    owner, other = visitors.furnished_buyer().door, personas.buyer().door
    orders = [f"/orders/{number}" for number in owner.numbers()]
    own = [*owner.drafts(), *orders, *(f"{order}/status" for order in orders)]

    assert {path: owner.status(path) for path in own} == dict.fromkeys(own, 200)
    assert {path: other.status(path) for path in own} == dict.fromkeys(own, 404)
    assert len(own) == 5


def test_a_shoppers_session_opens_nothing_in_the_mes(visitors: Visitors, personas: Personas) -> None:
    """The sites do not take each other's cookies, not even under their own names."""
    operator, shopper = visitors.visit("operator"), personas.buyer().door
    intruder = copy_of(shopper, personas, base_url=operator.site.base_url)
    [session] = [cookie.value or "" for cookie in shopper.http.cookies.jar]
    for cookie in operator.site.http.cookies.jar:
        intruder.http.cookies.set(cookie.name, session)

    pages = protected(operator.crawl(of_a_kind=1))

    assert [seen.url for seen in pages if not is_turned_away(intruder, seen.url)] == []
    assert len(pages) >= 3


@pytest.mark.parametrize("who", SIGNED_IN)
def test_signing_out_ends_the_session_everywhere(visitors: Visitors, personas: Personas, who: Who) -> None:
    """A cookie that was copied before signing out is worth nothing after it."""
    site = visitors.visit(who).site
    copied = copy_of(site, personas, base_url=site.base_url)
    assert not is_turned_away(copied, "/orders")

    site.press("/orders", "Sign out")

    assert is_turned_away(copied, "/orders")
    assert is_turned_away(site, "/orders")
