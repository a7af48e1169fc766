"""Pages as load users see them: opened, filled in, sent, and judged by what they say."""

from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

from fixtures.markup import Document, Element, Form
from fixtures.models import Model
from load.asking import must
from load.users import Visitor

FORM = "application/x-www-form-urlencoded"


class PageVisitor(Visitor):
    """A person with a browser: follows links, fills in forms, is redirected."""

    abstract = True
    site: str

    def opened(self, path: str, place: str) -> Document:
        """Open a page; `place` names it in the figures, such as /orders/{number}."""
        with self.asked("GET", path, f"{self.site}{place}") as answer:
            return self.page(answer, path)

    def sent(self, form: Form, button: str, place: str, **by_label: str) -> str:
        """Fill in a form and press its button; return where it leads."""
        data = urlencode(form.filled(button, **by_label))
        return self.posted(form.action, data.encode(), FORM, place)

    def posted(self, path: str, data: bytes, content_type: str, place: str) -> str:
        """Send a form's data; an accepted form leads elsewhere."""
        headers = {"Content-Type": content_type}
        with self.asked(
            "POST", path, f"{self.site}{place}", expected=(302, 303), data=data, headers=headers
        ) as answer:
            return path_of(answer.headers["Location"])

    def page(self, answer: Any, path: str) -> Document:
        """Read a page: an error in the dress of a 200 is a failure."""
        page = Document(answer.text or "", path)
        alert = page.alert()
        must(answer, alert is None, f"the page says: {alert}")
        return page


def table_of(page: Document, label: str) -> Element | None:
    """The table with a label, where the page has one."""
    return next((t for t in page.root.every("table") if t.attributes.get("aria-label") == label), None)


def rows(page: Document, table: str) -> list[Element]:
    """The rows of a table, by its label, without the heading."""
    found = table_of(page, table)
    listed = [] if found is None else list(found.every("tr"))
    return [row for row in listed if next(row.every("td"), None) is not None]


def cells(row: Element) -> list[str]:
    """The texts of a row's cells."""
    return [cell.text for cell in row.every("td")]


def numbers(page: Document) -> set[str]:
    """The orders that a page of the dashboard shows."""
    return {cells(row)[0] for row in rows(page, "Orders")}


def path_of(url: str) -> str:
    """An address without its scheme and host."""
    parts = urlsplit(url)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def multipart(fields: dict[str, str], name: str, model: Model) -> tuple[bytes, str]:
    """A form with a file as browsers send it: the body, and its content type."""
    boundary = uuid4().hex
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
        for key, value in fields.items()
    ]
    head = f'Content-Disposition: form-data; name="{name}"; filename="{model.filename}"'
    file = f"--{boundary}\r\n{head}\r\nContent-Type: model/stl\r\n\r\n".encode() + model.content
    body = b"".join([*parts, file, f"\r\n--{boundary}--\r\n".encode()])
    return body, f"multipart/form-data; boundary={boundary}"
