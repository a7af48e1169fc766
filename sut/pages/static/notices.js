// Tells an operator of new orders while any page of the MES is open: in the page, and by the browser's own
// notification where that was allowed.
"use strict";

const region = document.getElementById("notices");
const MOST_SHOWN = 5;

const sentence = (order) => `Order ${order.number} can be made: ${order.quantity} × ${order.material}`;

const showInPage = (order) => {
  const item = document.createElement("p");
  const link = document.createElement("a");
  link.href = `/orders/${encodeURIComponent(order.number)}`;
  link.textContent = sentence(order);
  const close = document.createElement("button");
  close.type = "button";
  close.className = "quiet small";
  close.textContent = "Dismiss";
  close.addEventListener("click", () => item.remove());
  item.append(link, close);
  region.append(item);
  while (region.childElementCount > MOST_SHOWN) region.firstElementChild.remove();
};

const showOnDesktop = (order, id) => {
  if (!("Notification" in window) || Notification.permission !== "granted") return;
  // The tag makes several open tabs show one notification.
  const shown = new Notification("New order to make", { body: sentence(order), tag: `notice-${id}` });
  shown.addEventListener("click", () => {
    window.focus();
    window.location.assign(`/orders/${encodeURIComponent(order.number)}`);
  });
};

if (region) {
  const stream = new EventSource("/notifications/stream");
  stream.addEventListener("order-to-make", (event) => {
    const order = JSON.parse(event.data);
    showInPage(order);
    showOnDesktop(order, event.lastEventId);
  });
  stream.addEventListener("open", () => region.setAttribute("data-connected", "true"));
  stream.addEventListener("error", () => region.removeAttribute("data-connected"));
  window.addEventListener("pagehide", () => stream.close());
}

const state = document.getElementById("desktop-state");
const allow = document.getElementById("desktop-allow");
const WORDS = {
  granted: "Allowed in this browser.",
  denied: "Blocked in this browser. You can change that in its site settings.",
  default: "Not allowed yet.",
};

const showState = () => {
  const permission = "Notification" in window ? Notification.permission : "denied";
  state.textContent = WORDS[permission];
  allow.hidden = permission !== "default";
};

if (state && allow) {
  showState();
  allow.addEventListener("click", async () => {
    await Notification.requestPermission();
    showState();
  });
}
