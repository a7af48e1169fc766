"""The operators' dashboard made slow: its table is locked again and again while it is opened."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from playwright.sync_api import Browser, Error

from e2e.operations.drills.scene import Labels, Scene
from fixtures.browser import Driver
from fixtures.evidence import Inconclusive
from fixtures.hand import Hand

LOCKED_S, FREE_S = 1.9, 0.4
TOLD_WITHIN_MS = 5000
_REPORT = "**/page-times"  # which the page sends once its rows can be seen
_LOCK = "LOCK TABLE work_orders IN ACCESS EXCLUSIVE MODE"


@contextmanager
def slow_pages(scene: Scene) -> Iterator[Labels]:
    """Have one operator open the dashboard over and over, while somebody locks its table."""
    locked, ended = threading.Event(), threading.Event()
    work = (
        threading.Thread(target=_open_pages, args=(scene, ended), name="operator", daemon=True),
        threading.Thread(target=_lock_and_free, args=(scene, locked), name="whoever locks", daemon=True),
    )
    for each in work:
        each.start()
    try:
        yield {"page": "orders"}
    finally:
        locked.set()
        ended.set()
        for each in work:
            each.join()


def _lock_and_free(scene: Scene, ended: threading.Event) -> None:
    mes = Hand(scene.testbed.target, "mes")
    while not ended.wait(FREE_S):
        with suppress(Inconclusive), mes.holds(_LOCK):  # a deadlock is ours to give up; the next lock comes
            ended.wait(LOCKED_S)


def _open_pages(scene: Scene, ended: threading.Event) -> None:
    driver = Driver()  # a thread's own: Playwright's calls belong to the thread that began them
    try:
        _open_until(driver.browser(), scene, ended)
    finally:
        driver.stop()


def _open_until(browser: Browser, scene: Scene, ended: threading.Event) -> None:
    context = browser.new_context(base_url=scene.testbed.target.urls.mes)
    context.add_cookies([{**cookie} for cookie in scene.operator.door.cookies()])  # type: ignore[typeddict-item]  # name, value, url
    page = context.new_page()
    while not ended.is_set():
        # What is slow may also be too slow; the next opening comes.
        with suppress(Error), page.expect_response(_REPORT, timeout=TOLD_WITHIN_MS):
            page.goto("/orders", wait_until="load")
