/** The panel beside a conversation: one message and its replies. */

import { composer } from "./composer.js";
import { h, icon } from "./dom.js";
import { message } from "./message.js";
import { paths } from "./routes.js";

export function threadPanel(page) {
  const { place, channel, thread } = page.route;
  const all = page.state.messages[channel] ?? [];
  const parent = all.find((item) => item.ts === thread);
  const replies = all.filter((item) => item.thread_ts === thread && item.ts !== thread);
  const back = place === "app" ? paths.messages() : paths.channel(channel);
  return h(
    "aside",
    { key: thread, class: "thread", "aria-label": "Thread" },
    h(
      "div",
      { class: "pane-header" },
      h("h2", {}, "Thread"),
      h("a", { class: "icon-button", href: back, "aria-label": "Hide thread" }, icon("cross")),
    ),
    h(
      "div",
      { class: "log", role: "log", tabindex: "0", "aria-label": "Messages in the thread" },
      parent
        ? message(page, channel, parent, { inThread: true })
        : h("p", { class: "quiet log-start" }, "This message is gone."),
      replies.length > 0 &&
        h("p", { class: "reply-count" }, replies.length === 1 ? "1 reply" : `${replies.length} replies`),
      replies.map((reply) => message(page, channel, reply, { inThread: true })),
    ),
    parent && composer(page, { key: `${channel} ${thread}`, channel, threadTs: thread, label: "Reply in the thread" }),
  );
}
