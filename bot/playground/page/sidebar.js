/** The bar above and the list of places beside whatever is open. */

import { timeOfDay } from "./dates.js";
import { h, icon } from "./dom.js";
import { Menu } from "./menu.js";
import { APP_NAME } from "./page.js";
import { paths } from "./routes.js";

export function topBar(page) {
  return h(
    "header",
    { class: "top-bar" },
    h(
      "button",
      {
        type: "button",
        class: "icon-button drawer-button",
        "aria-label": "Places",
        "aria-expanded": String(page.isDrawerOpen),
        onclick: () => toggleDrawer(page),
      },
      icon("menu"),
    ),
    h("p", { class: "workspace-name" }, page.state.workspace.name),
    h("span", { class: "pretend" }, "Playground"),
    !page.isReachable && h("p", { class: "reconnecting", role: "status" }, "Reconnecting…"),
    h(Menu, {
      button: {
        props: { class: "user-button" },
        content: [
          avatar(page.me, "small"),
          h(
            "span",
            {},
            h("span", { class: "user-button-lead" }, "You are "),
            page.me.real_name,
            h("span", { "aria-hidden": "true" }, " ▾"),
          ),
        ],
      },
      heading: "Look at the workspace as",
      items: page.state.users.filter((user) => user.can_be_played).map((user) => castMember(page, user)),
      side: "to-left cast",
    }),
  );
}

function castMember(page, user) {
  const role = user.is_admin ? "Administrator" : user.is_guest ? "Guest" : "Member";
  return {
    key: user.id,
    selected: user.id === page.state.me,
    choose: () => page.become(user.id),
    content: [
      avatar(user),
      h(
        "span",
        { class: "cast-words" },
        h("span", { class: "cast-name" }, user.real_name),
        h("span", { class: "cast-detail" }, [user.title, role].filter(Boolean).join(" · ")),
        h(
          "span",
          { class: "cast-detail" },
          `${user.time_zone.replaceAll("_", " ")}, ${timeOfDay(new Date(), user.time_zone)}`,
        ),
      ),
    ],
  };
}

function toggleDrawer(page) {
  page.isDrawerOpen = !page.isDrawerOpen;
  page.redraw();
}

export function sidebar(page) {
  const { state, route } = page;
  const unreadMail = state.mail.filter((mail) => !mail.read).length;
  return [
    page.isDrawerOpen && h("div", { class: "drawer-shade", onclick: () => toggleDrawer(page) }),
    h(
      "nav",
      { class: `sidebar ${page.isDrawerOpen ? "is-open" : ""}`, "aria-label": "Places" },
      section(
        "Channels",
        state.channels.map((channel) =>
          place({
            href: paths.channel(channel.id),
            symbol: icon(channel.is_private ? "lock" : "hash"),
            words: channel.name,
            unread: page.unreadIn(channel.id),
            isOpen: route.place === "channel" && route.channel === channel.id,
          }),
        ),
      ),
      section("Apps", [
        place({
          href: paths.messages(),
          symbol: appIcon(),
          words: APP_NAME,
          unread: page.unreadIn(state.dm.id),
          isOpen: route.place === "app",
        }),
      ]),
      section("Outside Slack", [
        place({
          href: paths.mail(),
          symbol: icon("mail"),
          words: "Mail",
          unread: unreadMail,
          isOpen: route.place === "mail",
        }),
        place({
          href: paths.calendar(),
          symbol: icon("calendar"),
          words: "Calendar",
          unread: 0,
          isOpen: route.place === "calendar",
        }),
      ]),
      h("p", { class: "sidebar-note" }, "Everything here stays on this computer."),
    ),
  ];
}

function section(heading, places) {
  return h("section", { class: "sidebar-section" }, h("h2", {}, heading), h("ul", {}, places));
}

function place({ href, symbol, words, unread, isOpen }) {
  return h(
    "li",
    { key: href },
    h(
      "a",
      { href, class: `place ${unread ? "is-unread" : ""}`, "aria-current": isOpen ? "page" : null },
      symbol,
      h("span", { class: "place-words" }, words),
      unread > 0 && h("span", { class: "badge" }, unread, h("span", { class: "visually-hidden" }, " unread")),
    ),
  );
}

/** A person's initials on their colour. */
export function avatar(user, size = "") {
  const initials = user.real_name
    .split(/\s+/)
    .map((word) => [...word][0])
    .slice(0, 2)
    .join("");
  const colour = user.color ? `#${user.color.replace("#", "")}` : "#64748b";
  return h("span", { class: `avatar ${size}`, "aria-hidden": "true", style: { "--colour": colour } }, initials);
}

export function appIcon(size = "") {
  return h("img", { class: `avatar app-icon ${size}`, src: "/playground/static/app-icon.svg", alt: "" });
}
