// Keeps one part of a page fresh by server-sent events: <div id="live" data-live="/address">, beside which an element
// with data-live-state says whether news come. It ticks the elements with data-due: how late something is by now.
"use strict";

const SILENT_AFTER_MS = 6000; // the server gives a beat every 2 s
const AGAIN_AFTER_MS = 2000;

const duration = (seconds) => {
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const days = Math.floor(hours / 24);
  if (days) return hours % 24 ? `${days} d ${hours % 24} h` : `${days} d`;
  if (hours) return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
  const rest = Math.floor(seconds % 60);
  return rest ? `${minutes} min ${rest} s` : `${minutes} min`;
};

const follow = (part, state) => {
  let stream = null;
  let heardAt = Date.now();
  let serverAhead = 0; // ms
  let over = false;
  let shown = [...part.children].map((section) => section.outerHTML); // the source of each section, as it came

  const say = (text, isLive) => {
    if (state.textContent !== text) state.textContent = text;
    state.toggleAttribute("data-is-live", isLive);
  };

  const tick = () => {
    for (const late of part.querySelectorAll("[data-due]")) {
      const seconds = (Date.now() + serverAhead - Date.parse(late.dataset.due)) / 1000;
      late.textContent = duration(Math.max(0, seconds));
    }
  };

  // Sections that have not changed stay what they are, so that nobody clicks on what is just being replaced.
  const show = (html) => {
    const fresh = document.createElement("template");
    fresh.innerHTML = html.trim();
    const sections = [...fresh.content.children];
    const sources = sections.map((section) => section.outerHTML);
    const focused = part.contains(document.activeElement) ? document.activeElement.id : "";
    if (sources.length === shown.length) {
      sections.forEach((section, i) => sources[i] !== shown[i] && part.children[i].replaceWith(section));
    } else {
      part.replaceChildren(...sections);
    }
    shown = sources;
    if (focused && document.activeElement.id !== focused) document.getElementById(focused)?.focus();
    tick();
  };

  const listen = () => {
    if (over || document.hidden) return;
    stream?.close();
    stream = new EventSource(part.dataset.live);
    stream.addEventListener("part", (event) => show(event.data));
    stream.addEventListener("beat", (event) => {
      heardAt = Date.now();
      serverAhead = Date.parse(event.data) - heardAt;
      say("Live", true);
    });
    stream.addEventListener("over", () => {
      over = true;
      stream.close();
      say("You are signed out: reload this page to sign in again", false);
    });
    stream.addEventListener("error", () => {
      // A stream that was refused is not tried again by the browser itself.
      if (stream.readyState === EventSource.CLOSED && !over) setTimeout(listen, AGAIN_AFTER_MS);
    });
  };

  setInterval(() => {
    tick();
    if (!over && Date.now() - heardAt > SILENT_AFTER_MS) {
      say(`Not live since ${new Date(heardAt + serverAhead).toISOString().slice(11, 19)}; trying to reconnect`, false);
    }
  }, 1000);
  // A browser has six connections to a site, and every open tab would hold one: only the one in front does.
  document.addEventListener("visibilitychange", () => (document.hidden ? stream?.close() : listen()));
  window.addEventListener("pagehide", () => stream?.close());
  window.addEventListener("pageshow", (event) => event.persisted && listen());
  listen();
};

for (const part of document.querySelectorAll("[data-live]")) {
  follow(part, document.querySelector("[data-live-state]"));
}
