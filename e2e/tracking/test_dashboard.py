"""Operators find every order on the dashboard: no row twice, none skipped, filters exact."""

from __future__ import annotations

from itertools import islice, permutations
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.sync_api import expect

from e2e.pages.mes import Dashboard
from fixtures.doors import MesAuditDoor, Refusal
from fixtures.ledger import Ledger
from fixtures.life import Journey, way_to
from fixtures.orders import an_order
from fixtures.personas import Operator, Partner

PAGE = 5
ORDERS = 13
FAR = 10**12
"""The place of an order, counted from the first one, that nobody has got to yet."""
FITTING = {"state": "PRICED", "material": "PLA", "channel": "partner", "age": "day"}
OTHERS = {"state": "APPROVED", "material": "PA12", "channel": "shop", "age": "over-hour"}


def test_every_order_is_on_exactly_one_page(
    partner: Partner, operator: Operator, ledger: Ledger, audit: MesAuditDoor
) -> None:
    """Paging through 13 orders shows each once, newest first, though more arrive meanwhile.

    A page may begin behind any order, however many there have been.
    """
    placed = {partner.place(an_order()).number for _ in range(ORDERS)}
    ledger.drain(within_s=20)
    arrived = [row.order_number for row in audit.work_orders(customer=partner.id)]

    pages = operator.door.pages(f"/orders?customer={partner.id}&size={PAGE}")
    shown = [next(pages)]
    audit.waits_for(partner.place(an_order()), "PRICED")
    shown += pages
    [newest] = operator.door.open(f"/orders?customer={partner.id}&size=1&after={FAR}").column("Orders", 0)

    rows = [page.column("Orders", 0) for page in shown]
    assert [len(page) for page in rows] == [PAGE, PAGE, ORDERS - 2 * PAGE]
    assert [number for page in rows for number in page] == arrived[::-1]
    assert set(arrived) == placed
    assert newest == audit.work_orders(customer=partner.id)[-1].order_number


def test_the_browser_pages_through_the_same_orders(
    partner: Partner, operator: Operator, dashboard: Dashboard, audit: MesAuditDoor
) -> None:
    """The links "Next page" and "First page" lead forth and back."""
    orders = [partner.place(an_order()) for _ in range(3)]
    ids = {order.number: audit.waits_for(order, "PRICED").id for order in orders}
    oldest, _, newest = sorted(orders, key=lambda order: ids[order.number])
    page = dashboard.open_as(operator)
    page.page.goto(f"/orders?customer={partner.id}&size=2")

    expect(page.rows).to_have_count(2)
    page.next_page.click()
    expect(page.rows_of(oldest)).to_have_count(1)
    expect(page.rows).to_have_count(1)
    expect(page.next_page).to_have_count(0)
    page.first_page.click()

    expect(page.rows_of(newest)).to_have_count(1)
    expect(page.rows).to_have_count(2)


def test_a_state_filter_shows_exactly_the_orders_in_it(
    partner: Partner, operator: Operator, audit: MesAuditDoor
) -> None:
    """What the filter shows is the orders in its state, and nothing of another."""
    first, second, *others = [partner.priced(an_order()) for _ in range(4)]
    partner.door.approve(first.id)
    partner.door.cancel(second.id)
    audit.waits_for(first, "APPROVED")
    audit.waits_for(second, "CANCELLED")

    shown = {
        state: sorted(operator.door.open(f"/orders?customer={partner.id}&state={state}").column("Orders", 0))
        for state in ("PRICED", "APPROVED", "CANCELLED", "SHIPPED")
    }

    assert shown == {
        "PRICED": sorted(each.number for each in others),
        "APPROVED": [first.number],
        "CANCELLED": [second.number],
        "SHIPPED": [],
    }


def test_all_open_shows_an_order_until_it_has_come_to_its_end(
    journey: Journey, partner: Partner, operator: Operator, audit: MesAuditDoor
) -> None:
    """Operators see work, parts on their way too, and not the archive."""
    cancelled = partner.priced(an_order())
    partner.door.cancel(cancelled.id)
    audit.waits_for(cancelled, "CANCELLED")

    shown = {
        order.state: tuple(operator.door.open(f"/orders?customer={partner.id}").column("Orders", 0))
        for order in islice(journey.along("CLOSED"), 1, None)  # the first one is on its way to the MES
    }

    *open_, _ = (step.target for step in way_to("CLOSED"))
    order, _ = partner.door.orders()
    assert shown == dict.fromkeys(open_, (order.number,)) | {"CLOSED": ()}


def test_each_filter_shows_exactly_what_it_names(
    partner: Partner, operator: Operator, ledger: Ledger
) -> None:
    """State, material, channel and age leave out what they should, alone and whatever else is chosen."""
    metal, plastic = (partner.place(an_order(material=material)).number for material in ("AL", "PLA"))
    ledger.drain(within_s=20)
    queries = ("material=AL", "channel=shop", "channel=partner", "age=hour", "age=over-hour",
               "material=PLA&channel=partner&age=day", "material=PA12&age=week")  # fmt: skip
    pairs = [urlencode({fits: FITTING[fits], not_: OTHERS[not_]}) for fits, not_ in permutations(FITTING, 2)]

    def shows(query: str) -> set[str]:
        return set(operator.door.open(f"/orders?customer={partner.id}&{query}").column("Orders", 0))

    shown = [shows(query) for query in queries]
    wrong = {query: numbers for query in pairs if (numbers := shows(query))}

    both = {metal, plastic}
    assert shown == [{metal}, set(), both, both, set(), {plastic}, set()]
    assert wrong == {}
    assert shows(urlencode(FITTING)) == {plastic}


def test_a_filtered_page_has_an_address_that_leads_back_to_it(partner: Partner, operator: Operator) -> None:
    """What somebody looks at can be sent to a colleague as a link."""
    wanted = {"state": "PRICED", "customer": partner.id, "material": "AL", "channel": "partner", "age": "day"}
    order = partner.priced(an_order(material="AL"))

    chosen = operator.door.press("/orders", "Apply", **wanted)
    again = operator.door.open(chosen.url)

    assert again.column("Orders", 0) == chosen.column("Orders", 0) == [order.number]
    assert wanted.items() <= again.form_with("Apply").fields.items()


@pytest.mark.parametrize("state", ["CLOSED", "CANCELLED", "PRICED"])
def test_search_finds_an_order_whatever_its_state(journey: Journey, operator: Operator, state: str) -> None:
    """A number typed without its dash and in small letters leads to its order, also long after its end.

    A part of it leads nowhere: it may be another order's as well.
    """
    order = journey.to(state)

    page = operator.door.press("/orders", "Find", order_number=order.number.replace("-", "").lower())
    parts = [operator.door.status(f"/orders/{part}") for part in (order.number[:-1], order.number[:4])]

    assert page.url.endswith(f"/orders/{order.number}")
    assert parts == [404, 404]
    assert page.labelled("State") == state


def test_search_for_no_order_says_so(operator: Operator) -> None:
    """A number that no order has is answered in words, on the page to try another."""
    form = operator.door.open("/orders").form_with("Find")

    for number in ("ZZZZ-ZZZZ", "nonsense", "'; --", "\N{SNOWMAN}", "%", "x" * 500):
        with pytest.raises(Refusal) as refusal:
            operator.door.submit(form, "Find", order_number=number)
        page = operator.door.read(refusal.value)
        assert (number, refusal.value.status) == (number, 404)
        assert "There is no order" in (page.alert() or ""), number


BAD_FILTERS = (
    "size=0",
    "size=201",
    "state=NONSENSE",
    "after=nonsense",
    "size=ten",
    "material=WOOD",
    "channel=fax",
    "age=young",
)


def test_a_bad_filter_is_refused_in_words(operator: Operator) -> None:
    """A filter that means nothing gets a page that says so, never an error of the server."""
    asked = [f"/orders{part}?{query}" for query in BAD_FILTERS for part in ("", "/live")]

    assert {path: operator.door.status(path) for path in asked} == dict.fromkeys(asked, 422)


def test_a_filter_holds_on_every_page_of_it(partner: Partner, operator: Operator, ledger: Ledger) -> None:
    """The link to the next page asks for the same orders, and leads through all of them and no other."""
    wanted = {"customer": partner.id, "material": "AL", "channel": "partner", "age": "day", "size": "1"}
    metal = {partner.place(an_order(material="AL")).number for _ in range(2)}
    for _ in range(2):
        partner.place(an_order(material="PLA"))
    ledger.drain(within_s=20)

    pages = list(operator.door.pages(f"/orders?{urlencode(wanted)}"))

    shown = [number for page in pages for number in page.column("Orders", 0)]
    assert sorted(shown) == sorted(metal)
    following = parse_qs(urlsplit(pages[0].link_to("Next page") or "").query)
    assert {name: [value] for name, value in wanted.items()}.items() <= following.items()
