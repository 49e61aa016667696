// Small building blocks both halves of the page use.

export const $ = (id) => document.getElementById(id);
export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
export const clockTime = (iso) => new Date(iso).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hour12: false });

export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "class") node.className = value;
    else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

export function icon(path) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(space, "path");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}

export const ICON = {
  copy: "M9 9h10v11H9zM5 15V4h10",
  link: "M8 16 17 7M9 7h8v8",
  file: "M7 3h7l4 4v14H7zM14 3v5h4",
  search: "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14M16 16l4 4",
};

export async function call(path, body) {
  const response = await fetch(path, body === undefined ? {} : {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.error ?? "The demo did not answer.");
  return answer;
}

export function toast(text, kind = "") {
  const node = el("div", { class: `toast ${kind}` }, text);
  $("toasts").append(node);
  setTimeout(() => node.remove(), Math.min(2600 + text.length * 35, 7000));
  while ($("toasts").childElementCount > 3) $("toasts").firstChild.remove();
}

export function warn(error) {
  toast(error.message, "error");
}

export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Without permission or a secure origin the old way still works.
    const field = el("textarea", { class: "sr" });
    field.value = text;
    document.body.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
  }
  toast(text.length > 40 ? "Copied" : `Copied: ${text}`);
}
