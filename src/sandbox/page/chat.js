// The chat page. Messages arrive as text plus a list of entities and are built as DOM nodes;
// nothing that came from a message is ever read as HTML.

import { $, ICON, call, clockTime, copy, el, icon, pause, toast, warn } from "/dom.js";
import { askInline, forgetInline, inlineQuery } from "/inline.js";
import { followPanel, showPanel } from "/panel.js";

const view = {
  bot: { name: "", username: "" },
  people: new Map(),
  current: null,
  seq: 0,
  pressed: new Map(),
  answered: new Set(),
};

// ---- Formatted text ----

function formatted(text, entities) {
  const sorted = [...entities].sort((a, b) => a.offset - b.offset || b.length - a.length);
  const root = document.createDocumentFragment();
  stretch(root, text, sorted, 0, text.length);
  return root;
}

function stretch(parent, text, entities, from, to) {
  let at = from;
  let next = 0;
  while (next < entities.length) {
    const entity = entities[next++];
    const start = Math.max(entity.offset, at);
    const end = Math.min(entity.offset + entity.length, to);
    if (start >= end) continue;
    parent.append(text.slice(at, start));
    const inside = [];
    while (next < entities.length && entities[next].offset < end) inside.push(entities[next++]);
    const { outer, inner } = wrap(entity, text.slice(start, end));
    stretch(inner, text, inside, start, end);
    parent.append(outer);
    at = end;
    if (isBlock(entity) && text[at] === "\n") at += 1;
  }
  parent.append(text.slice(at, to));
}

const isBlock = (entity) => ["pre", "blockquote", "expandable_blockquote"].includes(entity.type);
const SIMPLE = { bold: "b", italic: "i", underline: "u", strikethrough: "s" };

function wrap(entity, content) {
  const same = (node) => ({ outer: node, inner: node });
  if (SIMPLE[entity.type]) return same(el(SIMPLE[entity.type]));
  switch (entity.type) {
    case "code":
      return same(el("code", { ...acts(() => copy(content)), title: "Tap to copy" }));
    case "pre": {
      const inner = el("span");
      const button = el("button", { type: "button", class: "copy", "aria-label": "Copy", onclick: () => copy(content) }, icon(ICON.copy));
      const language = entity.language ? el("span", { class: "lang" }, entity.language) : null;
      return { outer: el("span", { class: "pre" }, language, inner, button), inner };
    }
    case "text_link":
    case "url":
      return same(link(entity.url ?? content));
    case "mention":
      return same(link(`https://t.me/${content.slice(1)}`));
    case "bot_command":
      return same(el("span", { class: "command", ...acts(() => say(content)) }));
    case "spoiler": {
      const node = el("span", { class: "spoiler", "aria-label": "Hidden text, press to show", ...acts(() => {
        node.classList.add("open");
        node.removeAttribute("aria-label");
      }) });
      return same(node);
    }
    case "blockquote":
      return same(el("span", { class: "quote" }));
    case "expandable_blockquote": {
      const node = el("span", { class: "quote long", ...acts(() => node.classList.toggle("open")) });
      return same(node);
    }
    default:
      return same(el("span"));
  }
}

function acts(run) {
  return {
    role: "button",
    tabindex: "0",
    onclick: run,
    onkeydown: (event) => {
      if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        run();
      }
    },
  };
}

function link(address) {
  const safe = /^(https?|tg):/i.test(address) ? address : null;
  return safe ? el("a", { href: safe, target: "_blank", rel: "noopener noreferrer" }) : el("span");
}

// ---- Messages ----

function dayName(iso) {
  const date = new Date(iso);
  const today = new Date();
  const days = Math.round((new Date(date).setHours(0, 0, 0, 0) - new Date(today).setHours(0, 0, 0, 0)) / 86400000);
  if (days === 0) return "Today";
  if (days === -1) return "Yesterday";
  if (days === 1) return "Tomorrow";
  return date.toLocaleDateString([], { day: "numeric", month: "long" });
}

function messageNode(message) {
  const bubble = el("div", { class: "bubble" });
  if (message.forwarded) bubble.append(el("div", { class: "from" }, "Forwarded message"));
  if (message.media) bubble.append(mediaNode(message.media));
  if (message.text) {
    bubble.append(el("span", { class: "text" }, formatted(message.text, message.entities)));
  }
  bubble.append(el("span", { class: "stamp" }, `${message.edited ? "edited " : ""}${clockTime(message.at)}`));
  if (message.service) return el("li", { class: "message service", "data-id": message.id }, message.text);
  if (message.invoice) bubble.classList.add("invoice");
  const mine = !message.bot && !message.forwarded;
  const keys = message.keyboard.length > 0 || message.invoice;
  return el(
    "li",
    { class: `message ${mine ? "mine" : "theirs"}${keys ? " keys" : ""}`, "data-id": message.id },
    bubble,
    message.invoice ? payNode(message) : keys ? keyboardNode(message) : null,
  );
}

function mediaNode(media) {
  const address = `/chat/file/${encodeURIComponent(media.id)}`;
  if (media.pixels) {
    return el("img", { class: "photo", src: address, width: media.pixels[0], height: media.pixels[1], alt: "Photo", onload: () => stick() });
  }
  const size = media.size < 1024 ? `${media.size} B` : `${(media.size / 1024).toFixed(1)} KB`;
  return el("a", { class: "document", href: address, download: media.name || "file" },
    el("span", { class: "disc" }, icon(ICON.file)),
    el("span", {}, el("b", {}, media.name || "Document"), el("small", {}, size)));
}

function keyboardNode(message) {
  const rows = message.keyboard.map((row) => el("div", { class: "row" }, ...row.map((button) => keyNode(message, button))));
  return el("div", { class: "keyboard" }, ...rows);
}

function payNode(message) {
  const user = view.current;
  const node = el("button", { type: "button", onclick: () => pay(user, message, node) }, el("span", {}, `Pay ⭐ ${message.invoice.stars}`));
  return el("div", { class: "keyboard" }, el("div", { class: "row" }, node));
}

async function pay(user, message, node) {
  if (node.disabled) return;
  node.disabled = true;
  node.classList.add("busy");
  try {
    await call("/chat/pay", { user, message: message.id });
  } catch (error) {
    warn(error);
  } finally {
    node.disabled = false;
    node.classList.remove("busy");
  }
}

function keyNode(message, button) {
  const label = el("span", {}, button.text);
  const mark = (path) => el("span", { class: "mark" }, icon(path));
  switch (button.kind) {
    case "url":
      if (startOf(button.value) !== null) {
        return el("button", { type: "button", onclick: () => say(`/start ${startOf(button.value)}`) }, label, mark(ICON.link));
      }
      return el("a", { href: button.value, target: "_blank", rel: "noopener noreferrer" }, label, mark(ICON.link));
    case "copy":
      return el("button", { type: "button", onclick: () => copy(button.value) }, label, mark(ICON.copy));
    case "switch_inline":
      return el("button", { type: "button", onclick: () => type(`@${view.bot.username} ${button.value}`) }, label, mark(ICON.search));
    default: {
      const user = view.current;
      const spot = `${user}/${message.id}/${button.value}`;
      const node = el("button", { type: "button", "data-spot": spot, onclick: () => press(user, message, button, spot) }, label);
      if ([...view.pressed.values()].includes(spot)) node.classList.add("busy");
      return node;
    }
  }
}

// What a link to the bot itself starts it with: such a link leads into this chat.
function startOf(address) {
  const here = `https://t.me/${view.bot.username}?start=`;
  return address.startsWith(here) ? address.slice(here.length) : null;
}

async function press(user, message, button, spot) {
  if ([...view.pressed.values()].includes(spot)) return;
  const early = `early ${spot}`;
  mark(early, spot, true);
  try {
    const { query } = await call("/chat/press", { user, message: message.id, button: button.value });
    mark(early, spot, false);
    if (view.answered.delete(query)) return;
    mark(query, spot, true);
    // Telegram's apps give up on an answer after a while, too.
    setTimeout(() => mark(query, spot, false), 15000);
  } catch (error) {
    mark(early, spot, false);
    warn(error);
  }
}

function mark(query, spot, busy) {
  if (busy) view.pressed.set(query, spot);
  else view.pressed.delete(query);
  const still = [...view.pressed.values()].includes(spot);
  for (const node of document.querySelectorAll("[data-spot]")) {
    if (node.dataset.spot === spot) {
      node.classList.toggle("busy", still);
      node.toggleAttribute("aria-busy", still);
    }
  }
}

// ---- The chat of the current person ----

const person = () => view.people.get(view.current);
const atEnd = () => $("chat").scrollHeight - $("chat").scrollTop - $("chat").clientHeight < 90;
let following = true;

function stick(force = false) {
  if (force) following = true;
  if (following) $("chat").scrollTop = $("chat").scrollHeight;
}

function draw() {
  const who = person();
  const list = $("messages");
  list.replaceChildren();
  let day = "";
  for (const message of who.messages.values()) day = appendMessage(message, day);
  status();
  stick(true);
}

function appendMessage(message, lastDay, fresh = false) {
  const day = dayName(message.at);
  if (day !== lastDay) $("messages").append(el("li", { class: "day", "data-day": day }, day));
  const node = messageNode(message);
  if (fresh) node.classList.add("fresh");
  $("messages").append(node);
  return day;
}

function status() {
  const who = person();
  const silent = who.messages.size === 0;
  $("empty").hidden = !silent;
  $("messages").hidden = silent;
  $("start").hidden = !silent && !who.blocked;
  $("start").textContent = who.blocked ? "Restart" : "Start";
  $("form").hidden = silent || who.blocked;
  $("bot-status").textContent = who.busy ? "typing…" : who.blocked ? "blocked" : "bot";
  $("bot-status").classList.toggle("busy", Boolean(who.busy));
}

function drawPeople() {
  const tabs = [...view.people.values()].map((who) => {
    const chosen = who.id === view.current;
    const label = who.admin ? "admin" : who.language ?? "";
    return el("button", {
      type: "button", role: "tab", id: `person-${who.id}`, "aria-selected": String(chosen), tabindex: chosen ? "0" : "-1",
      class: who.admin ? "admin" : "", onclick: () => become(who.id), onkeydown: (event) => step(event, who.id),
    },
    el("span", {}, who.name), el("span", { class: "tag" }, label),
    who.unread ? el("span", { class: "badge", "aria-label": `${who.unread} unread` }, String(who.unread)) : null);
  });
  $("people").replaceChildren(...tabs);
}

function step(event, id) {
  const move = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!move) return;
  const ids = [...view.people.keys()];
  become(ids[(ids.indexOf(id) + move + ids.length) % ids.length]);
  $(`person-${view.current}`).focus();
}

function become(id) {
  view.current = id;
  person().unread = 0;
  sessionStorage.setItem("person", String(id));
  closeMenu();
  drawPeople();
  draw();
}

// ---- Live updates ----

const ON_EVENT = {
  message(who, event) {
    const known = who.messages.has(event.message.id);
    who.messages.set(event.message.id, event.message);
    who.busy = false;
    if (who.id !== view.current) {
      if (!known && event.message.bot) {
        who.unread = (who.unread ?? 0) + 1;
        drawPeople();
      }
      return;
    }
    const old = document.querySelector(`.message[data-id="${event.message.id}"]`);
    if (old) {
      const node = messageNode(event.message);
      node.classList.add("changed");
      const focused = old.contains(document.activeElement) ? document.activeElement.textContent : null;
      old.replaceWith(node);
      if (focused !== null) [...node.querySelectorAll("button")].find((b) => b.textContent === focused)?.focus();
    } else {
      const days = document.querySelectorAll("[data-day]");
      appendMessage(event.message, days[days.length - 1]?.dataset.day ?? "", true);
    }
    status();
    stick(!event.message.bot);
  },
  delete(who, event) {
    who.messages.delete(event.id);
    if (who.id === view.current) {
      document.querySelector(`.message[data-id="${event.id}"]`)?.remove();
      status();
    }
  },
  toast(who, event) {
    const spot = view.pressed.get(event.query);
    if (spot) mark(event.query, spot, false);
    else view.answered.add(event.query);
    if (!event.text || who.id !== view.current) return;
    if (event.alert) {
      $("alert-text").textContent = event.text;
      if (!$("alert").open) $("alert").showModal();
    } else {
      toast(event.text);
    }
  },
  action(who) {
    who.busy = true;
    clearTimeout(who.calm);
    who.calm = setTimeout(() => { who.busy = false; status(); }, 5000);
    status();
  },
  blocked(who, event) {
    who.blocked = event.blocked;
    status();
  },
};

function happen(event) {
  if (event.kind === "commands") {
    for (const { id, commands } of event.people) {
      const who = view.people.get(id);
      if (who) who.commands = commands;
    }
    return;
  }
  const who = view.people.get(event.chat);
  if (who) ON_EVENT[event.kind]?.(who, event);
}

async function load() {
  const state = await call("/chat/state");
  view.seq = state.seq;
  view.bot = state.bot;
  $("bot-name").textContent = state.bot.name;
  document.querySelector(".avatar.bot").textContent = state.bot.name.slice(0, 1).toUpperCase();
  $("empty-title").textContent = `Chat with ${state.bot.name}`;
  const before = view.people;
  view.people = new Map(state.people.map((who) => [who.id, {
    ...who,
    unread: before.get(who.id)?.unread ?? 0,
    messages: new Map(who.messages.map((message) => [message.id, message])),
  }]));
  const wanted = view.current ?? Number(sessionStorage.getItem("person"));
  become(view.people.has(wanted) ? wanted : view.people.keys().next().value);
}

async function follow() {
  let loaded = false;
  for (;;) {
    try {
      if (!loaded) {
        await load();
        loaded = true;
        document.documentElement.dataset.ready = "yes";
      }
      const news = await call(`/chat/events?after=${view.seq}`);
      if (news.reset) {
        loaded = false;
        continue;
      }
      news.events.forEach(happen);
      view.seq = news.seq;
    } catch {
      $("bot-status").textContent = "connecting…";
      loaded = false;
      await pause(1500);
    }
  }
}

// ---- Writing ----

// The message that is being answered, and whose chat it stands in.
let answered = null;

// A double click on a message answers it; one beside all messages takes that back.
function answer(node) {
  const known = node && person().messages.get(Number(node.dataset.id));
  answered = known ? { user: view.current, message: known.id } : null;
  $("text").placeholder = known ? `Answer: ${known.text || "the picture"}` : "Message";
  if (known) $("text").focus();
}

$("chat").addEventListener("dblclick", (event) => answer(event.target.closest(".message")));

async function say(text) {
  if (!text.trim()) return;
  const reply = answered?.user === view.current ? answered.message : null;
  answer(null);
  try {
    await call("/chat/send", { user: view.current, text, reply });
    stick(true);
  } catch (error) {
    warn(error);
  }
}

function type(text) {
  $("text").value = text;
  grow();
  $("text").focus();
}

function grow() {
  const field = $("text");
  field.style.height = "auto";
  field.style.height = `${Math.min(field.scrollHeight + 2, 130)}px`;
  const typed = field.value;
  const query = inlineQuery(view.bot.username, typed);
  if (query !== null) offer(query);
  else if (/^\/\w*$/.test(typed)) openMenu(typed.slice(1));
  else closeMenu();
}

// The list of what the bot offers for `@bot query`.
function offer(query) {
  const leave = (then) => {
    type("");
    then();
  };
  askInline(view.current, query, {
    open: (rows) => rows.length > 0 ? showMenu(rows) : closeMenu(),
    choose: (send) => leave(() => send().then(() => stick(true), warn)),
    start: (parameter) => leave(() => say(`/start ${parameter}`)),
    fail: warn,
  });
}

function openMenu(prefix = "") {
  const fitting = person().commands.filter(({ command }) => command.startsWith(prefix));
  if (fitting.length === 0) {
    if (!prefix) toast("The bot has no commands yet.");
    return closeMenu();
  }
  showMenu(fitting.map(({ command, description }) => el("button", {
    type: "button", role: "menuitem", onclick: () => {
      closeMenu();
      $("text").value = "";
      grow();
      say(`/${command}`);
    },
  }, el("b", {}, `/${command}`), el("small", {}, description))));
}

function showMenu(rows) {
  $("menu").replaceChildren(...rows);
  $("menu").hidden = false;
  $("commands").setAttribute("aria-expanded", "true");
}

function closeMenu() {
  forgetInline();
  $("menu").hidden = true;
  $("commands").setAttribute("aria-expanded", "false");
}

$("form").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = $("text").value;
  $("text").value = "";
  grow();
  say(text);
});
$("text").addEventListener("input", grow);
$("text").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    $("form").requestSubmit();
  }
});
$("picture").addEventListener("change", async () => {
  const [file] = $("picture").files;
  $("picture").value = "";
  if (!file) return;
  try {
    const answer = await fetch(`/chat/picture?user=${view.current}`, { method: "POST", body: file });
    if (!answer.ok) throw new Error((await answer.json().catch(() => ({}))).error ?? "The picture was not sent.");
    stick(true);
  } catch (error) {
    warn(error);
  }
});
$("start").addEventListener("click", () => say("/start"));
$("commands").addEventListener("click", () => {
  if ($("menu").hidden) {
    openMenu();
    $("menu").querySelector("button")?.focus();
  } else closeMenu();
});
$("menu").addEventListener("keydown", (event) => {
  const move = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
  if (!move) return;
  event.preventDefault();
  document.activeElement[move]?.focus();
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  if (!$("menu").hidden) {
    closeMenu();
    $("text").focus();
  } else showPanel(false);
});
document.addEventListener("click", (event) => {
  if (!$("menu").contains(event.target) && !$("commands").contains(event.target) && event.target !== $("text")) closeMenu();
});
$("chat").addEventListener("scroll", () => {
  following = atEnd();
  $("newest").hidden = following;
});
new ResizeObserver(() => stick()).observe($("chat"));
$("newest").addEventListener("click", () => stick(true));

follow();
followPanel();
