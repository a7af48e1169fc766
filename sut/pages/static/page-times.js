// Tells the server how long this page took: from the click to its first byte, and until its rows could be seen.
"use strict";
{
  const { page, token } = document.currentScript.dataset;

  // A page that nobody sees is drawn whenever its tab comes to the front, which says nothing of its speed.
  let seen = !document.hidden && !document.prerendering;
  document.addEventListener("visibilitychange", () => (seen = false), { once: true });

  const report = (rowsMs) => {
    const [load] = performance.getEntriesByType("navigation");
    if (!seen || !load?.responseStart) return;
    const times = { token, page, first_byte_ms: load.responseStart, rows_ms: rowsMs };
    navigator.sendBeacon("/page-times", new Blob([JSON.stringify(times)], { type: "application/json" }));
  };

  // The frame after the first one in which a row has a height: by then it is on the screen.
  const look = () => {
    const row = document.querySelector("main tbody tr");
    if (!row) return report(null);
    if (row.getBoundingClientRect().height === 0) return requestAnimationFrame(look);
    requestAnimationFrame(() => report(performance.now()));
  };
  if (page) requestAnimationFrame(look);
}
