/** A channel, or the app's own conversation with its Home and Messages tabs. */

import { drawBlocks } from "./blocks.js";
import { composer } from "./composer.js";
import { dayHeading, localDate, momentOf } from "./dates.js";
import { h, icon } from "./dom.js";
import { message } from "./message.js";
import { APP_NAME } from "./page.js";
import { paths } from "./routes.js";
import { appIcon } from "./sidebar.js";

/** Messages by one author within so many seconds stand under one name. */
const TOGETHER_S = 300;

export function conversationPane(page) {
  const { place, tab } = page.route;
  if (place === "app") return [appHeader(page), tab === "home" ? home(page) : messages(page, APP_NAME, emptyApp(page))];
  const channel = page.state.channels.find(({ id }) => id === page.route.channel);
  return [channelHeader(page, channel), messages(page, `#${channel.name}`, emptyChannel(channel))];
}

function channelHeader(page, channel) {
  const add = () => page.actions.perform("add_app", { channel: channel.id });
  return h(
    "div",
    { class: "pane-header" },
    h("h1", {}, icon(channel.is_private ? "lock" : "hash"), channel.name),
    channel.topic && h("p", { class: "pane-note" }, channel.topic),
    !channel.app_is_member &&
      h(
        "p",
        { class: "pane-aside" },
        `${APP_NAME} is not here. `,
        h("button", { type: "button", class: "button small", onclick: add }, "Add the app"),
      ),
  );
}

function appHeader(page) {
  const tab = (href, words, isOpen) =>
    h("a", { href, role: "tab", class: "tab", "aria-selected": String(isOpen) }, words);
  return h(
    "div",
    { class: "pane-header with-tabs" },
    h("h1", {}, appIcon("small"), APP_NAME, h("span", { class: "app-tag" }, "App")),
    h(
      "div",
      { class: "tabs", role: "tablist", "aria-label": APP_NAME },
      tab(paths.home(), "Home", page.route.tab === "home"),
      tab(paths.messages(), "Messages", page.route.tab === "messages"),
    ),
  );
}

function home(page) {
  const view = page.state.home;
  if (!view)
    return h(
      "div",
      { class: "empty" },
      appIcon("large"),
      h("p", {}, "Home is on its way."),
      h("p", { class: "quiet" }, `${APP_NAME} publishes it when you open this tab.`),
    );
  const surface = {
    name: view.id,
    where: { view_id: view.id },
    values: view.values ?? {},
    errors: {},
    reader: page.reader,
    heading: "h2",
    page,
  };
  return h(
    "div",
    { class: "home", key: view.id },
    h("div", { class: "home-blocks" }, drawBlocks(view.blocks, surface)),
  );
}

function messages(page, name, empty) {
  const { channel } = page.route;
  const all = (page.state.messages[channel] ?? []).filter((item) => !item.thread_ts || item.thread_ts === item.ts);
  return [
    h(
      "div",
      {
        key: `log ${channel}`,
        class: "log",
        role: "log",
        tabindex: "0",
        "aria-label": `Messages in ${name}`,
        onscroll: rememberEnd,
        after: stayAtEnd,
      },
      h("div", { class: "log-space" }),
      all.length ? withDays(page, channel, all) : empty,
    ),
    composer(page, { key: channel, channel, label: `Message ${name}` }),
  ];
}

function withDays(page, channel, all) {
  const zone = page.me.time_zone;
  let day = null;
  let before = null;
  return all.map((item) => {
    const date = localDate(momentOf(item.ts), zone);
    const isNewDay = date !== day;
    const follows =
      !isNewDay && before !== null && sameAuthor(before, item) && Number(item.ts) - Number(before.ts) < TOGETHER_S;
    day = date;
    before = item;
    return [
      isNewDay &&
        h("div", { key: `day ${date}`, class: "day", role: "separator" }, h("span", {}, dayHeading(date, page.today))),
      message(page, channel, item, { follows }),
    ];
  });
}

function sameAuthor(one, other) {
  return (
    one.user === other.user &&
    one.bot === other.bot &&
    one.name === other.name &&
    Boolean(one.ephemeral) === Boolean(other.ephemeral)
  );
}

function emptyChannel(channel) {
  return h(
    "div",
    { class: "log-start" },
    h("h2", {}, `#${channel.name}`),
    h("p", { class: "quiet" }, "This is the very beginning of the channel."),
  );
}

function emptyApp(page) {
  const [command] = page.state.command_hint.split(" ");
  return h(
    "div",
    { class: "log-start" },
    appIcon("large"),
    h("h2", {}, APP_NAME),
    h(
      "p",
      { class: "quiet" },
      `News about your invitations arrives here. Type ${command} in any message box to send the first one.`,
    ),
  );
}

/** A log that shows its end goes on showing it. */
function stayAtEnd(log, isNew) {
  if (isNew || log.dataset.away !== "yes") log.scrollTop = log.scrollHeight;
}

function rememberEnd({ currentTarget: log }) {
  log.dataset.away = log.scrollHeight - log.scrollTop - log.clientHeight > 80 ? "yes" : "no";
}
