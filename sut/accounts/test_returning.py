"""After signing in nobody is led to another site."""

import pytest

from sut.accounts.returning import local_path


@pytest.mark.parametrize("path", ["/", "/orders", "/orders/K7F3-0192", "/tariff?x=1", "/orders?after=3#top"])
def test_page_of_this_site_is_kept(path: str) -> None:
    """Whoever had to sign in first comes back to the page they wanted."""
    assert local_path(path, "/orders") == path


@pytest.mark.parametrize(
    "elsewhere",
    [
        "",
        "orders",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "https://evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "/orders\r\nSet-Cookie: a=b",
        "/orders\x00",
        "/nöt",
        "/a b",
        "/" + "x" * 600,
    ],
)
def test_other_site_is_replaced(elsewhere: str) -> None:
    """Whatever a browser could read as another site, or as a header, leads to the start page."""
    assert local_path(elsewhere, "/orders") == "/orders"
