"""What a shopper sees and does in the shop. Pages act; scenarios assert."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import FilePayload, Locator, Page, ViewportSize

from fixtures.models import Upload
from fixtures.orders import Wish
from fixtures.personas import Buyer
from fixtures.windows import DESKTOP, Windows


class Storefront:
    """Opens the shop in a window of its own for each shopper."""

    def __init__(self, windows: Windows, base_url: str) -> None:
        self._windows, self._base_url = windows, base_url

    def open_as(self, buyer: Buyer, viewport: ViewportSize = DESKTOP) -> StorefrontPage:
        """Open the shop, signed in already."""
        page = self._windows.open("shopper", self._base_url, buyer.door.cookies(), viewport)
        page.goto("/")
        return StorefrontPage(page, buyer)

    def open_as_stranger(self) -> Page:
        """Open the shop without an account."""
        page = self._windows.open("stranger", self._base_url)
        page.goto("/")
        return page


class StorefrontPage:
    """The first page, signed in."""

    def __init__(self, page: Page, buyer: Buyer) -> None:
        self.page, self._buyer = page, buyer
        self.heading = page.get_by_role("heading", level=1)

    def upload(self, model: Upload) -> DraftPage:
        """Upload a model that is accepted."""
        self.try_to_upload(model)
        self.page.wait_for_url("**/drafts/*")
        return DraftPage(self.page, self._buyer)

    def try_to_upload(self, model: Upload) -> UploadPage:
        """Upload a model that may be refused."""
        self.page.get_by_role("link", name="New order").click()
        upload = UploadPage(self.page)
        upload.send(model)
        return upload

    def order(self, wish: Wish) -> OrderPage:
        """Upload, choose and submit."""
        return self.upload(wish.model).order(wish)

    def open_order(self, number: str) -> OrderPage:
        """Go to an order's page directly."""
        self.page.goto(f"/orders/{number}")
        return OrderPage(self.page, self._buyer)


class SignUpPage:
    """Where a shopper makes an account."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def enter(self, email: str, name: str, password: str) -> None:
        """Fill the form in and send it."""
        self._page.get_by_label("E-mail").fill(email)
        self._page.get_by_label("Name").fill(name)
        self._page.get_by_label("Password").fill(password)
        self._page.get_by_role("button", name="Create account").click()


class UploadPage:
    """Where a model is uploaded."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._file = page.get_by_label("3D model (STL)")
        self._upload = page.get_by_role("button", name="Upload")
        self.alert = page.get_by_role("alert")

    def send(self, model: Upload) -> None:
        """Choose a file and upload it."""
        self._file.set_input_files(
            FilePayload(name=model.filename, mimeType="model/stl", buffer=model.content)
        )
        self._upload.click()


class DraftPage:
    """An uploaded model, before it is ordered."""

    def __init__(self, page: Page, buyer: Buyer) -> None:
        self.page, self._buyer = page, buyer
        self.heading = page.get_by_role("heading", level=1)
        self.material = page.get_by_label("Material")
        self.quantity = page.get_by_label("Quantity")
        self.submit = page.get_by_role("button", name="Submit order")

    def order(self, wish: Wish) -> OrderPage:
        """Choose material and quantity and submit; the order is in the ledger."""
        self.material.select_option(wish.material)
        self.quantity.fill(str(wish.quantity))
        return self.send(wish, self.submit.click)

    def send(self, wish: Wish, press: Callable[[], None]) -> OrderPage:
        """Submit what was chosen already; the order is in the ledger."""
        with self._buyer.ordering(wish) as acknowledge:
            press()
            self.page.wait_for_url("**/orders/*")
            order = OrderPage(self.page, self._buyer)
            acknowledge(order.number)
        return order


class OrderPage:
    """An order as its shopper follows it."""

    def __init__(self, page: Page, buyer: Buyer) -> None:
        self.page = page
        self.customer = buyer.id
        self.number = page.url.rpartition("/")[2]
        self.heading = page.get_by_role("heading", level=1)
        self.state = page.get_by_role("status", name="State")
        self.price = page.get_by_role("status", name="Price")
        self.reason = page.get_by_role("status", name="Reason")
        self.progress = page.get_by_role("list", name="Progress").get_by_role("listitem")

    def button(self, name: str) -> Locator:
        """A button that the order's state may offer."""
        return self.page.get_by_role("button", name=name)

    def approve(self) -> None:
        """Accept the price."""
        self.button("Approve price").click()

    def cancel(self) -> None:
        """Ask that the order be cancelled."""
        self.button("Cancel order").click()

    def confirm_receipt(self) -> None:
        """Say that the parts have arrived."""
        self.button("Confirm receipt").click()
