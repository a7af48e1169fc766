"""When an operator sees the rows of a page, timed by Chromium itself. Units: ms."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from statistics import median
from typing import Any, cast

import numpy as np
from playwright.sync_api import Page

from fixtures.browser import Driver
from fixtures.windows import DESKTOP
from load.variants import Dashboard

_REST_MS = 50
_ELSEWHERE = "/health/live"
ROWS_WITHIN_MS = 20_000
_SHOWN = 'table[aria-label="Orders"] tbody tr, #no-orders:not([hidden])'
# From the navigation's start until the frame after the first one in which a row has a height. A page that
# says that it has none has shown what there is; one that shows nothing is given up, or the wait never ended.
WATCH = f"""
    window.rowsVisibleMs = new Promise((tell, giveUp) => {{
        const late = () => giveUp(new Error("no row was visible within {ROWS_WITHIN_MS} ms"));
        setTimeout(late, {ROWS_WITHIN_MS});
        const look = () => {{
            const shown = document.querySelector('{_SHOWN}');
            if (!shown || shown.getBoundingClientRect().height === 0) return requestAnimationFrame(look);
            requestAnimationFrame(() => tell(performance.now()));
        }};
        requestAnimationFrame(look);
    }});
    window.rowsVisibleMs.catch(() => 0);
"""


class Window:
    """A browser window in which one dashboard is looked at again and again."""

    def __init__(self, dashboard: Dashboard, page: Page) -> None:
        self._url, self._page = dashboard.url, page

    def rows_visible_ms(self, path: str) -> float:
        """Go to a page; return when its rows are seen."""
        self._page.goto(f"{self._url}{path}", wait_until="commit", timeout=120_000)
        seen_ms = float(self._page.evaluate("window.rowsVisibleMs"))
        # Elsewhere on the site, where operators come from: from another site a browser would start a process
        # first. And the page's streams end, or they would be in the way of what is timed next.
        self._page.goto(f"{self._url}{_ELSEWHERE}")
        self._page.wait_for_timeout(_REST_MS)
        return seen_ms


@contextmanager
def windows(dashboards: Sequence[Dashboard]) -> Iterator[list[Window]]:
    """Open a window for each dashboard, signed in, in one browser."""
    driver = Driver()
    try:
        opened = []
        for dashboard in dashboards:
            context = driver.browser(whole=True).new_context(viewport=DESKTOP, locale="en-GB")
            context.add_cookies(cast(Any, dashboard.cookies))  # Playwright's name for their type is private
            context.add_init_script(WATCH)
            opened.append(Window(dashboard, context.new_page()))
        yield opened
    finally:
        driver.stop()


def summary(times_ms: Sequence[float]) -> dict[str, float]:
    """Return how many times there are, their median and their percentiles."""
    p90, p95, p99 = (round(float(value), 2) for value in np.percentile(times_ms, (90, 95, 99)))
    middle, longest = round(median(times_ms), 2), round(max(times_ms), 2)
    return {"samples": len(times_ms), "p50": middle, "p90": p90, "p95": p95, "p99": p99, "max": longest}
