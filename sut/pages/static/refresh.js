// Keeps one part of a page fresh: <div id="…" data-refresh="/fragment" data-every-ms="1000">.
// The part is replaced only when it has changed, so focus and screen readers are left in peace.
"use strict";

const told = document.querySelector("[data-told]"); // a live region that stays, for screen readers

for (const part of document.querySelectorAll("[data-refresh]")) {
  const everyMs = Number(part.dataset.everyMs) || 1000;

  const tell = (text) => {
    if (told && told.textContent !== text) told.textContent = text;
  };

  const show = (html) => {
    const fresh = document.createElement("template");
    fresh.innerHTML = html.trim();
    if (fresh.innerHTML === part.innerHTML.trim()) return;
    const focused = part.contains(document.activeElement) ? document.activeElement.id : "";
    part.replaceChildren(fresh.content);
    tell(part.querySelector('[role="status"]')?.textContent ?? "");
    if (focused) document.getElementById(focused)?.focus();
  };

  const refresh = async () => {
    let wait = everyMs;
    try {
      const answer = await fetch(part.dataset.refresh, { headers: { Accept: "text/html" }, redirect: "manual" });
      if (answer.type === "opaqueredirect") return location.reload(); // signed out: sign in and come back
      if (answer.status === 404 || answer.status === 401 || answer.status === 403) return;
      if (answer.ok) {
        show(await answer.text());
        if (answer.headers.get("X-Final") === "true") return;
      } else {
        wait = everyMs * 5;
      }
    } catch {
      wait = everyMs * 5; // unreachable: the page as it stands stays readable
    }
    setTimeout(whenVisible, wait);
  };

  const whenVisible = () => {
    if (document.hidden) document.addEventListener("visibilitychange", refresh, { once: true });
    else refresh();
  };

  setTimeout(whenVisible, everyMs);
}
