"""When rows are visible, as Chromium tells it: at once, never, or where a page says that there are none."""

import pytest
from playwright.sync_api import Browser, Error

from load.page_times import ROWS_WITHIN_MS, WATCH

ROWS = '<table aria-label="Orders"><tbody><tr><td>A-1</td></tr></tbody></table>'


@pytest.mark.parametrize("page", [ROWS, '<div id="no-orders">No order matches.</div>'])
def test_what_a_page_shows_is_timed(chromium: Browser, page: str) -> None:
    """Rows, or the sentence that there are none."""
    assert 0 < shown(chromium, page) < ROWS_WITHIN_MS


@pytest.mark.parametrize(
    "page", ["<p>nothing</p>", ROWS.replace("<tr>", "<tr hidden>"), "<div id=no-orders hidden>"]
)
def test_a_page_that_shows_nothing_is_given_up(chromium: Browser, page: str) -> None:
    """Or who looks on would wait for ever."""
    with pytest.raises(Error, match="no row was visible"):
        shown(chromium, page)


def shown(chromium: Browser, page: str) -> float:
    """Open a page that is given up early, and ask when its rows were visible."""
    context = chromium.new_context()
    try:
        window = context.new_page()
        window.add_init_script(WATCH.replace(f", {ROWS_WITHIN_MS})", ", 300)"))
        window.goto(f"data:text/html,{page}")
        return float(window.evaluate("window.rowsVisibleMs"))
    finally:
        context.close()
