"""Pages that everybody can use: on a phone, by keyboard, with a screen reader."""

from __future__ import annotations

import pytest

from e2e.screen_reader import faults_of
from e2e.visitors import EVERYBODY, Visitors, Who
from fixtures.windows import PHONE, Windows

ON_THE_WAY: tuple[Who, ...] = ("shopper",)
BY_NIGHT = tuple(who for who in EVERYBODY if who not in ON_THE_WAY)


@pytest.mark.parametrize("who", EVERYBODY)
def test_every_page_is_sound_for_a_screen_reader(visitors: Visitors, who: Who) -> None:
    """Every page has a language, a title and one main heading, and names what it shows and asks."""
    visit = visitors.visit(who)

    pages = [seen.page for seen in visit.crawl(of_a_kind=1) if seen.page]

    assert [fault for page in pages for fault in faults_of(page)] == []
    assert pages


@pytest.mark.parametrize(
    "who", [*ON_THE_WAY, *(pytest.param(who, marks=pytest.mark.slow) for who in BY_NIGHT)]
)
def test_every_page_fits_a_phone(visitors: Visitors, windows: Windows, who: Who) -> None:
    """At 360 pixels nothing must be scrolled sideways."""
    visit = visitors.visit(who)
    pages = visit.one_of_each_kind()
    window = windows.open("phone", visit.site.base_url, visit.site.cookies(), PHONE)

    too_wide = {}
    for url in pages:
        window.goto(url)
        too_wide[url] = window.evaluate("document.documentElement.scrollWidth - window.innerWidth")

    assert {url: pixels for url, pixels in too_wide.items() if pixels > 0} == {}
    assert too_wide
