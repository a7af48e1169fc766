"""How an operator is told of new orders. Pages act; scenarios assert."""

from __future__ import annotations

from typing import NamedTuple

from playwright.sync_api import Page, expect

from fixtures.waiting import until

TOLD_WITHIN_S = 10.0

# Chromium shows its own notifications outside of the page. This keeps what it has really shown where a
# scenario can read it; what the page may or may not show is still Chromium's decision. Of two with the
# same tag the later one takes the place of the earlier one: https://notifications.spec.whatwg.org/#tags-example
_KEEP_WHAT_WAS_SHOWN = """
    window.shownNotifications = new Map();
    const Real = window.Notification;
    window.Notification = class extends Real {
        constructor(title, options) {
            super(title, options);
            const { body, tag = Symbol() } = options;
            this.addEventListener("show", () => window.shownNotifications.set(tag, `${title}: ${body}`));
        }
    };
"""


# The page shows the latest five, and others' orders push ours out: this keeps every notice that it showed.
_KEEP_WHAT_WAS_TOLD = """
    window.toldNotices = [];
    addEventListener("DOMContentLoaded", () => {
        const region = document.getElementById("notices");
        const keep = (item) => {
            const link = item.querySelector("a");
            window.toldNotices.push([link.textContent, link.getAttribute("href")]);
        };
        if (region) new MutationObserver((changes) => {
            for (const change of changes) change.addedNodes.forEach(keep);
        }).observe(region, { childList: true });
    });
"""


class Notice(NamedTuple):
    """What the page says of an order, and where it leads to."""

    text: str
    href: str


class NotificationsPage:
    """An operator's choice of how to be told, and what they are told while the page is open."""

    def __init__(self, page: Page) -> None:
        self.page = page
        page.add_init_script(_KEEP_WHAT_WAS_TOLD)
        self.notices = page.get_by_role("log", name="New orders").get_by_role("paragraph")
        self.desktop = page.get_by_role("status", name="Desktop notifications")
        self.allow = page.get_by_role("button", name="Allow desktop notifications", include_hidden=True)

    def open(self) -> NotificationsPage:
        """Open the page and wait until notices can reach it."""
        self.page.goto("/notifications")
        expect(self.page.locator("#notices[data-connected]")).to_be_attached()
        return self

    def choose(self, *, in_page: bool = True, by_mail: bool = False) -> NotificationsPage:
        """Choose how to be told."""
        self.page.get_by_label("in the page").set_checked(in_page)
        self.page.get_by_label("by e-mail").set_checked(by_mail)
        self.page.get_by_role("button", name="Save").click()
        expect(self.page.get_by_text("Saved.")).to_be_visible()
        expect(self.page.locator("#notices[data-connected]")).to_be_attached()
        return self

    def allow_desktop(self) -> NotificationsPage:
        """Let the browser show notifications, as somebody who presses Allow."""
        self.page.context.grant_permissions(["notifications"])
        self.page.add_init_script(_KEEP_WHAT_WAS_SHOWN)
        return self

    def told(self) -> list[Notice]:
        """All notices that the page has shown since it was opened."""
        return [Notice(*each) for each in self.page.evaluate("window.toldNotices")]

    def told_of(self, number: str) -> list[Notice]:
        """Those of an order."""
        return [each for each in self.told() if number in each.text]

    def waits_to_be_told_of(self, number: str) -> Notice:
        """Wait until the page shows a notice of an order, and return it."""
        return until(lambda: self.told_of(number), TOLD_WITHIN_S, what=f"a notice of order {number}")[0]

    def on_desktop(self) -> list[str]:
        """What the browser shows outside of the page."""
        shown: list[str] = self.page.evaluate("[...window.shownNotifications.values()]")
        return shown
