"""What a manager sees of the order flow. Pages act; scenarios assert."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, ViewportSize

from e2e.pages.mes import Numbered, SignInPage
from fixtures.personas import Manager
from fixtures.windows import DESKTOP, Windows


class FlowBoard:
    """Opens the order flow in a window of its own for each manager."""

    def __init__(self, windows: Windows, base_url: str) -> None:
        self._windows, self._base_url = windows, base_url

    def open_as(self, manager: Manager, viewport: ViewportSize = DESKTOP) -> FlowBoardPage:
        """Open the board, signed in already."""
        page = self._windows.open("manager", self._base_url, manager.door.cookies(), viewport)
        page.goto("/")
        return FlowBoardPage(page)

    def open_sign_in(self, path: str = "/") -> SignInPage:
        """Open the board as nobody: it asks who is there."""
        page = self._windows.open("stranger", self._base_url)
        page.goto(path)
        return SignInPage(page)


class LivePage:
    """A page that follows what happens by itself; `loads` counts how often the browser has loaded it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.loads = 1
        self.heading = page.get_by_role("heading", level=1)
        self.live = page.get_by_role("status", name="Live")
        page.on("load", self._loaded)

    def _loaded(self, _: Page) -> None:
        self.loads += 1


class FlowBoardPage(LivePage):
    """The board: what waits, hangs or is lost."""

    LATE_COLUMNS = ("order", "state", "customer", "waiting since", "late by", "last hop", "card")
    HOP_COLUMNS = ("waiting now", "late", "p50", "p95", "deadline")

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self.summary = page.get_by_role("status", name="Summary")
        self.blind = page.get_by_role("alert", name="Blind")
        self.sources = page.get_by_role("list", name="Sources")

    def lost(self, order: Numbered) -> LateRow:
        """The row of an order among the lost ones."""
        return LateRow(self.page, "Lost orders", order)

    def overdue(self, order: Numbered) -> LateRow:
        """The row of an order among the overdue ones."""
        return LateRow(self.page, "Overdue orders", order)

    def odd(self, kind: str) -> Locator:
        """The table of orders that should not be: doubled ones, or unexpected ones."""
        noun = "work orders" if kind == "unexpected" else "orders"
        return self.page.get_by_role("table", name=f"{kind.capitalize()} {noun}")

    def hop(self, name: str, column: str) -> Locator:
        """What the table of hops says of one."""
        row = (
            self.page.get_by_role("table", name="Time per hop")
            .get_by_role("row")
            .filter(has=self.page.get_by_role("rowheader", name=name))
        )
        return row.get_by_role("cell").nth(self.HOP_COLUMNS.index(column))

    def count(self, state: str) -> Locator:
        """How many orders are in a state."""
        return self.page.locator(f"[data-count={state}]")

    def find(self, order: Numbered) -> OrderFlowPage:
        """Look for an order by its number, typed as people type."""
        self.page.get_by_label("Order number").fill(order.number.lower())
        self.page.get_by_role("button", name="Find").click()
        self.page.wait_for_url(f"**/orders/{order.number}")
        return OrderFlowPage(self.page)

    def sign_out(self) -> SignInPage:
        """Leave."""
        self.page.get_by_role("button", name="Sign out").click()
        return SignInPage(self.page)


class LateRow:
    """An order that is late, as one of the board's tables shows it."""

    def __init__(self, page: Page, table: str, order: Numbered) -> None:
        link = page.get_by_role("link", name=order.number, exact=True)
        self.row = page.get_by_role("table", name=table).get_by_role("row").filter(has=link)
        self.card = self.row.get_by_role("link", name="MES card")
        self.trace = self.row.get_by_role("link", name="Trace")

    def cell(self, column: str) -> Locator:
        """What a column says of the order."""
        return self.row.get_by_role("cell").nth(FlowBoardPage.LATE_COLUMNS.index(column))

    @property
    def last_hop(self) -> Locator:
        """Who has the order in hand."""
        return self.cell("last hop")


class OrderFlowPage(LivePage):
    """Where one order is."""

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self.state = page.get_by_role("status", name="State")
        self.alert = page.get_by_role("alert")
        self.marks = page.get_by_role("table", name="Way").get_by_role("rowheader")
