"""Operators in real browsers while a load runs: first byte, rows visible, interaction to next paint.

A window opens the dashboard, goes down its rows by keyboard, filters by state and turns the page, again and
again. All is timed by Chromium itself: navigation timing for the first byte, animation frames for the rows,
event timing for how long after a key or a click the next frame was painted.
Source: https://www.w3.org/TR/event-timing/
"""

import threading
import time
from contextlib import suppress
from typing import Any, Self, cast

from playwright.sync_api import Error, Page

from fixtures.browser import Driver
from fixtures.testbed.target import Operator, Target
from fixtures.web_doors import MesDoor
from fixtures.windows import DESKTOP
from load.page_times import WATCH
from load.profiles import Browsers
from load.series import Series

FIRST_BYTE, ROWS, INTERACTION = "dashboard_first_byte", "dashboard_rows", "dashboard_interaction"
STATES = ("APPROVED", "CLOSED", "SHIPPED", "PRICED")
TIMEOUT_MS = 20_000
SETTLES_MS = 250
_INTERACTIONS = """
    window.interactionsMs = {};
    new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) if (entry.interactionId)
            window.interactionsMs[entry.interactionId] =
                Math.max(window.interactionsMs[entry.interactionId] || 0, entry.duration);
    }).observe({ type: "event", durationThreshold: 16, buffered: true });
"""
_FIRST_BYTE = "performance.getEntriesByType('navigation')[0].responseStart"


class DashboardWatch:
    """Windows that look at the dashboard until the load is over, each with a thread and a browser."""

    def __init__(self, target: Target, browsers: Browsers) -> None:
        self._target, self._over = target, threading.Event()
        self._every_s = browsers.every_s
        operators = [target.operators[at % len(target.operators)] for at in range(browsers.windows)]
        self._threads = [threading.Thread(target=self._look_on, args=(each,)) for each in operators]
        self.seen: list[tuple[str, float, float]] = []
        """Which figure, when it was seen (seconds since the epoch), and its ms."""
        self.failures: list[str] = []

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def slis(self, elapsed_s: float) -> dict[str, Any]:
        """Return the summaries as evidence keeps them; a visit that failed counts as the longest there is."""
        series: dict[str, Series] = {}
        for name, _, time_ms in list(self.seen):
            series.setdefault(name, Series()).record(time_ms, failed=False)
        for _ in self.failures:
            series.setdefault(ROWS, Series()).record(float(TIMEOUT_MS), failed=True)
        return {name: each.summary(elapsed_s) for name, each in series.items()}

    def _look_on(self, operator: Operator) -> None:
        driver = Driver()
        try:
            page = self._signed_in(driver, operator)
            for turn in range(1_000_000):
                if self._over.wait(self._every_s if turn else 0):
                    break
                self._visit(page, STATES[turn % len(STATES)])
        except Exception as error:  # whatever ends the looking on must be in the evidence
            self.failures.append(f"{type(error).__name__}: {error}".partition("\n")[0])
        finally:
            with suppress(Error):
                driver.stop()

    def _signed_in(self, driver: Driver, operator: Operator) -> Page:
        door = MesDoor(self._target.urls.mes)
        door.sign_in(operator.email, operator.password)
        context = driver.browser(whole=True).new_context(viewport=DESKTOP, locale="en-GB")
        context.add_cookies(cast(Any, door.cookies()))  # Playwright's name for their type is private
        context.add_init_script(WATCH)
        context.add_init_script(_INTERACTIONS)
        page = context.new_page()
        page.set_default_timeout(TIMEOUT_MS)
        return page

    def _visit(self, page: Page, state: str) -> None:
        try:
            page.goto(f"{self._target.urls.mes}/orders", wait_until="commit")
            self._saw(page)
            for _ in range(3):
                page.keyboard.press("ArrowDown")
            self._interacted(page)
            page.get_by_label("State", exact=True).first.select_option(state)
            page.get_by_role("button", name="Apply").click(no_wait_after=True)
            page.wait_for_url("**/orders?**", wait_until="commit")
            self._saw(page)
            link = page.get_by_role("link", name="Next page")
            if link.count():
                link.first.click(no_wait_after=True)
                page.wait_for_url("**after=**", wait_until="commit")
                self._saw(page)
        except Error as error:
            self.failures.append(str(error).partition("\n")[0])

    def _saw(self, page: Page) -> None:
        rows_ms = float(page.evaluate("window.rowsVisibleMs"))
        self._note(ROWS, rows_ms)
        self._note(FIRST_BYTE, float(page.evaluate(_FIRST_BYTE)))

    def _interacted(self, page: Page) -> None:
        page.wait_for_timeout(SETTLES_MS)  # event timing tells of a paint after it
        for time_ms in page.evaluate("Object.values(window.interactionsMs)"):
            self._note(INTERACTION, float(time_ms))

    def _note(self, figure: str, time_ms: float) -> None:
        self.seen.append((figure, time.time(), time_ms))
