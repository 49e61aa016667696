// The side panel, in which one plays the upstream.

import { $, call, clockTime, el, pause, toast, warn } from "/dom.js";

const FAULTS = [
  ["", "Works as it should"],
  ["no_stock", "Out of stock"],
  ["slow", "Answers slowly"],
  ["timeout_after_buying", "Times out after buying"],
  ["dropped_connection", "Drops the connection"],
  ["server_error", "Server error"],
  ["html", "Answers with a web page"],
  ["rate_limited", "Too many requests"],
  ["price_change", "Changes the price"],
  ["sms_during_cancel", "SMS comes during a cancel"],
];
const STATES = { waiting: "Waiting", received: "Received", finished: "Finished", cancelled: "Cancelled", expired: "Expired" };
let panelSeen = "";

export function showPanel(open) {
  const drawer = getComputedStyle($("open-panel")).display !== "none";
  const was = $("panel").classList.contains("open");
  $("panel").classList.toggle("open", open);
  $("shade").hidden = !(open && drawer);
  $("open-panel").setAttribute("aria-expanded", String(open));
  if (open) $("close-panel").focus();
  else if (was) $("open-panel").focus();
}
$("open-panel").addEventListener("click", () => showPanel(true));
$("close-panel").addEventListener("click", () => showPanel(false));
$("shade").addEventListener("click", () => showPanel(false));

async function act(path, body, said) {
  try {
    await call(path, body);
    if (said) toast(said);
  } catch (error) {
    warn(error);
  }
  await refreshPanel();
}
$("jump").addEventListener("click", () => act("/panel/advance", { minutes: 20 }, "20 minutes later…"));

async function refreshPanel() {
  let state;
  try {
    state = await call("/panel/state");
  } catch {
    $("now").textContent = "—";
    $("upstreams").replaceChildren(el("p", { class: "none" }, "The simulated upstreams are not running."));
    panelSeen = "";
    return;
  }
  $("now").textContent = clockTime(state.now);
  $("now").setAttribute("datetime", state.now);
  const shown = JSON.stringify(state.upstreams, (key, value) => (key === "age_seconds" ? undefined : value));
  if (shown !== panelSeen) {
    panelSeen = shown;
    drawUpstreams(state.upstreams);
  }
  for (const upstream of state.upstreams) {
    for (const order of upstream.orders) {
      const age = document.querySelector(`[data-order="${CSS.escape(`${upstream.id}/${order.id}`)}"] .age`);
      if (age) age.textContent = ago(order.age_seconds);
    }
  }
}

function ago(seconds) {
  if (seconds < 60) return `${seconds} s`;
  return seconds < 3600 ? `${Math.floor(seconds / 60)} min` : `${Math.floor(seconds / 3600)} h`;
}

function drawUpstreams(upstreams) {
  // What is being typed into the panel survives its redrawing.
  const typed = new Map();
  let focused = null;
  for (const field of document.querySelectorAll("#upstreams input")) {
    if (field.value) typed.set(field.dataset.key, field.value);
    if (field === document.activeElement) focused = field.dataset.key;
  }
  $("upstreams").replaceChildren(...upstreams.map((upstream) => upstreamNode(upstream, typed)));
  if (focused !== null) document.querySelector(`#upstreams input[data-key="${CSS.escape(focused)}"]`)?.focus();
}

function upstreamNode(upstream, typed) {
  const choice = el("select", {
    id: `fault-${upstream.id}`,
    onchange: () => act("/panel/fault", { upstream: upstream.id, fault: choice.value || null }),
  }, ...FAULTS.map(([value, text]) => el("option", { value }, text)));
  choice.value = upstream.fault ?? "";
  const balance = Number(upstream.balance).toLocaleString();
  const open = upstream.orders.filter((order) => ["waiting", "received"].includes(order.state));
  const closed = upstream.orders.filter((order) => !open.includes(order)).slice(-5);
  return el("section", { class: "upstream", "aria-label": upstream.name },
    el("h3", {}, upstream.name, el("span", {}, `Balance ${balance} ${upstream.currency}`)),
    el("div", { class: `fault${upstream.fault ? " on" : ""}` },
      el("label", { class: "label", for: `fault-${upstream.id}` }, "Behaviour"), choice),
    upstream.orders.length === 0
      ? el("p", { class: "none" }, "No orders yet. Buy a number in the chat.")
      : el("ul", { class: "orders" }, ...[...open, ...closed].map((order) => orderNode(upstream, order, typed))));
}

function orderNode(upstream, order, typed) {
  const key = `${upstream.id}/${order.id}`;
  const head = el("div", { class: "head" },
    el("div", {}, order.service, el("div", { class: "meta" }, `${order.number} · `, el("span", { class: "age" }, ago(order.age_seconds)))),
    el("span", { class: `state ${order.state}` }, STATES[order.state] ?? order.state));
  if (!["waiting", "received"].includes(order.state)) {
    return el("li", { class: "order closed", "data-order": key }, head);
  }
  const text = el("input", { type: "text", autocomplete: "off", placeholder: "SMS text, or leave it empty", "aria-label": `SMS text for ${order.number}`, "data-key": key });
  text.value = typed.get(key) ?? "";
  const again = order.state === "received";
  const deliver = () => {
    const words = text.value.trim() || null;
    text.value = "";
    return act("/panel/deliver", { upstream: upstream.id, order: order.id, text: words }, "SMS delivered");
  };
  return el("li", { class: "order", "data-order": key }, head, text,
    el("div", { class: "do" },
      el("button", { type: "button", class: "plain primary", onclick: deliver }, again ? "Deliver another SMS" : "Deliver SMS"),
      order.cancellable ? el("button", { type: "button", class: "plain", onclick: () => act("/panel/cancel", { upstream: upstream.id, order: order.id }, "The upstream cancelled it") }, "Cancel") : null,
      el("button", { type: "button", class: "plain", onclick: () => act("/panel/expire", { upstream: upstream.id, order: order.id }, "Its time is over") }, "Expire")));
}

export async function followPanel() {
  for (;;) {
    if (!document.hidden) await refreshPanel();
    await pause(1000);
  }
}
