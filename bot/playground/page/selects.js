/** Every kind of select menu: what it proposes, how its choices are named, and Slack's value for them. */

import { Combobox } from "./combobox.js";
import { h } from "./dom.js";
import { textOf, wordsOf } from "./mrkdwn.js";

/** One of several static options, as the browser's own select. */
export function staticSelect(element, field) {
  const groups = groupsOf(element);
  const options = groups.flatMap((group) => group.options);
  const first = options.findIndex((option) => option.value === field.value.selected_option?.value);
  const chosen = (event) => {
    const option = options[event.target.selectedIndex - 1];
    field.changed({ selected_option: option ?? null });
  };
  // Every redraw describes the options anew, but the browser keeps which one is selected.
  const drawOption = (option) => h("option", { value: option.value }, wordsOf(option.text));
  return h(
    "select",
    {
      key: field.key,
      id: field.id,
      class: "select",
      ...field.aria,
      initial: { selectedIndex: first + 1 },
      onchange: chosen,
    },
    h(
      "option",
      { value: "", disabled: !field.optional, hidden: !field.optional },
      element.placeholder?.text ?? "Choose an option",
    ),
    groups.map((group) =>
      group.label
        ? h("optgroup", { label: group.label }, group.options.map(drawOption))
        : group.options.map(drawOption),
    ),
  );
}

/** Several static options, with type-ahead and chips. */
export function multiStaticSelect(element, field) {
  const propose = async (query) =>
    groupsOf(element)
      .map((group) => ({ heading: group.label, choices: matching(group.options.map(choiceOf), query) }))
      .filter(hasChoices);
  return combobox(element, field, { propose, ...optionValues(field, true) });
}

/** One or several options that the app proposes. */
export function externalSelect(element, field) {
  const many = element.type.startsWith("multi_");
  const propose = async (query) => {
    const answer = await field.suggest(query);
    return groupsOf(answer)
      .map((group) => ({ heading: group.label, choices: group.options.map(choiceOf) }))
      .filter(hasChoices);
  };
  return combobox(element, field, {
    propose,
    isRemote: true,
    minimum: element.min_query_length ?? 3,
    ...optionValues(field, many),
  });
}

/** One or several people. Deactivated people are not offered, as in Slack. */
export function usersSelect(element, field, surface) {
  const people = surface.page.state.users
    .filter((user) => !user.deleted)
    .map((user) => ({ id: user.id, words: user.real_name, detail: user.is_bot ? "App" : user.title }));
  return idSelect(element, field, people, (id) => surface.reader.userName(id), "user");
}

/** One or several conversations: channels, and people where the filter lets them in. */
export function conversationsSelect(element, field, surface) {
  const { include } = element.filter ?? {};
  const wants = (kind) => !include || include.includes(kind);
  const { channels, users } = surface.page.state;
  const rooms = channels.filter((channel) => wants(channel.is_private ? "private" : "public")).map(channelChoice);
  const bots = element.filter?.exclude_bot_users === true;
  const people = wants("im")
    ? users
        .filter((user) => !user.deleted && !(bots && user.is_bot))
        .map((user) => ({ id: user.id, words: user.real_name, detail: user.title }))
    : [];
  const nameOf = (id) => channelWords(surface, id) ?? surface.reader.userName(id);
  return idSelect(element, field, [...rooms, ...people], nameOf, "conversation");
}

/** One or several public channels. */
export function channelsSelect(element, field, surface) {
  const rooms = surface.page.state.channels.filter((channel) => !channel.is_private).map(channelChoice);
  return idSelect(element, field, rooms, (id) => channelWords(surface, id), "channel");
}

/** Options as radio buttons, or as checkboxes where several may be chosen. */
export function choiceButtons(element, field, surface) {
  const many = element.type === "checkboxes";
  const values = new Set(
    (many ? (field.value.selected_options ?? []) : [field.value.selected_option]).map((option) => option?.value),
  );
  const changed = (event) => {
    const picked = [...event.currentTarget.querySelectorAll("input:checked")].map(
      (input) => element.options[Number(input.dataset.index)],
    );
    field.changed(many ? { selected_options: picked } : { selected_option: picked[0] ?? null });
  };
  // A lone checkbox is what the block's label names; of several, the label names the group.
  const isLone = many && element.options.length === 1;
  const group = isLone ? {} : { role: many ? "group" : "radiogroup", ...field.aria, "aria-labelledby": field.labelId };
  return h(
    "div",
    { key: field.key, class: "choice-buttons", ...group, onchange: changed },
    element.options.map((option, index) => {
      const id = isLone ? field.id : `${field.id}-${index}`;
      const detail = option.description && `${id}-detail`;
      const described = [isLone && field.aria["aria-describedby"], detail].filter(Boolean).join(" ") || null;
      return h(
        "div",
        { key: option.value, class: "choice-button" },
        h("input", {
          id,
          type: many ? "checkbox" : "radio",
          name: field.id,
          "data-index": index,
          "aria-describedby": described,
          "aria-invalid": isLone ? field.aria["aria-invalid"] : null,
          initial: { checked: values.has(option.value) },
        }),
        h("label", { for: id }, textOf(option.text, surface.reader)),
        detail && h("p", { id: detail, class: "choice-detail" }, textOf(option.description, surface.reader)),
      );
    }),
  );
}

function combobox(element, field, { propose, chosen, changed, many, isRemote = false, minimum = 0 }) {
  const limit = element.max_selected_items ?? Infinity;
  const placeholder = element.placeholder?.text ?? (many ? "Choose options" : "Choose an option");
  return h(Combobox, { key: field.key, field, propose, chosen, changed, many, isRemote, minimum, limit, placeholder });
}

function optionValues(field, many) {
  const given = many ? (field.value.selected_options ?? []) : [field.value.selected_option].filter(Boolean);
  const changed = (choices) => {
    const options = choices.map((choice) => choice.option);
    field.changed(many ? { selected_options: options } : { selected_option: options[0] ?? null });
  };
  return { many, chosen: given.map(choiceOf), changed };
}

/** Selects whose value is ids; `noun` makes their keys, `selected_user` and `selected_users`. */
function idSelect(element, field, known, nameOf, noun) {
  const many = element.type.startsWith("multi_");
  const given = many ? (field.value[`selected_${noun}s`] ?? []) : [field.value[`selected_${noun}`]].filter(Boolean);
  const changed = (choices) => {
    const ids = choices.map((choice) => choice.id);
    field.changed(many ? { [`selected_${noun}s`]: ids } : { [`selected_${noun}`]: ids[0] ?? null });
  };
  const chosen = given.map((id) => ({ id, words: nameOf(id) ?? id }));
  const propose = async (query) => [{ heading: null, choices: matching(known, query) }];
  return combobox(element, field, { propose, chosen, changed, many });
}

function groupsOf({ option_groups: groups, options }) {
  if (groups?.length) return groups.map((group) => ({ label: wordsOf(group.label), options: group.options }));
  return [{ label: null, options: options ?? [] }];
}

function choiceOf(option) {
  return {
    id: option.value,
    words: wordsOf(option.text),
    detail: option.description ? wordsOf(option.description) : null,
    option,
  };
}

function channelChoice(channel) {
  return { id: channel.id, words: `#${channel.name}`, detail: channel.is_private ? "Private" : null };
}

function channelWords(surface, id) {
  const name = surface.reader.channelName(id);
  return name && `#${name}`;
}

function matching(choices, query) {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return choices.filter((choice) => words.every((word) => choice.words.toLowerCase().includes(word)));
}

function hasChoices(group) {
  return group.choices.length > 0;
}
