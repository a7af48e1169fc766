"""Pages as a load user reads them: forms, tables, links, statuses, alerts, by the labels people see."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
)
Attributes = list[tuple[str, str | None]]


@dataclass
class Form:
    """A form: where it goes, what it would send untouched, and its buttons."""

    action: str
    multipart: bool = False
    fields: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    """The name of the field by the text of its label."""
    buttons: list[str] = field(default_factory=list)

    def filled(self, **by_label: str) -> dict[str, str]:
        """Return what is sent when fields are filled in by label; `_` in a keyword stands for a space.

        Raises:
            KeyError: the form has no such label.
        """
        typed = {self.labels[label.replace("_", " ")]: value for label, value in by_label.items()}
        return {**self.fields, **typed}


@dataclass
class Row:
    """A table's row: the texts of its cells and the targets of its links."""

    cells: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)


@dataclass
class Page:
    """What a page says, by role and label."""

    heading: str = ""
    alerts: list[str] = field(default_factory=list)
    statuses: dict[str, str] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    forms: list[Form] = field(default_factory=list)
    tables: dict[str, list[Row]] = field(default_factory=dict)

    def form_with(self, button: str) -> Form | None:
        """Return the form that has the button, where there is one."""
        return next((form for form in self.forms if button in form.buttons), None)


def read_page(html: str) -> Page:
    """Read a page, or a fragment of one."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.page


@dataclass
class _Open:
    """An element that is not closed yet, and the text within it so far."""

    tag: str
    attributes: dict[str, str]
    text: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    """Collects a page in one pass; inner text counts for every element around it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.page = Page()
        self._stack: list[_Open] = []
        self._form: Form | None = None
        self._table: list[Row] | None = None
        self._label_for: dict[str, str] = {}
        self._ids: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        """Note what opens."""
        attributes = {name: value or "" for name, value in attrs}
        if tag == "form":
            multipart = attributes.get("enctype") == "multipart/form-data"
            self._form = Form(attributes.get("action", ""), multipart)
            self.page.forms.append(self._form)
        elif tag == "table":
            self._table = self.page.tables.setdefault(attributes.get("aria-label", ""), [])
        elif tag == "tr" and self._table is not None:
            self._table.append(Row())
        elif tag in ("input", "select", "textarea"):
            self._note_field(tag, attributes)
        elif tag == "option":
            self._note_option(attributes)
        if tag not in _VOID:
            self._stack.append(_Open(tag, attributes))

    def handle_endtag(self, tag: str) -> None:
        """Note what closes, with its text."""
        while self._stack and any(element.tag == tag for element in self._stack):
            element = self._stack.pop()
            self._close(element, " ".join("".join(element.text).split()))
            if element.tag == tag:
                break
        if tag == "form" and self._form is not None:
            wanted = {self._label_for[i]: name for i, name in self._ids.items() if i in self._label_for}
            self._form.labels.update(wanted)
            self._form = None
        elif tag == "table":
            self._table = None

    def handle_data(self, data: str) -> None:
        """Give the text to every open element."""
        for element in self._stack:
            element.text.append(data)

    def _note_field(self, tag: str, attributes: dict[str, str]) -> None:
        name, kind = attributes.get("name", ""), attributes.get("type", "text")
        if not name or kind in ("submit", "button", "file"):
            return
        if self._form is not None:
            self._form.fields[name] = attributes.get("value", "")
            self._ids[attributes.get("id", "")] = name
        around = next((e for e in reversed(self._stack) if e.tag == "label"), None)
        if around is not None:
            around.attributes["_field"] = name

    def _note_option(self, attributes: dict[str, str]) -> None:
        select = next((element for element in reversed(self._stack) if element.tag == "select"), None)
        if select is None or self._form is None:
            return
        name = select.attributes.get("name", "")
        if "selected" in attributes or "_chosen" not in select.attributes:
            self._form.fields[name] = attributes.get("value", "")
            select.attributes["_chosen"] = "yes"

    def _close(self, element: _Open, text: str) -> None:
        attributes, label = element.attributes, element.attributes.get("aria-label", "")
        if attributes.get("role") == "status":
            self.page.statuses[label] = text
        elif attributes.get("role") == "alert":
            self.page.alerts.append(text)
        if element.tag == "h1":
            self.page.heading = text
        elif element.tag == "a":
            self.page.links[text] = attributes.get("href", "")
            if self._table:
                self._table[-1].links.append(attributes.get("href", ""))
        elif element.tag in ("td", "th") and self._table:
            self._table[-1].cells.append(text)
        elif element.tag == "button" and self._form is not None:
            self._form.buttons.append(label or text)
        elif element.tag == "label":
            self._label_for[attributes.get("for", "")] = text
            if self._form is not None and "_field" in attributes:
                self._form.labels[text] = attributes["_field"]
