/** What the app did that Slack would not take: shown to whoever develops it, hidden while there is nothing. */

import { h } from "./dom.js";

export function problems(page) {
  const { problems: all } = page.state;
  if (!all.length) return null;
  return h(
    "details",
    { class: "problems" },
    h(
      "summary",
      {},
      all.length === 1
        ? "The app did something that Slack would refuse"
        : `The app did ${all.length} things that Slack would refuse`,
    ),
    h(
      "ul",
      {},
      all.map((problem) =>
        h("li", {}, h("time", { datetime: problem.at }, new Date(problem.at).toLocaleTimeString()), " ", problem.text),
      ),
    ),
  );
}
