"""Text that is written to act on a page is shown as the odd text that it is, on every page of every site."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

import pytest

from fixtures import models
from fixtures.cast import Personas
from fixtures.crawler import crawl
from fixtures.doors import MesAuditDoor
from fixtures.flow_cast import a_manager
from fixtures.markup import Document, Element
from fixtures.orders import an_order
from fixtures.testbed.target import Target
from fixtures.web_doors import WebDoor

SCRIPT = "<script>alert(1)</script>"
IMAGE = "<img src=x onerror=alert(1)>"
QUOTED = "\"'><svg onload=alert(1)>"
FIELDS = [f"/orders?{name}={{}}" for name in ("customer", "state", "after", "size", "number")]
ADDRESSES = [
    "/orders/search?number={}",
    "/orders/{}",
    "/drafts/{}",
    "/sign-in?next={}",
    "/sign-in?next=/{}",
    "/notifications?saved={}",
]
PARTS = ("script", "img", "svg", "iframe", "object", "embed", "a", "form", "input", "td", "p")


@dataclass(frozen=True)
class Site:
    """A site on which somebody sees hostile text, and how much of it at least."""

    door: WebDoor
    start: str
    shown: tuple[str, ...]


def acting_parts(page: Document) -> list[Element]:
    """Whatever on a page would run: scripts in it, handlers, addresses that are script."""
    return [element for element in page.root.every(*PARTS) if acts(element)]


def acts(element: Element) -> bool:
    """Whether an element runs something of its own."""
    values = element.attributes
    if element.tag in ("svg", "iframe", "object", "embed"):
        return True
    inline = element.tag == "script" and not values.get("src", "").startswith("/static/")
    handlers = [name for name in values if name.startswith("on")]
    addresses = [values.get(name, "") for name in ("href", "src", "action")]
    return inline or bool(handlers) or any(text.startswith(("javascript:", "x")) for text in addresses)


def furnished(target: Target, personas: Personas, audit: MesAuditDoor, who: str) -> Site:
    """A site that shows text of hostile people, to somebody who is hostile as well."""
    flow = target.urls.flow
    if who == "shopper":
        buyer = personas.buyer(name=SCRIPT)
        buyer.door.upload(models.box().named(f"{IMAGE}.stl"))
        buyer.placed(an_order(models.bracket().named(f"{IMAGE}.stl")))
        return Site(buyer.door, "/", (SCRIPT, IMAGE))
    partner, operator = personas.partner(), personas.operator(name=SCRIPT)
    order = partner.approved(an_order(prefix=IMAGE[:30]))
    audit.waits_for(order, "APPROVED")
    operator.door.command(order.number, "take")
    if who == "operator":
        return Site(operator.door, f"/orders?customer={partner.id}", (SCRIPT, IMAGE[:30]))
    manager = a_manager(target, flow or pytest.skip("the target names no order flow"), name=QUOTED)
    if not target.admin:
        return Site(manager.door, "/", (QUOTED,))
    personas.partner_called(IMAGE)
    return Site(manager.door, "/", (QUOTED, IMAGE))


@pytest.mark.parametrize("who", ["shopper", "operator", "manager"])
def test_hostile_text_acts_on_no_page(
    target: Target, personas: Personas, audit: MesAuditDoor, who: str
) -> None:
    """Names, file names, references, whatever stands in an address: letters on a page and nothing more."""
    site = furnished(target, personas, audit, who)
    asked = [path.format(quote(text, safe="")) for path in FIELDS + ADDRESSES for text in (SCRIPT, QUOTED)]

    pages = [seen.page for seen in crawl(site.door, site.start, of_a_kind=2) if seen.page]
    answers = [site.door.http.get(path, follow_redirects=True) for path in asked]

    read = [*pages, *(Document(answer.text, str(answer.url)) for answer in answers)]
    assert [(page.url, part) for page in read for part in acting_parts(page)] == []
    assert [text for text in site.shown if not any(text in page.root.text for page in pages)] == []
    assert [answer.url for answer in answers if answer.status_code >= 500] == []


@pytest.mark.parametrize("field", ["e_mail", "name"])
def test_what_was_typed_into_a_form_does_not_act(target: Target, personas: Personas, field: str) -> None:
    """A form that is shown again with its mistakes shows what was typed as it was typed."""
    stranger = personas.stranger(target.urls.shop)
    form = stranger.open("/sign-up").form_with("Create account")
    typed = {"e_mail": "nobody@example.com", "name": "Nobody", "password": "short", field: QUOTED}

    answer = stranger.http.post(form.action, data=form.filled("Create account", **typed))

    page = Document(answer.text, str(answer.url))
    assert answer.status_code == 422
    assert acting_parts(page) == []
    assert QUOTED in page.form_with("Create account").fields.values()


def test_what_the_api_repeats_is_data(target: Target, personas: Personas) -> None:
    """A refusal that names what was sent is JSON that no browser takes for a page."""
    http = personas.partner().door.http

    answers = [http.get(f"/v1/{quote(SCRIPT)}"), http.get("/v1/orders", params={"state": SCRIPT})]
    answers.append(http.post("/v1/orders", json={SCRIPT: SCRIPT}, headers={"Idempotency-Key": "k"}))

    assert {answer.headers["content-type"] for answer in answers} == {"application/problem+json"}
    assert {answer.headers["x-content-type-options"] for answer in answers} == {"nosniff"}
