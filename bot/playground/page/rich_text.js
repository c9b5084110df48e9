/** A `rich_text` block as descriptions of nodes. */

import { slackDate } from "./dates.js";
import { h } from "./dom.js";
import { emojiNamed } from "./emoji.js";
import { link } from "./mrkdwn.js";

export function richText(block, reader) {
  return h(
    "div",
    { class: "rich-text" },
    block.elements.map((part) => PARTS[part.type]?.(part, reader)),
  );
}

const PARTS = {
  rich_text_section: (part, reader) =>
    h(
      "div",
      {},
      part.elements.map((element) => piece(element, reader)),
    ),
  rich_text_preformatted: (part, reader) =>
    h(
      "pre",
      { class: "preformatted" },
      part.elements.map((element) => piece(element, reader)),
    ),
  rich_text_quote: (part, reader) =>
    h(
      "blockquote",
      {},
      part.elements.map((element) => piece(element, reader)),
    ),
  rich_text_list: (part, reader) =>
    h(
      part.style === "ordered" ? "ol" : "ul",
      { style: { "--indent": String(part.indent ?? 0) }, start: part.offset ? part.offset + 1 : null },
      part.elements.map((item) =>
        h(
          "li",
          {},
          item.elements.map((element) => piece(element, reader)),
        ),
      ),
    ),
};

const PIECES = {
  text: (element) => element.text.split("\n").flatMap((line, index) => (index ? [h("br"), line] : [line])),
  link: (element) => link(element.url, element.text ?? null),
  user: (element, reader) => h("span", { class: "mention" }, `@${reader.userName(element.user_id) ?? element.user_id}`),
  channel: (element, reader) =>
    h("span", { class: "mention" }, `#${reader.channelName(element.channel_id) ?? element.channel_id}`),
  broadcast: (element) => h("span", { class: "mention broadcast" }, `@${element.range}`),
  emoji: (element) => emojiNamed(element.name) ?? `:${element.name}:`,
  date: (element, reader) => slackDate(element.format, new Date(element.timestamp * 1000), reader.zone, reader.now),
  color: (element) => h("code", {}, element.value),
};

const STYLES = [
  ["code", "code"],
  ["bold", "strong"],
  ["italic", "em"],
  ["strike", "s"],
];

function piece(element, reader) {
  const plain = PIECES[element.type]?.(element, reader) ?? null;
  return STYLES.reduce((inner, [style, tag]) => (element.style?.[style] ? h(tag, {}, inner) : inner), plain);
}
