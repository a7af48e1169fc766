"""A link to us never ends at somebody else's."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from e2e.visitors import SIGNED_IN, Visitors, Who
from fixtures.cast import Personas
from fixtures.personas import Buyer
from fixtures.testbed.target import Target

ELSEWHERE = [
    "https://evil.example/",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\r\nLocation: https://evil.example",
    "/%0d%0aSet-Cookie: a=b",
    "javascript:alert(1)",
    "data:text/html,hello",
    " //evil.example",
    "evil.example",
    "http:evil.example",
    "@evil.example",
    "/\u2215/evil.example",
]


def stays_here(location: str) -> bool:
    """Whether a browser that follows it stays on the site: a path, read as browsers read it."""
    as_read = location.replace("\t", "").replace("\r", "").replace("\n", "").replace("\\", "/").strip()
    return as_read.startswith("/") and not as_read.startswith("//")


def test_going_on_after_signing_in_stays_on_the_site(buyer: Buyer) -> None:
    """A link to the form with somebody's else address to go on to leads to our own page."""
    answers = {wanted: buyer.door.http.get(f"/sign-in?next={quote(wanted, safe='')}") for wanted in ELSEWHERE}

    assert {wanted: a.status_code for wanted, a in answers.items() if a.status_code != 303} == {}
    leading = {wanted: answer.headers["location"] for wanted, answer in answers.items()}
    assert {wanted: place for wanted, place in leading.items() if not stays_here(place)} == {}
    assert [wanted for wanted, answer in answers.items() if "set-cookie" in answer.headers] == []


def test_the_form_itself_stays_on_the_site(buyer: Buyer, personas: Personas) -> None:
    """An address that was planted in the form's hidden field is not followed either."""
    stranger = personas.stranger(buyer.door.base_url)
    form = stranger.open("/sign-in?next=//evil.example").form_with("Sign in")
    data = form.filled("Sign in", e_mail=buyer.email, password=buyer.password)

    answer = stranger.http.post("/sign-in", data=data | {"next": "//evil.example/orders"})

    assert form.fields["next"] == ""
    assert (answer.status_code, stays_here(answer.headers["location"])) == (303, True)


def test_going_on_to_our_own_page_works(personas: Personas, buyer: Buyer) -> None:
    """Who was sent to sign in comes back to where they wanted to be."""
    stranger = personas.stranger(buyer.door.base_url)
    sent = stranger.http.get("/orders/new")
    form = stranger.open(sent.headers["location"]).form_with("Sign in")

    page = stranger.submit(form, "Sign in", e_mail=buyer.email, password=buyer.password)

    assert page.url.endswith("/orders/new")


PATHS = [
    "/",
    "/orders",
    "/orders/",
    "/sign-in/",
    "/no-such-page",
    "/static",
    "/v1",
    "/v1/",
    "/sign-in?next=/",
]


@pytest.mark.parametrize("site", ["shop", "api", "mes", "flow"])
def test_the_host_that_was_asked_for_is_not_believed(target: Target, personas: Personas, site: str) -> None:
    """A made-up Host header shows up in no redirect and on no page: it could be kept for others or mailed."""
    http = personas.stranger(getattr(target.urls, site) or pytest.skip(f"no {site}")).http
    lie = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"}

    answers = [http.get(path, headers=lie) for path in PATHS]

    assert [a.url.path for a in answers if "evil.example" in f"{a.headers.get('location')}{a.text}"] == []
    assert [a.url.path for a in answers if a.status_code >= 500] == []


@pytest.mark.slow
@pytest.mark.parametrize("who", SIGNED_IN)
def test_no_page_of_somebody_signed_in_repeats_the_host(visitors: Visitors, who: Who) -> None:
    """The pages behind the form do not believe it either."""
    visit = visitors.visit(who)

    pages = [seen.path for seen in visit.crawl() if seen.page]
    answers = [visit.site.http.get(path, headers={"Host": "evil.example"}) for path in pages]

    assert [a.url.path for a in answers if "evil.example" in f"{a.headers.get('location')}{a.text}"] == []
    assert answers
