"""Amounts, sizes and moments as people read them."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from sut.pages.templating import moment, money, size


def test_money_always_has_two_places() -> None:
    """Prices line up."""
    assert money(Decimal("12"), "EUR") == "12.00 EUR"
    assert money(Decimal("1234.5"), "EUR") == "1234.50 EUR"


@pytest.mark.parametrize(
    ("size_bytes", "words"), [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (10_000_000, "10.0 MB")]
)
def test_size_has_the_unit_that_fits(size_bytes: int, words: str) -> None:
    """A file's size is readable at a glance."""
    assert size(size_bytes) == words


def test_moments_are_shown_in_utc() -> None:
    """Everybody sees the same time, wherever the server stands."""
    there = datetime(2026, 11, 22, 19, 4, 5, tzinfo=timezone(timedelta(hours=3)))

    assert moment(there) == moment(there.astimezone(UTC)) == "2026-11-22 16:04:05"
