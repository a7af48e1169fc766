"""What a page owes to those who do not see it."""

from __future__ import annotations

from collections.abc import Iterator

from fixtures.markup import Document, Element

SPEAKS_FOR_ITSELF = ("hidden", "submit", "button", "image", "reset")


def faults_of(page: Document) -> list[str]:
    """What a screen reader could not tell its user; empty for a sound page."""
    return [
        f"{page.url}: {fault}" for fault in (*_frame_faults(page), *_field_faults(page), *_name_faults(page))
    ]


def _frame_faults(page: Document) -> Iterator[str]:
    root = page.first("html")
    if root is None or not root.attributes.get("lang"):
        yield "<html> has no lang"
    title = page.first("title")
    if title is None or not title.text:
        yield "it has no title"
    headings = [heading.text for heading in page.root.every("h1")]
    if len(headings) != 1 or not headings[0]:
        yield f"it has {len(headings)} main headings: {headings}"
    if len(list(page.root.every("main"))) != 1:
        yield "it does not have one <main>"


def _field_faults(page: Document) -> Iterator[str]:
    labels = list(page.root.every("label"))
    labelled = {label.attributes["for"] for label in labels if label.text and "for" in label.attributes}
    inside = {
        id(field) for label in labels if label.text for field in label.every("input", "select", "textarea")
    }
    for field in page.root.every("input", "select", "textarea"):
        named = field.attributes.get("id") in labelled or id(field) in inside or _is_named(field)
        if field.attributes.get("type") not in SPEAKS_FOR_ITSELF and not named:
            yield f"a field has no label: {field.attributes}"


def _name_faults(page: Document) -> Iterator[str]:
    for picture in page.root.every("img"):
        if "alt" not in picture.attributes:
            yield f"a picture has no alt: {picture.attributes.get('src')}"
    for element in page.root.every("a", "button"):
        pictures = "".join(picture.attributes.get("alt", "") for picture in element.every("img"))
        if not (element.text or pictures or _is_named(element)):
            yield f"<{element.tag}> has no words: {element.attributes}"


def _is_named(element: Element) -> bool:
    return bool(element.attributes.get("aria-label") or element.attributes.get("aria-labelledby"))
