"""What an operator sees and does in the MES. Pages act; scenarios assert."""

from __future__ import annotations

from typing import Protocol

from playwright.sync_api import Locator, Page, ViewportSize, expect

from fixtures.personas import REACHES_WITHIN_S, Operator
from fixtures.waiting import until
from fixtures.windows import DESKTOP, Windows

ASKS_AGAIN_AFTER_MS = 500
_STREAM = "**/orders/live?*"


class Numbered(Protocol):
    """Anything that carries an order's number."""

    @property
    def number(self) -> str:
        """The number that people use."""


class Dashboard:
    """Opens the MES in a window of its own for each operator."""

    def __init__(self, windows: Windows, base_url: str) -> None:
        self._windows, self._base_url = windows, base_url

    def open_as(self, operator: Operator, viewport: ViewportSize = DESKTOP) -> DashboardPage:
        """Open the dashboard, signed in already."""
        page = self._windows.open("operator", self._base_url, operator.door.cookies(), viewport)
        page.goto("/orders")
        return DashboardPage(page)

    def open_sign_in(self) -> SignInPage:
        """Open the MES as nobody: it asks who is there."""
        page = self._windows.open("operator", self._base_url)
        page.goto("/orders")
        return SignInPage(page)


class SignInPage:
    """The form to sign in, in the MES and in the shop."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.email = page.get_by_label("E-mail")
        self.password = page.get_by_label("Password")
        self.sign_in = page.get_by_role("button", name="Sign in")
        self.alert = page.get_by_role("alert")

    def enter(self, email: str, password: str) -> DashboardPage:
        """Fill the form in and send it."""
        self.email.fill(email)
        self.password.fill(password)
        self.sign_in.click()
        return DashboardPage(self.page)


class DashboardPage:
    """The list of work orders."""

    COLUMNS = (
        "number",
        "state",
        "customer",
        "channel",
        "material",
        "quantity",
        "price",
        "taken by",
        "updated",
        "step",
    )

    def __init__(self, page: Page) -> None:
        self.page = page
        self.heading = page.get_by_role("heading", level=1)
        self.rows = page.get_by_role("table", name="Orders").locator("tbody").get_by_role("row")
        self.next_page = page.get_by_role("link", name="Next page")
        self.first_page = page.get_by_role("link", name="First page")
        self.live = page.get_by_role("status", name="Live")
        self.alert = page.get_by_role("alert")

    def only(self, customer: str) -> DashboardPage:
        """Go to the open orders of a customer, and wait until news of them can come."""
        self.page.goto(f"/orders?customer={customer}")
        expect(self.live).to_have_text("Live")
        return self

    def filter(self, *, state: str = "All open", customer: str = "") -> DashboardPage:
        """Show only orders in a state, of a customer."""
        self.page.get_by_label("State").select_option(label=state)
        self.page.get_by_label("Customer").fill(customer)
        with self.page.expect_navigation():  # whoever reloads meanwhile meets a page that is about to go
            self.page.get_by_role("button", name="Apply").click()
        return self

    def rows_of(self, order: Numbered) -> Locator:
        """The rows that show an order."""
        return self.rows.filter(has=self.page.get_by_role("link", name=order.number, exact=True))

    def cell(self, order: Numbered, column: str) -> Locator:
        """What a column says of an order."""
        return self.rows_of(order).get_by_role("cell").nth(self.COLUMNS.index(column))

    def wait_for(self, order: Numbered, state: str, within_s: float = REACHES_WITHIN_S) -> DashboardPage:
        """Reload until the order's row shows a state, as an operator does who waits for work."""

        def shown() -> bool:
            self.page.reload()
            texts = self.cell(order, "state").all_text_contents()
            assert [text.strip() for text in texts] == [state], f"the dashboard shows {texts}"
            return True

        until(shown, within_s, what=f"order {order.number} on the dashboard", expected=state)
        return self

    def without_news(self) -> DashboardPage:
        """Load the page again such that it hears of nothing, as where a proxy holds its stream back."""
        nothing = {"content_type": "text/event-stream", "body": f"retry: {ASKS_AGAIN_AFTER_MS}\n\n"}
        self.page.route(_STREAM, lambda route: route.fulfill(**nothing))
        self.page.reload()
        return self

    def with_news_again(self) -> None:
        """Let it hear, all at once, of what has happened since."""
        self.page.unroute(_STREAM)

    def button(self, order: Numbered, name: str) -> Locator:
        """The button in an order's row, where its state and its taker allow the step."""
        return self.rows_of(order).get_by_role("button", name=name)

    def focused(self) -> str:
        """The link or button that has the focus, as people name it."""
        text: str = self.page.evaluate("document.activeElement.textContent")
        return text

    def open(self, order: Numbered) -> CardPage:
        """Open an order's card from its row."""
        with self.page.expect_navigation():
            self.page.get_by_role("link", name=order.number, exact=True).click()
        return CardPage(self.page)

    def go_to(self, order: Numbered) -> CardPage:
        """Go to an order's card directly."""
        self.page.goto(f"/orders/{order.number}")
        return CardPage(self.page)

    def sign_out(self) -> SignInPage:
        """Leave."""
        self.page.get_by_role("button", name="Sign out").click()
        return SignInPage(self.page)


class CardPage:
    """One work order."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.heading = page.get_by_role("heading", level=1)
        self.state = page.get_by_role("status", name="State")
        self.alert = page.get_by_role("alert")
        self.live = page.get_by_role("status", name="Live")
        self.history = page.get_by_role("table", name="History").locator("tbody").get_by_role("row")

    def wait_for(self, state: str, within_s: float = REACHES_WITHIN_S) -> None:
        """Reload until the card shows a state."""

        def shown() -> bool:
            self.page.reload()
            text = self.state.inner_text()
            assert text == state, f"the card shows {text}"
            return True

        until(shown, within_s, what=f"{self.heading.inner_text()} on its card", expected=state)

    def button(self, name: str) -> Locator:
        """A button that the order's state may offer."""
        return self.page.get_by_role("button", name=name)

    def take(self) -> None:
        """Take the order into production."""
        self.button("Take").click()

    def mark_as_made(self) -> None:
        """Say that the parts are made."""
        self.button("Mark as made").click()

    def pack(self) -> None:
        """Say that the parts are packed."""
        self.button("Pack").click()

    def ship(self) -> None:
        """Say that the parts are on their way."""
        self.button("Ship").click()
