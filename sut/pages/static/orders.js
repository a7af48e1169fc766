// The dashboard's table: rows stay fresh by server-sent events, steps are done in their row without a reload, and
// the arrow keys lead from order to order. Without JavaScript the same forms and links do the same with reloads.
"use strict";

const SILENT_AFTER_MS = 25_000; // the server gives a beat every 10 s
const AGAIN_AFTER_MS = 2000;
const AIMING_MS = 1200; // so long after the pointer's last move nothing moves away under it

const frame = document.getElementById("orders");
const body = frame.querySelector("tbody");
const live = document.querySelector("[data-live-state]");
const rowOf = (number) => document.getElementById(`row-${number}`);
const numberOf = (row) => row.id.slice("row-".length);
const linkOf = (row) => row?.querySelector("a");
const updated = (row) => Date.parse(row?.querySelector("time").dateTime);
let pointedAt = 0;
let waiting = null;

const say = (text, isLive) => {
  if (live.textContent !== text) live.textContent = text;
  live.toggleAttribute("data-is-live", isLive);
};

const refuse = (text) => {
  document.getElementById("refusal")?.remove();
  if (!text) return;
  const alert = document.createElement("div");
  alert.id = "refusal";
  alert.className = "alert";
  alert.setAttribute("role", "alert");
  alert.textContent = text;
  frame.before(alert);
};

// Changes rows; whoever was in one of them is in the same order's afterwards.
const keepingFocus = (change) => {
  const focused = document.activeElement.closest?.("#orders tbody tr");
  const place = focused ? [...body.rows].indexOf(focused) : -1;
  const kind = document.activeElement.tagName;
  change();
  if (!focused || body.contains(document.activeElement)) return;
  const row = rowOf(numberOf(focused)) ?? body.rows[Math.min(place, body.rows.length - 1)];
  ((kind === "BUTTON" && row?.querySelector("button")) || linkOf(row))?.focus();
};

// Puts rows in their place; those that have not changed stay, so that focus and screen readers are left in peace.
const show = (numbers, fresh) => {
  const rows = numbers.map((number) => fresh.get(number) ?? rowOf(number)).filter(Boolean);
  keepingFocus(() => {
    for (const gone of [...body.rows].filter((row) => !rows.includes(row))) gone.remove();
    rows.forEach((row, i) => body.rows[i] !== row && body.insertBefore(row, body.rows[i] ?? null));
  });
  document.getElementById("no-orders").hidden = rows.length > 0;
};

const count = (counts) => {
  for (const [state, orders] of Object.entries(counts)) {
    document.querySelector(`[data-count="${state}"]`).textContent = orders;
  }
};

const lead = (query) => {
  let link = document.querySelector('.pager [rel="next"]');
  if (!query) return link?.remove();
  if (!link) {
    link = document.createElement("a");
    Object.assign(link, { className: "button quiet", rel: "next", textContent: "Next page" });
    document.querySelector(".pager").append(link);
  }
  link.href = `/orders?${query}`;
};

const element = (html) => {
  const template = document.createElement("template");
  template.innerHTML = html.trim();
  return template.content.firstElementChild;
};

// Rows change where they are at once; rows that move wait until nobody is about to click on one.
const take = (news) => {
  const fresh = new Map(Object.entries(news.rows).map(([number, html]) => [number, element(html)]));
  count(news.counts);
  lead(news.next);
  const moves = [...body.rows].map(numberOf).join() !== news.shown.join();
  const left = frame.matches(":hover") ? pointedAt + AIMING_MS - Date.now() : 0;
  clearTimeout(waiting?.timer);
  const all = new Map([...(waiting?.fresh ?? []), ...fresh]);
  if (moves && left > 0) {
    keepingFocus(() => fresh.forEach((row, number) => rowOf(number)?.replaceWith(row)));
    waiting = { fresh: all, timer: setTimeout(() => settle(news.shown, all), left) };
  } else {
    settle(news.shown, all);
  }
};

const settle = (shown, fresh) => {
  waiting = null;
  show(shown, fresh);
};

const follow = () => {
  let stream = null;
  let heardAt = Date.now();
  let over = false;
  const listen = () => {
    if (over || document.hidden) return;
    stream?.close();
    stream = new EventSource(frame.dataset.stream);
    stream.addEventListener("orders", (event) => take(JSON.parse(event.data)));
    stream.addEventListener("beat", () => {
      heardAt = Date.now();
      say("Live", true);
    });
    stream.addEventListener("over", () => {
      over = true;
      stream.close();
      say("You are signed out: reload this page to sign in again", false);
    });
    stream.addEventListener("error", () => {
      if (!over) say("Not live: trying to reconnect", false);
      // A stream that was refused is not tried again by the browser itself.
      if (stream.readyState === EventSource.CLOSED && !over) setTimeout(listen, AGAIN_AFTER_MS);
    });
  };
  setInterval(() => !over && Date.now() - heardAt > SILENT_AFTER_MS && say("Not live: trying to reconnect", false), 1000);
  // A browser has six connections to a site, and every open tab would hold one: only the one in front does.
  document.addEventListener("visibilitychange", () => (document.hidden ? stream?.close() : listen()));
  window.addEventListener("pagehide", () => stream?.close());
  window.addEventListener("pageshow", (event) => event.persisted && listen());
  listen();
};

// A step is the row's own form, sent behind the page; the answer is the page as it is after it.
const send = async (form) => {
  if (form.dataset.sending) return;
  form.dataset.sending = "yes";
  refuse("");
  try {
    const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (answer.ok && !page.getElementById("orders")) return location.assign(answer.url); // signed out
    if (!answer.ok) return refuse(page.querySelector('[role="alert"]')?.textContent.trim() ?? `Error ${answer.status}`);
    const rows = [...page.querySelectorAll("#orders tbody tr")];
    // The stream may have brought a later row already.
    const fresh = rows.filter((row) => !(updated(row) < updated(rowOf(numberOf(row)))));
    show(rows.map(numberOf), new Map(fresh.map((row) => [numberOf(row), document.adoptNode(row)])));
  } catch {
    refuse("The MES cannot be reached; nothing is known to have been done.");
  } finally {
    delete form.dataset.sending;
  }
};

const KEYS = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1, Home: -Infinity, End: Infinity };

const go = (event) => {
  const row = event.target.closest("tr");
  if (!row || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.key.toLowerCase() === "a") row.querySelector("button")?.click();
  if (!(event.key in KEYS)) return;
  const last = body.rows.length - 1;
  const place = Math.min(last, Math.max(0, [...body.rows].indexOf(row) + KEYS[event.key]));
  linkOf(body.rows[place]).focus();
  event.preventDefault();
};

body.addEventListener("keydown", go);
body.addEventListener("submit", (event) => {
  event.preventDefault();
  send(event.target);
});
frame.addEventListener("pointermove", () => (pointedAt = Date.now()));
follow();
