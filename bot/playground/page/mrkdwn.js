/**
 * Slack's mrkdwn as descriptions of nodes. Text only ever becomes text nodes, so markup in it is harmless.
 *
 * `reader` answers what references need: `{ zone, now, userName(id), channelName(id), openUser? }`.
 */

import { slackDate } from "./dates.js";
import { h } from "./dom.js";
import { emojiNamed, withEmoji } from "./emoji.js";
import { paths } from "./routes.js";

/** A Slack text object, `plain_text` or `mrkdwn`. */
export function textOf(object, reader) {
  if (!object) return [];
  if (object.type === "mrkdwn")
    return object.verbatim ? mrkdwn(object.text, reader) : mrkdwn(withLinks(object.text), reader);
  return lines(object.emoji === false ? object.text : withEmoji(object.text));
}

/** The words of a text object, for accessible names and native options. */
export function wordsOf(object) {
  return object ? (object.emoji === false ? object.text : withEmoji(object.text)) : "";
}

export function mrkdwn(text, reader) {
  return text.split(/```/).flatMap((part, index, parts) => {
    const fenced = index % 2 === 1 && index < parts.length - 1;
    if (fenced) return h("pre", { class: "preformatted" }, inside(part.replace(/^\n|\n$/g, ""), reader));
    const source = index % 2 === 1 ? "```" + part : part;
    // A line break beside a preformatted block belongs to the block, which has a line of its own.
    const trimmed = source.replace(index > 0 ? /^\n/ : "", "").replace(index < parts.length - 1 ? /\n$/ : "", "");
    return trimmed ? paragraphs(trimmed, reader) : [];
  });
}

/** Quoted lines become one block quote, listed ones hang from their bullet, the others stay lines. */
function paragraphs(text, reader) {
  const nodes = [];
  let quote = null;
  let needsBreak = false;
  for (const line of text.split("\n")) {
    const quoted = /^(?:>|&gt;) ?(.*)$/.exec(line);
    const listed = /^\s*(•|◦|-|\d+\.) (.*)$/.exec(line);
    if (quoted) {
      if (!quote) nodes.push((quote = h("blockquote", {})));
      else quote.children.push(h("br"));
      quote.children.push(...inline(quoted[1], reader));
      needsBreak = false;
      continue;
    }
    quote = null;
    if (listed) {
      nodes.push(
        h(
          "span",
          { class: "listed" },
          h("span", { class: "bullet" }, listed[1]),
          " ",
          h("span", {}, inline(listed[2], reader)),
        ),
      );
      needsBreak = false;
      continue;
    }
    if (needsBreak) nodes.push(h("br"));
    nodes.push(...inline(line, reader));
    needsBreak = true;
  }
  return nodes;
}

const WRAPPED = (mark) =>
  `(?<![\\w${mark}])${mark}(?=[^\\s${mark}])([^${mark}\\n]*[^\\s${mark}])${mark}(?![\\w${mark}])`;

const PATTERNS = [
  { pattern: /`([^`\n]+)`/, make: ([, code], reader) => h("code", {}, inside(code, reader)) },
  { pattern: /<([^<>\n]+)>/, make: ([, reference], reader) => referenceTo(reference, reader) },
  { pattern: new RegExp(WRAPPED("\\*")), make: ([, words], reader) => h("strong", {}, inline(words, reader)) },
  { pattern: new RegExp(WRAPPED("_")), make: ([, words], reader) => h("em", {}, inline(words, reader)) },
  { pattern: new RegExp(WRAPPED("~")), make: ([, words], reader) => h("s", {}, inline(words, reader)) },
  { pattern: /:([\w+-]+):/, make: ([typed, name]) => emojiNamed(name) ?? typed },
];

/** One line: the leftmost piece of markup, what stands before it and, in turn, what follows. */
function inline(text, reader) {
  const nodes = [];
  let rest = text;
  while (rest) {
    let found = null;
    for (const { pattern, make } of PATTERNS) {
      const match = pattern.exec(rest);
      if (match && (!found || match.index < found.match.index)) found = { match, make };
    }
    if (!found) break;
    const { match, make } = found;
    if (match.index) nodes.push(unescape(rest.slice(0, match.index)));
    nodes.push(make(match, reader));
    rest = rest.slice(match.index + match[0].length);
  }
  if (rest) nodes.push(unescape(rest));
  return nodes;
}

/** Code: nothing is styled, references are still resolved. */
function inside(text, reader) {
  return text
    .split(/(<[^<>\n]+>)/)
    .map((part) => (/^<.+>$/.test(part) ? referenceTo(part.slice(1, -1), reader) : unescape(part)));
}

function referenceTo(reference, reader) {
  const bar = reference.indexOf("|");
  const target = bar < 0 ? reference : reference.slice(0, bar);
  const label = bar < 0 ? null : unescape(reference.slice(bar + 1));
  if (target.startsWith("@"))
    return h("span", { class: "mention" }, `@${reader.userName(target.slice(1)) ?? label ?? target.slice(1)}`);
  if (target.startsWith("#"))
    return h("span", { class: "mention" }, `#${reader.channelName(target.slice(1)) ?? label ?? target.slice(1)}`);
  if (target.startsWith("!date^")) return date(target, label, reader);
  if (/^!(here|channel|everyone)$/.test(target))
    return h("span", { class: "mention broadcast" }, `@${target.slice(1)}`);
  if (target.startsWith("!")) return label ?? target.slice(1);
  return link(unescape(target), label);
}

function date(target, label, reader) {
  const [, timestamp, template, url] = target.split("^");
  const instant = new Date(Number(timestamp) * 1000);
  if (!template || Number.isNaN(instant.getTime())) return label ?? "";
  const words = slackDate(template, instant, reader.zone, reader.now);
  const time = h("time", { datetime: instant.toISOString(), title: label ?? "" }, words);
  return url ? link(unescape(url), time) : time;
}

/** A link where the address is one a browser may follow or leads to the app's Home, else the words alone. */
export function link(address, content) {
  const shown = content ?? address.replace(/^mailto:/, "");
  if (/^slack:\/\/app\?(.*&)?tab=home$/.test(address)) return h("a", { href: paths.home() }, shown);
  if (!/^(https?:|mailto:|tel:)/i.test(address)) return shown;
  return h("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, shown);
}

/** Slack makes links of bare addresses unless the text is `verbatim`. */
function withLinks(text) {
  return text.replace(
    /(```[\s\S]*?```|`[^`\n]*`|<[^<>\n]*>)|(https?:\/\/[^\s<>|*`]+[^\s<>|*`.,;:!?)\]}'"])/g,
    (all, kept, bare) => kept ?? `<${bare}>`,
  );
}

function lines(text) {
  return text.split("\n").flatMap((line, index) => (index ? [h("br"), line] : [line]));
}

function unescape(text) {
  return text.replace(/&(lt|gt|amp);/g, (entity, name) => ({ lt: "<", gt: ">", amp: "&" })[name]);
}
