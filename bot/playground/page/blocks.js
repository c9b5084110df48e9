/** Block Kit's blocks as descriptions of nodes. */

import { h } from "./dom.js";
import { drawElement, image, isGroup } from "./elements.js";
import { fieldOf } from "./fields.js";
import { mrkdwn, textOf, wordsOf } from "./mrkdwn.js";
import { richText } from "./rich_text.js";

const BLOCKS = {
  section,
  header: (block, surface) => h(surface.heading, { class: "block header" }, wordsOf(block.text)),
  context,
  divider: () => h("hr", { class: "block divider" }),
  actions,
  input,
  image: imageBlock,
  rich_text: (block, surface) => h("div", { class: "block" }, richText(block, surface.reader)),
  alert,
  card,
  carousel: (block, surface) =>
    h(
      "div",
      { class: "block carousel" },
      block.elements.map((element) => card({ ...element, block_id: block.block_id }, surface)),
    ),
};

/** Blocks in order; one whose `block_id` stays keeps its nodes. */
export function drawBlocks(blocks, surface) {
  return (blocks ?? []).map((block) => {
    const make = BLOCKS[block.type];
    if (!make) return h("p", { class: "block not-drawn" }, `This playground cannot draw a “${block.type}” block yet.`);
    const node = make(block, surface);
    return { ...node, props: { ...node.props, key: block.block_id } };
  });
}

/** What a message without blocks says. */
export function drawText(text, surface) {
  return h("div", { class: "block section" }, h("div", { class: "section-text" }, mrkdwn(text, surface.reader)));
}

function section(block, surface) {
  const textId = `${surface.name}-${block.block_id}-text`.replace(/\s+/g, "_");
  return h(
    "div",
    { class: "block section" },
    h(
      "div",
      { class: "section-text", id: textId },
      block.text && h("div", {}, textOf(block.text, surface.reader)),
      block.fields &&
        h(
          "div",
          { class: "section-fields" },
          block.fields.map((field) => h("div", {}, textOf(field, surface.reader))),
        ),
    ),
    block.accessory &&
      h("div", { class: "accessory" }, elementIn(block, block.accessory, surface, { labelId: textId })),
  );
}

function context(block, surface) {
  return h(
    "div",
    { class: "block context" },
    block.elements.map((element) =>
      element.type === "image" ? image(element) : h("span", {}, textOf(element, surface.reader)),
    ),
  );
}

function actions(block, surface) {
  return h(
    "div",
    { class: "block actions" },
    block.elements.map((element) => elementIn(block, element, surface)),
  );
}

function imageBlock(block) {
  return h(
    "figure",
    { class: "block" },
    block.title && h("figcaption", {}, wordsOf(block.title)),
    h("img", { class: "image-block", src: block.image_url, alt: block.alt_text }),
  );
}

/** An input with its label, hint and error; "(optional)" is beside the label, not in it. */
function input(block, surface) {
  const { element } = block;
  const base = `${surface.name}-${block.block_id}`.replace(/\s+/g, "_");
  const ids = { label: `${base}-label`, optional: `${base}-optional`, hint: `${base}-hint`, error: `${base}-error` };
  const error = surface.errors[block.block_id];
  const described = [block.optional && ids.optional, error && ids.error, block.hint && ids.hint].filter(Boolean);
  const label = wordsOf(block.label);
  const field = fieldOf(surface, block, element, {
    label,
    labelId: ids.label,
    described,
    optional: block.optional === true,
  });
  return h(
    "div",
    { class: `block input ${error ? "has-error" : ""}` },
    h(
      "div",
      { class: "label-line" },
      isGroup(element)
        ? h("span", { class: "label", id: ids.label }, label)
        : h("label", { class: "label", id: ids.label, for: field.id }, label),
      block.optional && h("span", { class: "optional", id: ids.optional }, "(optional)"),
    ),
    drawElement(element, field, surface),
    error && h("p", { class: "field-error", id: ids.error }, error),
    block.hint && h("p", { class: "hint", id: ids.hint }, textOf(block.hint, surface.reader)),
  );
}

function alert(block, surface) {
  return h(
    "div",
    { class: `block alert is-${block.level ?? "default"}`, role: "note" },
    textOf(block.text, surface.reader),
  );
}

function card(block, surface) {
  const words = (object) => textOf(object, surface.reader);
  return h(
    "div",
    { class: "block card", role: "group" },
    block.hero_image &&
      h("img", { class: "card-hero", src: block.hero_image.image_url, alt: block.hero_image.alt_text }),
    (block.title || block.subtitle || block.icon) &&
      h(
        "div",
        { class: "card-head" },
        block.icon && image(block.icon),
        h(
          "div",
          {},
          block.title && h("p", { class: "card-title" }, words(block.title)),
          block.subtitle && h("p", { class: "card-subtitle" }, words(block.subtitle)),
        ),
      ),
    block.body && h("div", { class: "card-body" }, words(block.body)),
    block.actions &&
      h(
        "div",
        { class: "actions" },
        block.actions.map((element) => elementIn(block, element, surface)),
      ),
  );
}

function elementIn(block, element, surface, naming = {}) {
  return drawElement(element, fieldOf(surface, block, element, naming), surface);
}
