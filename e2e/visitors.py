"""Who looks at the web sites, with something of their own to look at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import pytest

from fixtures import models
from fixtures.cast import Personas
from fixtures.crawler import OF_A_KIND, Visited, crawl
from fixtures.doors import MesAuditDoor
from fixtures.flow_cast import a_manager
from fixtures.orders import an_order
from fixtures.personas import Buyer
from fixtures.testbed.target import Target
from fixtures.waiting import until
from fixtures.web_doors import WebDoor

Who: TypeAlias = Literal["stranger in the shop", "shopper", "stranger in the MES", "operator", "manager"]
EVERYBODY: tuple[Who, ...] = get_args(Who)
SIGNED_IN: tuple[Who, ...] = ("shopper", "operator", "manager")


@dataclass(frozen=True)
class Visit:
    """A web site as somebody sees it."""

    site: WebDoor
    least_pages: int
    """What a crawl must find, so that one that got stuck at the door is not taken for a clean one."""
    start: str = "/"
    own: tuple[str, ...] = ()
    """Pages that nobody else changes: what was done by stealth would show there."""

    def crawl(self, *, of_a_kind: int = OF_A_KIND) -> list[Visited]:
        """Visit every page that can be reached, so many of those that differ only in a number or filter."""
        return crawl(self.site, self.start, of_a_kind=of_a_kind)

    def one_of_each_kind(self) -> list[str]:
        """The addresses of pages that differ in more than a number or a filter, each where redirects end."""
        pages = [seen.ended_at for seen in crawl(self.site, self.start, of_a_kind=1) if seen.page]
        return list(dict.fromkeys(pages))

    def own_texts(self) -> list[str]:
        """What the own pages say now."""
        return [self.site.open(path).root.text for path in self.own]


class Visitors:
    """Signs visitors in and furnishes their accounts."""

    def __init__(self, target: Target, personas: Personas, audit: MesAuditDoor) -> None:
        self._target, self._personas, self._audit = target, personas, audit

    def visit(self, who: Who) -> Visit:
        """The site as a visitor sees it."""
        urls = self._target.urls
        visits: dict[Who, Callable[[], Visit]] = {
            "stranger in the shop": lambda: Visit(self._personas.stranger(urls.shop), least_pages=4),
            "shopper": self._shopper,
            "stranger in the MES": lambda: Visit(self._personas.stranger(urls.mes), least_pages=1),
            "operator": self._operator,
            "manager": self._manager,
        }
        return visits[who]()

    def furnished_buyer(self) -> Buyer:
        """A shopper with a draft, a priced order and a rejected one."""
        buyer = self._personas.buyer()
        buyer.door.upload(models.box())
        unprintable = an_order(models.larger_than_any_build_box(), printable=False)
        self._audit.waits_for(buyer.placed(an_order()), "PRICED")
        self._audit.waits_for(buyer.placed(unprintable), "REJECTED")
        return buyer

    def _shopper(self) -> Visit:
        door = self.furnished_buyer().door
        own = ("/account", "/orders", *door.drafts(), *(f"/orders/{number}" for number in door.numbers()))
        return Visit(door, least_pages=10, own=own)

    def _operator(self) -> Visit:
        buyer, operator = self._personas.buyer(), self._personas.operator()
        order = buyer.placed(an_order())
        self._audit.waits_for(order, "PRICED")
        page = f"/orders/{order.number}"  # which may come to know the price after the MES
        until(lambda: buyer.door.press(page, "Approve price"), 20, what=f"the price of order {order.number}")
        self._audit.waits_for(order, "APPROVED")
        card = f"/orders/{order.number}"
        return Visit(operator.door, least_pages=6, start=f"/orders?customer={buyer.id}", own=(card,))

    def _manager(self) -> Visit:
        url = self._target.urls.flow or pytest.skip("the target names no order flow")
        buyer, manager = self._personas.buyer(), a_manager(self._target, url)
        orders = [buyer.placed(an_order()) for _ in range(3)]
        for order in orders:
            self._audit.waits_for(order, "PRICED")
        return Visit(manager.door, least_pages=6)
