/** The message box: text, slash commands, and the app's shortcuts. */

import { h, icon } from "./dom.js";
import { Menu } from "./menu.js";

const COMMAND_SENT_KEY = "playground.command-sent";

/** `key` names the conversation or thread whose half-typed text is kept. */
export function composer(page, { key, channel, threadTs = null, label }) {
  const box = (event) => event.currentTarget.closest("form").querySelector("textarea");
  const hasText = textOf(page, key, threadTs).trim() !== "";
  return h(
    "form",
    {
      key: `composer ${key}`,
      class: "composer",
      onsubmit: (event) => {
        event.preventDefault();
        send(page, { key, channel, threadTs, box: box(event) });
      },
    },
    h("textarea", {
      rows: 1,
      "aria-label": label,
      placeholder: label,
      initial: { value: textOf(page, key, threadTs) },
      after: (textarea, isNew) => {
        if (!isNew) return;
        fitToText(textarea);
        if (threadTs === null) start(textarea);
      },
      oninput: ({ target }) => {
        page.composed.set(key, target.value);
        fitToText(target);
        page.redraw();
      },
      onkeydown: (event) => {
        if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
        event.preventDefault();
        event.currentTarget.closest("form").requestSubmit();
      },
    }),
    h(
      "div",
      { class: "composer-bar" },
      h(Menu, {
        button: {
          props: { class: "icon-button", "aria-label": "Shortcuts", title: "Shortcuts" },
          content: icon("bolt"),
        },
        heading: "Shortcuts",
        empty: "The app has no shortcuts yet.",
        items: page.state.shortcuts
          .filter(({ type }) => type !== "message")
          .map(({ callback_id, name }) => ({
            key: callback_id,
            content: name,
            choose: () => page.actions.perform("shortcut", { callback_id }),
          })),
        side: "upwards",
      }),
      h("span", { class: "composer-hint" }, "Enter to send, Shift + Enter for a new line"),
      h("button", { type: "submit", class: "send", "aria-label": "Send", disabled: !hasText }, icon("send")),
    ),
  );
}

/** Ready to type, as when one opens a conversation in Slack; on a phone that would call up the keyboard. */
function start(box) {
  const isTaken = document.activeElement !== document.body && !document.activeElement.closest("nav");
  if (isTaken || !matchMedia("(hover: hover)").matches) return;
  box.focus({ preventScroll: true });
  box.setSelectionRange(box.value.length, box.value.length);
}

/** What stands in the box: until the first command was sent, the one that begins the story. */
function textOf(page, key, threadTs) {
  const isFirst = threadTs === null && sessionStorage.getItem(COMMAND_SENT_KEY) === null;
  return page.composed.get(key) ?? (isFirst ? page.state.command_hint : "");
}

async function send(page, { key, channel, threadTs, box }) {
  const text = box.value.trim();
  if (!text) return;
  const isCommand = text.startsWith("/");
  const replace = (words) => {
    box.value = words;
    page.composed.set(key, words);
    fitToText(box);
    page.redraw();
  };
  replace("");
  if (isCommand) sessionStorage.setItem(COMMAND_SENT_KEY, "yes");
  const thread = threadTs === null ? {} : { thread_ts: threadTs };
  const answer = await page.actions.perform(isCommand ? "command" : "say", { channel, text, ...thread });
  // What could not be sent comes back, unless something new has been typed.
  if (!answer.ok && box.value === "") replace(text);
}

function fitToText(box) {
  box.style.height = "auto";
  box.style.height = `${Math.min(box.scrollHeight, 240)}px`;
}
