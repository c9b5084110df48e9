/** Block Kit's interactive elements as descriptions of nodes, by type. */

import { h, icon } from "./dom.js";
import { Menu } from "./menu.js";
import { wordsOf } from "./mrkdwn.js";
import {
  channelsSelect,
  choiceButtons,
  conversationsSelect,
  externalSelect,
  multiStaticSelect,
  staticSelect,
  usersSelect,
} from "./selects.js";

const ELEMENTS = {
  button,
  overflow,
  image,
  static_select: staticSelect,
  multi_static_select: multiStaticSelect,
  external_select: externalSelect,
  multi_external_select: externalSelect,
  users_select: usersSelect,
  multi_users_select: usersSelect,
  conversations_select: conversationsSelect,
  multi_conversations_select: conversationsSelect,
  channels_select: channelsSelect,
  multi_channels_select: channelsSelect,
  checkboxes: choiceButtons,
  radio_buttons: choiceButtons,
  datepicker: (element, field) => dateOrTime("date", "selected_date", field),
  timepicker: (element, field) => dateOrTime("time", "selected_time", field),
  plain_text_input: (element, field) =>
    element.multiline ? textArea(element, field) : textInput(element, field, { type: "text" }),
  email_text_input: (element, field) =>
    textInput(element, field, { type: "email", autocapitalize: "off", spellcheck: "false" }),
  url_text_input: (element, field) => textInput(element, field, { type: "url", spellcheck: "false" }),
  number_input: (element, field) =>
    textInput(element, field, { type: "text", inputmode: element.is_decimal_allowed ? "decimal" : "numeric" }),
};

/** The element, or a note where this page cannot draw its type. */
export function drawElement(element, field, surface) {
  const make = ELEMENTS[element.type];
  return make
    ? make(element, field, surface)
    : h("p", { class: "not-drawn" }, `This playground cannot draw “${element.type}” yet.`);
}

/** Whether the block's label names a group of controls instead of one. */
export function isGroup(element) {
  return element.type === "radio_buttons" || (element.type === "checkboxes" && element.options.length > 1);
}

function button(element, field) {
  const style = { primary: "is-primary", danger: "is-danger" }[element.style] ?? "";
  return h(
    "button",
    {
      key: field.key,
      type: "button",
      class: `button ${style} ${field.isBusy ? "is-busy" : ""}`,
      "aria-busy": field.isBusy ? "true" : null,
      "aria-description": element.accessibility_label ?? null,
      onclick: () => field.pressed({ value: element.value ?? null }),
    },
    wordsOf(element.text),
  );
}

function overflow(element, field) {
  const items = element.options.map((option, index) => ({
    key: String(index),
    content: wordsOf(option.text),
    choose() {
      if (option.url) window.open(option.url, "_blank", "noopener");
      field.pressed({ selected_option: option });
    },
  }));
  const name = element.accessibility_label ?? "More options";
  return h(Menu, {
    key: field.key,
    button: { props: { class: "icon-button framed", "aria-label": name }, content: icon("more") },
    items,
    side: "to-left",
  });
}

export function image(element) {
  return h("img", { class: "image-element", src: element.image_url, alt: element.alt_text });
}

function textInput(element, field, props) {
  return h("input", { ...props, ...typing(element, field), class: "text-input" });
}

function textArea(element, field) {
  return h("textarea", { ...typing(element, field), class: "text-input", rows: 4 });
}

function typing(element, field) {
  const value = (node) => ({ value: node.value === "" ? null : node.value });
  const isSingleLine = !element.multiline;
  return {
    key: field.key,
    id: field.id,
    placeholder: element.placeholder?.text ?? null,
    autocomplete: "off",
    ...field.aria,
    initial: { value: field.value.value ?? "" },
    oninput: (event) => field.typed(value(event.target)),
    onchange: () => field.settled(),
    onblur: () => field.settled(),
    onkeydown: (event) => {
      if (event.key !== "Enter" || event.isComposing || !isSingleLine || !field.entersOnReturn) return;
      // Return tells the app what was typed; it does not submit the form as well.
      event.preventDefault();
      field.changed(value(event.target));
    },
  };
}

function dateOrTime(type, name, field) {
  const changed = ({ target }) => {
    // While a year is being typed, the browser reports years like 0002.
    if (type === "date" && target.value && target.value < "1900") return;
    field.changed({ [name]: target.value || null });
  };
  return h("input", {
    key: field.key,
    id: field.id,
    type,
    class: "text-input date-input",
    ...field.aria,
    initial: { value: field.value[name] ?? "" },
    onchange: changed,
  });
}
