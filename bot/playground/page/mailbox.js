/** Every mail that the app sends from this computer: the list, and the letter that is open. */

import { dateInWords, dayHeading, localDate, nearDay, timeOfDay } from "./dates.js";
import { h, icon } from "./dom.js";
import { paths } from "./routes.js";
import { mailPage } from "./server.js";

/** How people chose to read: "html" or "text". */
let preferred = "html";

export function mailboxPane(page) {
  const { mail: openId } = page.route;
  const { mail } = page.state;
  return [
    h(
      "div",
      { class: "pane-header" },
      h("h1", {}, icon("mail"), "Mail"),
      h("p", { class: "pane-note" }, "What your customers and colleagues would receive"),
    ),
    mail.length === 0
      ? h(
          "div",
          { class: "empty" },
          icon("mail"),
          h("p", {}, "No mail yet."),
          h("p", { class: "quiet" }, "Every email that InviteOnce sends lands here instead of leaving your computer."),
        )
      : h(
          "div",
          { class: `mailbox ${openId ? "has-open" : ""}` },
          h(
            "ul",
            { class: "mail-list", "aria-label": "Mails" },
            mail.map((item) => listed(page, item, openId)),
          ),
          reading(page, openId),
        ),
  ];
}

function listed(page, item, openId) {
  return h(
    "li",
    { key: item.id },
    h(
      "a",
      {
        href: paths.mail(item.id),
        class: `mail-item ${item.read ? "" : "is-unread"}`,
        "aria-current": item.id === openId ? "true" : null,
      },
      h(
        "span",
        { class: "mail-line" },
        h("span", { class: "mail-to" }, `To ${nameIn(item.to)}`),
        h("time", { datetime: new Date(item.date).toISOString() }, dateWords(page, item.date)),
      ),
      h("span", { class: "mail-subject" }, item.subject),
      h("span", { class: "mail-preview" }, item.preview),
    ),
  );
}

function reading(page, openId) {
  const item = page.state.mail.find((candidate) => candidate.id === openId);
  if (!item)
    return h(
      "div",
      { class: "letter empty" },
      h("p", { class: "quiet" }, openId ? "This mail is not here any more." : "Choose a mail to read it."),
    );
  markRead(page, item);
  const letter = page.letter(item.id);
  return h(
    "article",
    { key: item.id, class: "letter" },
    h("a", { class: "letter-back", href: paths.mail() }, icon("left"), "All mail"),
    h("h2", {}, item.subject),
    h(
      "dl",
      { class: "letter-head" },
      headLine("From", item.from),
      headLine("To", item.to),
      headLine("Reply to", header(letter, "Reply-To")),
      headLine("Date", fullDate(page, item.date)),
    ),
    letter === null && h("p", { class: "quiet" }, "Opening…"),
    letter?.trouble && h("p", { class: "trouble", role: "alert" }, letter.trouble),
    letter && !letter.trouble && body(page, item, letter),
  );
}

function body(page, item, letter) {
  const form = letter.html ? (letter.text ? preferred : "html") : "text";
  return [
    letter.html &&
      letter.text &&
      h(
        "div",
        { class: "segmented", role: "group", "aria-label": "Show the mail as" },
        [
          ["html", "HTML"],
          ["text", "Text"],
        ].map(([name, words]) =>
          h(
            "button",
            { key: name, type: "button", "aria-pressed": String(form === name), onclick: () => prefer(page, name) },
            words,
          ),
        ),
      ),
    form === "html"
      ? h("iframe", {
          key: "html",
          class: "letter-frame",
          title: item.subject,
          src: mailPage(item.id),
          // No script runs in there, and it is of no origin; links may open, as pages of their own.
          sandbox: "allow-popups allow-popups-to-escape-sandbox",
        })
      : h("pre", { key: "text", class: "letter-text" }, withLinks(letter.text ?? "")),
    attachments(letter),
  ];
}

function attachments(letter) {
  return [
    letter.attachments.map((file) =>
      h(
        "p",
        { class: "attachment" },
        icon("clip"),
        file.name || "Attachment",
        h("span", { class: "quiet" }, `${file.type}, ${sizeInWords(file.size)}`),
      ),
    ),
    letter.ics &&
      h(
        "details",
        { class: "ics" },
        h("summary", {}, icon("calendar"), "Calendar part (.ics)"),
        h("pre", {}, letter.ics),
      ),
  ];
}

function prefer(page, form) {
  preferred = form;
  page.redraw();
}

/** Once: the state that comes back has it read. */
function markRead(page, item) {
  if (item.read || markRead.asked?.has(item.id)) return;
  (markRead.asked ??= new Set()).add(item.id);
  page.actions.perform("read_mail", { id: item.id });
}

function sizeInWords(bytes) {
  return bytes < 1024 ? `${bytes} B` : `${Math.round(bytes / 1024)} kB`;
}

function withLinks(text) {
  return text
    .split(/(https?:\/\/[^\s<>")]+)/)
    .map((part, index) => (index % 2 ? h("a", { href: part, target: "_blank", rel: "noopener" }, part) : part));
}

function headLine(name, value) {
  return value && h("div", { key: name }, h("dt", {}, name), h("dd", {}, value));
}

/** The value of a header, null where it has none. */
function header(letter, name) {
  return letter?.headers?.find(([candidate]) => candidate.toLowerCase() === name.toLowerCase())?.[1] ?? null;
}

/** "Anna Ruiz" of `Anna Ruiz <anna@acme.com>`. */
function nameIn(address) {
  return /^"?([^"<]+?)"?\s*</.exec(address)?.[1] ?? address;
}

function fullDate(page, text) {
  const moment = new Date(text);
  return `${dayHeading(localDate(moment, page.me.time_zone), page.today)}, ${timeOfDay(moment, page.me.time_zone)}`;
}

function dateWords(page, text) {
  const moment = new Date(text);
  const date = localDate(moment, page.me.time_zone);
  if (date === page.today) return timeOfDay(moment, page.me.time_zone);
  return nearDay(date, page.today) ?? dateInWords(date, { day: "numeric", month: "short" });
}
