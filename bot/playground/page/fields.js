/**
 * One interactive element in its place: what it holds at first, how it is named, and where its changes go.
 *
 * A *surface* is what elements stand on, a modal, Home or a message:
 * `{ name, where, values, errors, reader, page }`; `where` is how the server finds it.
 */

/** Slack's part of `state.values` that an element starts with, from its `initial_…` keys. */
export function initialValue(element) {
  if (element.initial_options) return { selected_options: element.initial_options };
  if (element.initial_option) return { selected_option: element.initial_option };
  if (element.initial_date) return { selected_date: element.initial_date };
  if (element.initial_time) return { selected_time: element.initial_time };
  if (element.initial_users) return { selected_users: element.initial_users };
  if (element.initial_user) return { selected_user: element.initial_user };
  if (element.initial_conversations) return { selected_conversations: element.initial_conversations };
  if (element.initial_conversation) return { selected_conversation: element.initial_conversation };
  if (element.initial_channels) return { selected_channels: element.initial_channels };
  if (element.initial_channel) return { selected_channel: element.initial_channel };
  return { value: element.initial_value ?? null };
}

/**
 * The field of `element` in `block`.
 *
 * `label` is the block's label where there is one; `described` are ids of hint, error and "optional".
 * `changed(value)` is for what is chosen at once; `typed(value)` and `settled()` for what is typed by and by.
 */
export function fieldOf(
  surface,
  block,
  element,
  { label = null, labelId = null, described = [], optional = true } = {},
) {
  const { actions } = surface.page;
  const isInput = block.type === "input";
  const dispatches = !isInput || block.dispatch_action === true;
  const triggers = element.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"];
  const target = { surface, block_id: block.block_id, action_id: element.action_id };
  return {
    id: domId(surface, block, element),
    key: `${surface.name} ${block.block_id} ${element.action_id}`,
    label,
    labelId,
    optional,
    value: surface.values[block.block_id]?.[element.action_id] ?? initialValue(element),
    aria: {
      "aria-label": label || labelId ? null : (element.accessibility_label ?? element.placeholder?.text ?? null),
      "aria-labelledby": label ? null : labelId,
      "aria-describedby": described.join(" ") || null,
      "aria-invalid": surface.errors[block.block_id] ? "true" : null,
      "aria-required": isInput && !optional ? "true" : null,
    },
    changed: (value) => (dispatches ? actions.dispatch(target, value) : actions.keep(target, value)),
    typed: (value) =>
      actions.typed(target, value, { dispatch: dispatches && triggers.includes("on_character_entered") }),
    settled: () => actions.settle(target),
    entersOnReturn: dispatches && triggers.includes("on_enter_pressed"),
    pressed: (value) => actions.press(target, element, value),
    isBusy: actions.isBusy(target),
    suggest: (query) => actions.suggest(target, query),
  };
}

/** An id for the element's node; ids in `aria-describedby` may hold no space. */
function domId(surface, block, element) {
  return `${surface.name}-${block.block_id}-${element.action_id}`.replace(/\s+/g, "_");
}
