"""People who load the system through its pages: shoppers in the shop, operators at the MES."""

import time
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import gevent

from fixtures.markup import Document, Form
from fixtures.models import Model
from fixtures.orders import Wish
from load.asking import must
from load.pages import FORM, PageVisitor, cells, multipart, numbers, path_of, rows, table_of
from load.users import POLLS_EVERY_S, PRICED_WITHIN_S

HISTORY = "history-"
"""How the customers of made-up old orders begin; nobody works on those."""
SHOWN_WITHIN_S = 5.0
STATES = ("", "SUBMITTED", "PRICED", "APPROVED", "IN_PRODUCTION", "SHIPPED", "CLOSED")
STEPS = ("Take", "Mark as made", "Pack", "Ship")


class ShopperUser(PageVisitor):
    """A shopper: signs up, looks around, uploads, orders, approves the price."""

    kind = "shopper"
    site, place = "shop", "shop/"

    def __init__(self, environment: Any) -> None:
        self.host = environment.assay.target.urls.shop
        self.shopper_id = ""
        self.orders: list[str] = []
        super().__init__(environment)

    def arrive(self) -> None:
        """Arrive and sign up."""
        self.opened("/", "/")
        form = self.opened("/sign-up", "/sign-up").form_with("Create account")
        name, password = self.session.faker.name(), f"pass {uuid4().hex}"
        email = f"{uuid4().hex[:12]}@example.com"
        self.sent(form, "Create account", "/sign-up", e_mail=email, name=name, password=password)
        self.shopper_id = self.opened("/account", "/account").described("Customer number") or ""

    def order(self) -> None:
        """Upload a model, order it, wait for the price, approve it."""
        wish = self.session.wares.wish(self.chance)
        if wish is None or not self.shopper_id:
            return self.browse()
        number = self.submitted(wish, self.uploaded(wish.model))
        accepted = time.perf_counter()
        self.orders.append(number)
        self.session.ledger.acknowledge(wish, self.shopper_id, None, number)
        self.session.await_in_mes(number, {"customer": self.shopper_id})
        page = self.await_price(number, wish, accepted)
        if page is not None:
            self.sent(page.form_with("Approve price"), "Approve price", "/orders/{number}/approve")
        return None

    def uploaded(self, model: Model) -> str:
        """Upload a model; return the path of its draft."""
        form = self.opened("/orders/new", "/orders/new").form_with("Upload")
        data, content_type = multipart(form.fields, form.labels["3D model (STL)"], model)
        return self.posted(form.action, data, content_type, "/orders/new")

    def submitted(self, wish: Wish, draft: str) -> str:
        """Choose and submit; return the order's number."""
        form = self.opened(draft, "/drafts/{id}").form_with("Submit order")
        self.session.ledger.attempt(wish, self.shopper_id)
        quantity = str(wish.quantity)
        there = self.sent(
            form, "Submit order", "/drafts/{id}/submit", material=wish.material, quantity=quantity
        )
        return there.rpartition("/")[2]

    def await_price(self, number: str, wish: Wish, accepted: float) -> Document | None:
        """Watch the order's page until it shows a price, which must be the promised one."""
        with self.session.awaiting("order_to_price", accepted):
            while time.perf_counter() - accepted < PRICED_WITHIN_S:
                page = self.priced(number, wish, accepted)
                if page is not None:
                    return page
                gevent.sleep(POLLS_EVERY_S)
        self.session.recorder.span("order_to_price", PRICED_WITHIN_S * 1000)  # at least
        return None

    def priced(self, number: str, wish: Wish, accepted: float) -> Document | None:
        """Look whether the order's page shows a price, which must be as promised."""
        path = f"/orders/{number}/status"
        with self.asked("GET", path, f"{self.site}/orders/{{number}}/status") as answer:
            page = self.page(answer, path)
            if page.labelled("State") == "SUBMITTED":
                return None
            self.session.recorder.span("order_to_price", (time.perf_counter() - accepted) * 1000)
            seen = page.labelled("Price")
            must(answer, seen == str(wish.price), f"order {number}: price {seen}, promised {wish.price}")
            return page

    def browse(self) -> None:
        """Look at the storefront and the tariff."""
        self.opened("/", "/")
        self.opened("/tariff", "/tariff")

    def look_up(self) -> None:
        """Look at the own orders and open the last one."""
        with self.asked("GET", "/orders", "shop/orders") as answer:
            shown = rows(self.page(answer, "/orders"), "My orders")
            text = " ".join(row.text for row in shown)
            missing = [number for number in self.orders[-5:] if number not in text]
            must(answer, not missing, f"my orders {missing} are not shown")
        if self.orders:
            self.opened(f"/orders/{self.orders[-1]}", "/orders/{number}")


class OperatorUser(PageVisitor):
    """An operator: watches the dashboard, filters, turns pages, takes orders and ships them."""

    kind = "operator"
    site, place = "mes", "mes/"

    def __init__(self, environment: Any) -> None:
        self.operator = environment.assay.operator()
        self.host = environment.assay.target.urls.mes
        super().__init__(environment)

    def arrive(self) -> None:
        """Sign in."""
        form = self.opened("/sign-in", "/sign-in").form_with("Sign in")
        self.sent(form, "Sign in", "/sign-in", e_mail=self.operator.email, password=self.operator.password)

    def filter(self) -> None:
        """Look at the orders of one state, or of all that are open: no other may be among them."""
        state = self.chance.choice(STATES)
        path = f"/orders?state={state}"
        with self.asked("GET", path, "mes/orders") as answer:
            page = self.dashboard(answer, path)
            others = {cells(row)[1] for row in rows(page, "Orders")} - {state}
            must(answer, not (state and others), f"filtered by {state}, seen {others}")

    def next_page(self) -> None:
        """Turn the page: it must show other orders."""
        with self.asked("GET", "/orders", "mes/orders") as answer:
            first = self.dashboard(answer, "/orders")
        link = next((a for a in first.root.every("a") if a.text == "Next page"), None)
        if link is None:
            return
        path = link.attributes["href"]
        with self.asked("GET", path, "mes/orders") as answer:
            second = self.dashboard(answer, path)
            again = numbers(first) & numbers(second)
            must(answer, not again, f"the next page shows {again} again")

    def work(self) -> None:
        """Take one of the newest approved orders and ship it."""
        with self.asked("GET", "/orders?state=APPROVED", "mes/orders") as answer:
            page = self.dashboard(answer, "/orders?state=APPROVED")
        live = [cells(row)[0] for row in rows(page, "Orders") if not cells(row)[2].startswith(HISTORY)]
        if live:
            self.make(self.chance.choice(live[:10]))

    def make(self, number: str) -> None:
        """Do every step of an order; a colleague who was faster has it."""
        for step in STEPS:
            page = self.opened(f"/orders/{number}", "/orders/{number}")
            form = next((form for form in page.forms() if step in form.buttons), None)
            if form is None:
                return
            self.step(form, step, number)

    def step(self, form: Form, step: str, number: str) -> None:
        """Press a step's button; only taking may be refused, when a colleague was faster."""
        refusable = (409,) if step == "Take" else ()
        place = f"mes/orders/{{number}}/{path_of(form.action).rpartition('/')[2]}"
        data = urlencode(form.filled(step)).encode()
        with self.asked(
            "POST",
            form.action,
            place,
            expected=(302, 303, *refusable),
            data=data,
            headers={"Content-Type": FORM},
        ) as answer:
            if answer.status_code == 409:
                alert = Document(answer.text or "", form.action).alert()
                must(answer, bool(alert), f"order {number} was refused without a reason")

    def dashboard(self, answer: Any, path: str) -> Document:
        """Read the dashboard; one without its table is a failure, whatever its status."""
        page = self.page(answer, path)
        must(answer, table_of(page, "Orders") is not None, "the dashboard has no table of orders")
        owes_rows = path == "/orders" and self.session.accepted_for_s > SHOWN_WITHIN_S
        must(
            answer,
            not owes_rows or bool(rows(page, "Orders")),
            "the dashboard is empty though orders came",
        )
        return page
