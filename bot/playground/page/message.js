/** One message: who, when, its blocks, its thread, and what can be done with it. */

import { drawBlocks, drawText } from "./blocks.js";
import { momentOf, timeOfDay } from "./dates.js";
import { h, icon } from "./dom.js";
import { Menu } from "./menu.js";
import { APP_NAME } from "./page.js";
import { paths } from "./routes.js";
import { appIcon, avatar } from "./sidebar.js";

/** `follows`: it stands under the name of the message above. `inThread`: without the way into its thread. */
export function message(page, channel, item, { follows = false, inThread = false } = {}) {
  const author = page.state.users.find((user) => user.id === item.user);
  const isApp = Boolean(item.bot);
  const name = isApp ? (item.name ?? APP_NAME) : (author?.real_name ?? item.name ?? "Somebody");
  const time = timeOfDay(momentOf(item.ts), page.me.time_zone);
  const threadHref = paths.thread({ ...page.route, channel }, item.ts);
  return h(
    "article",
    {
      key: item.ts,
      class: `message ${follows ? "follows" : ""} ${item.ephemeral ? "is-ephemeral" : ""}`,
      "aria-label": `${name}, ${time}`,
    },
    h(
      "div",
      { class: "message-side" },
      follows
        ? h("span", { class: "side-time", "aria-hidden": "true" }, time)
        : face(name, author ?? page.state.users.find((user) => user.id === item.bot)),
    ),
    h(
      "div",
      { class: "message-body" },
      item.ephemeral && h("p", { class: "only-you" }, icon("eye"), "Only visible to you"),
      !follows &&
        h(
          "p",
          { class: "message-head" },
          h("span", { class: "author" }, name),
          isApp && h("span", { class: "app-tag" }, "App"),
          h("time", { datetime: momentOf(item.ts).toISOString() }, time),
        ),
      content(page, channel, item),
      item.edited && h("p", { class: "edited" }, "(edited)"),
      !inThread &&
        item.reply_count > 0 &&
        h(
          "a",
          { class: "replies", href: threadHref },
          icon("thread"),
          item.reply_count === 1 ? "1 reply" : `${item.reply_count} replies`,
        ),
    ),
    !item.ephemeral && tools(page, channel, item, inThread ? null : threadHref),
  );
}

function face(name, author) {
  return name === APP_NAME ? appIcon() : avatar(author ?? { real_name: name });
}

function content(page, channel, item) {
  const where = { channel, ts: item.ts };
  const surface = {
    name: `${channel}-${item.ts}`,
    where,
    values: item.values ?? {},
    errors: {},
    reader: page.reader,
    heading: "h2",
    page,
  };
  return item.blocks?.length
    ? h("div", { class: "message-blocks" }, drawBlocks(item.blocks, surface))
    : drawText(item.text ?? "", surface);
}

function tools(page, channel, item, threadHref) {
  const shortcuts = page.state.shortcuts.filter((shortcut) => shortcut.type === "message");
  if (!threadHref && shortcuts.length === 0) return null;
  return h(
    "div",
    { class: "message-tools" },
    threadHref && h("a", { class: "icon-button", href: threadHref, "aria-label": "Reply in thread" }, icon("thread")),
    shortcuts.length > 0 &&
      h(Menu, {
        button: { props: { class: "icon-button", "aria-label": "Message shortcuts" }, content: icon("more") },
        items: shortcuts.map(({ callback_id, name }) => ({
          key: callback_id,
          content: name,
          choose: () => page.actions.perform("message_shortcut", { callback_id, channel, ts: item.ts }),
        })),
        side: "to-left",
      }),
  );
}
