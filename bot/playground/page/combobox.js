/**
 * A text box that proposes choices while one types, for one choice or, with removable chips, for several.
 * Keyboard and roles follow the combobox pattern of the ARIA Authoring Practices.
 */

import { draw, h, icon } from "./dom.js";
import { ConnectionError } from "./server.js";

const SEARCH_PAUSE_MS = 120;

/**
 * Props: `field` (of fields.js); `chosen`, the first choices; `propose(query)`, a promise of
 * `[{ heading, choices: [{ id, words, detail }] }]`; `minimum`, characters before it is asked; `isRemote`, whether the
 * app answers; `placeholder`; `many` and `limit`; `changed(choices)`. The choices are kept here: what the app says later
 * does not undo them.
 */
export function Combobox(props) {
  const node = document.createElement("div");
  node.className = "combobox";
  let current = props;
  let chosen = props.chosen;
  let text = singleWords();
  let isOpen = false;
  let groups = [];
  let note = null;
  let active = 0;
  let asked = 0;
  let timer = 0;
  let chooseWhenProposed = false;

  const input = () => node.querySelector("input");
  const choices = () => groups.flatMap((group) => group.choices);
  const listId = () => `${current.field.id}-list`;
  const optionId = (index) => `${listId()}-${index}`;

  function singleWords() {
    return current.many ? "" : (chosen[0]?.words ?? "");
  }

  function open(query, pause = 0) {
    isOpen = true;
    const turn = ++asked;
    clearTimeout(timer);
    if (query.length < current.minimum) {
      groups = [];
      note = current.minimum > 1 ? `Type ${current.minimum} characters to search` : "Type to search";
      return render();
    }
    if (!current.isRemote) return propose(turn, query);
    note = groups.length ? null : "Searching…";
    timer = setTimeout(() => propose(turn, query), pause);
    return render();
  }

  async function propose(turn, query) {
    let proposed;
    try {
      proposed = await current.propose(query);
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      proposed = null;
    }
    // Only the newest question may answer.
    if (turn !== asked || !isOpen) return;
    groups = proposed ?? [];
    active = 0;
    note =
      proposed === null
        ? "The choices could not be loaded. Type again to retry."
        : choices().length
          ? null
          : "No matches";
    if (chooseWhenProposed && choices().length) choose(choices()[0]);
    chooseWhenProposed = false;
    render();
  }

  function close() {
    isOpen = false;
    asked += 1;
    chooseWhenProposed = false;
    groups = [];
    render();
  }

  function choose(choice) {
    const held = chosen.some(({ id }) => id === choice.id);
    if (current.many && !held && chosen.length >= current.limit) {
      note = `You can choose ${current.limit} at most`;
      return render();
    }
    if (!current.many) settle([choice]);
    else settle(held ? chosen.filter(({ id }) => id !== choice.id) : [...chosen, choice]);
    text = singleWords();
    input().value = text;
    if (!current.many) return close();
    return current.minimum === 0 ? open("") : close();
  }

  function settle(next) {
    chosen = next;
    current.changed(chosen);
  }

  function remove(choice) {
    settle(chosen.filter(({ id }) => id !== choice.id));
    render();
    input().focus();
  }

  function left() {
    const emptied = !current.many && !input().value.trim() && chosen.length > 0;
    if (emptied && current.field.optional) settle([]);
    text = singleWords();
    input().value = text;
    close();
  }

  function pressed(event) {
    const all = choices();
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!isOpen) return open(current.many ? input().value : "");
      if (all.length) active = (active + (event.key === "ArrowDown" ? 1 : all.length - 1)) % all.length;
      render();
      node.querySelector("[data-active]")?.scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter" && isOpen) {
      event.preventDefault();
      if (all[active]) choose(all[active]);
      else chooseWhenProposed = true;
    } else if (event.key === "Enter" && current.many) {
      event.preventDefault();
    } else if (event.key === "Escape" && isOpen) {
      // It stands in a modal, which Escape would close as well.
      event.preventDefault();
      event.stopPropagation();
      left();
    } else if (event.key === "Backspace" && current.many && !input().value && chosen.length) {
      remove(chosen.at(-1));
    }
    return undefined;
  }

  function render() {
    const { field, many, placeholder } = current;
    const expanded = isOpen && (choices().length > 0 || note !== null);
    draw(node, [
      many &&
        chosen.length > 0 &&
        h("ul", { class: "chips", "aria-label": `${field.label ?? "Chosen"}: chosen` }, chosen.map(chip)),
      h("input", {
        id: field.id,
        type: "text",
        role: "combobox",
        autocomplete: "off",
        spellcheck: "false",
        placeholder: many && chosen.length ? null : placeholder,
        ...field.aria,
        "aria-autocomplete": "list",
        "aria-expanded": String(expanded),
        "aria-controls": listId(),
        "aria-activedescendant": expanded && choices().length ? optionId(active) : null,
        initial: { value: text },
        oninput: () => open(input().value, SEARCH_PAUSE_MS),
        onclick: () => {
          if (!isOpen) {
            if (!many) input().select();
            open(many ? input().value : "");
          }
        },
        onkeydown: pressed,
        onblur: left,
      }),
      h(
        "div",
        {
          class: "choices",
          id: listId(),
          role: "listbox",
          "aria-label": `${field.label ?? placeholder ?? "Field"}: choices`,
          hidden: !expanded,
          onpointerdown: keepFocus,
        },
        list(),
      ),
      h("span", { class: "combobox-mark" }, icon("down")),
      h("p", { class: "visually-hidden", role: "status" }, isOpen ? note : null),
    ]);
  }

  function list() {
    let index = 0;
    return [
      groups.map(({ heading, choices: members }, place) => {
        const options = members.map((choice) => option(choice, index++));
        return heading
          ? h(
              "div",
              { key: `group ${place}`, role: "group", "aria-label": heading },
              h("p", { class: "choices-heading", "aria-hidden": "true" }, heading),
              options,
            )
          : options;
      }),
      note && h("p", { class: "choices-note" }, note),
    ];
  }

  function option(choice, index) {
    const held = chosen.some(({ id }) => id === choice.id);
    return h(
      "div",
      {
        id: optionId(index),
        class: "choice",
        role: "option",
        "aria-selected": String(held),
        "aria-label": choice.words,
        "data-active": index === active,
        onclick: () => choose(choice),
      },
      h("span", { class: "choice-words" }, choice.words),
      choice.detail && h("span", { class: "choice-detail" }, choice.detail),
      held && icon("check"),
    );
  }

  function chip(choice) {
    return h(
      "li",
      { key: choice.id, class: "chip" },
      h("span", {}, choice.words),
      h(
        "button",
        { type: "button", "aria-label": `Remove ${choice.words}`, onclick: () => remove(choice) },
        icon("cross"),
      ),
    );
  }

  render();
  return {
    node,
    update(next) {
      current = next;
      render();
    },
  };
}

/** A press on the list must not take the focus from the text box, which would close the list. */
function keepFocus(event) {
  event.preventDefault();
}
