// What the bot offers while somebody types behind its name, as `@bot whatsapp`.

import { call, el } from "/dom.js";

const TYPING_MS = 250;
let wanted = 0;

// What is typed behind the bot's name, or null.
export function inlineQuery(bot, typed) {
  const start = `@${bot} `.toLowerCase();
  return typed.toLowerCase().startsWith(start) ? typed.slice(start.length) : null;
}

// Forgets a question that is still on its way.
export function forgetInline() {
  wanted += 1;
}

// Shows the bot's offers once the typing rests; `open` draws the rows, `act` is what a row does.
export function askInline(user, text, { open, choose, start, fail }) {
  const mine = ++wanted;
  setTimeout(async () => {
    if (mine !== wanted) return;
    try {
      const { query, results, button } = await call("/chat/inline", { user, text });
      if (mine !== wanted) return;
      const row = (title, description, act) => el("button", { type: "button", role: "menuitem", onclick: act },
        el("b", {}, title), description ? el("small", {}, description) : null);
      open([
        ...(button ? [row(button.text, "", () => start(button.start))] : []),
        ...results.map(({ id, title, description }) => row(title, description,
          () => choose(() => call("/chat/inline/choose", { user, query, result: id })))),
      ]);
    } catch (error) {
      if (mine === wanted) fail(error);
    }
  }, TYPING_MS);
}
