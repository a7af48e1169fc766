"""Order numbers as they come in addresses: from anybody, of any length."""

from __future__ import annotations

from sut.pages.forms import is_plain
from sut.problems import Problem

_LONGEST = 32


def check_number(number: str) -> None:
    """Refuse what cannot be an order's number.

    Raises:
        Problem: 404.
    """
    if len(number) > _LONGEST or not is_plain(number):
        raise unknown(number)


def unknown(number: str) -> Problem:
    """Return the refusal that there is no such order."""
    shown = number if len(number) <= _LONGEST and is_plain(number) else "of that number"
    text = f"There is no order {shown}."
    return Problem(404, text, title="No such order", back="/orders", back_text="All orders")
