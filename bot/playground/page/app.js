/** Starts the page and draws all of it. */

import { calendarPane } from "./calendar.js";
import { conversationPane } from "./conversation.js";
import { draw, h } from "./dom.js";
import { dialogs, guardDialogs } from "./dialogs.js";
import { mailboxPane } from "./mailbox.js";
import { Page } from "./page.js";
import { problems } from "./problems.js";
import { sidebar, topBar } from "./sidebar.js";
import { threadPanel } from "./thread.js";
import { welcome } from "./welcome.js";

const PANES = { channel: conversationPane, app: conversationPane, mail: mailboxPane, calendar: calendarPane };

function render(page) {
  const layers = dialogs(page);
  const { place, thread } = page.route;
  draw(document.getElementById("page"), [
    h(
      "div",
      { class: "workspace", inert: layers.length > 0 },
      topBar(page),
      welcome(page),
      problems(page),
      h(
        "div",
        { class: "columns" },
        sidebar(page),
        h("main", { key: place, class: "pane" }, PANES[place](page)),
        thread && threadPanel(page),
      ),
    ),
    layers,
    h("div", { class: "toast-place", role: "status" }, page.toast && h("p", { class: "toast" }, page.toast)),
  ]);
  document.title = titleOf(page);
}

function titleOf(page) {
  const unread = page.state.dm.unread;
  return `${unread ? `(${unread}) ` : ""}InviteOnce playground`;
}

function startFailed(error) {
  draw(document.getElementById("page"), [h("p", { class: "starting" }, error.message)]);
  throw error;
}

const page = new Page(render);
guardDialogs(page);
page.start().catch(startFailed);
