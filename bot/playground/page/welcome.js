/** The strip that tells a newcomer where they are and what comes next. */

import { h, icon } from "./dom.js";
import { APP_NAME } from "./page.js";
import { paths } from "./routes.js";

export function welcome(page) {
  if (!page.isWelcoming) return null;
  const { mail, dm } = page.state;
  // The customer's confirmation is the second mail of the story.
  const done = [mail.length > 0, mail.length > 1, mail.length > 1 && dm.unread === 0];
  const here = done.indexOf(false);
  const steps = [
    ["Invite", "Press Enter or Send to invite Anna."],
    [
      h("a", { href: paths.mail() }, "Open Mail and pick a time"),
      "Be Anna: open her mail, follow a time and confirm it.",
    ],
    [
      h("a", { href: paths.messages() }, `See the DM from ${APP_NAME}`),
      "Be Dana again: the news is in the app's messages, the meeting in Home and Calendar.",
    ],
  ];
  return h(
    "section",
    { class: "welcome", "aria-label": "Welcome" },
    h(
      "p",
      { class: "welcome-words" },
      h("strong", {}, "This is a pretend Slack on your computer. Nothing leaves it. "),
      here < 0 ? "That was the whole story. Look around as you like." : steps[here][1],
    ),
    h(
      "ol",
      { class: "steps" },
      steps.map(([words], index) =>
        h(
          "li",
          { class: `step ${done[index] ? "is-done" : ""}`, "aria-current": index === here ? "step" : null },
          h("span", { class: "step-mark", "aria-hidden": "true" }, done[index] ? icon("check") : index + 1),
          words,
        ),
      ),
    ),
    h(
      "button",
      {
        type: "button",
        class: "icon-button",
        "aria-label": "Hide this strip",
        title: "Hide this strip",
        onclick: () => page.endWelcome(),
      },
      icon("cross"),
    ),
  );
}
