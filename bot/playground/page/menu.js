/** A button that opens a menu. Arrow keys walk through it, Escape and a click elsewhere close it. */

import { draw, h } from "./dom.js";

/**
 * Props: `button`, `{ props, content }` of the button; `items`, a list of
 * `{ key, content, choose, selected?, disabled? }`; `heading` and `empty`, texts; `side`, a class.
 */
export function Menu(props) {
  const node = document.createElement("div");
  node.className = "menu-anchor";
  let current = props;
  let isOpen = false;

  const items = () => [...node.querySelectorAll("[role^=menuitem]:not(:disabled)")];

  function show(open, { focus = true } = {}) {
    isOpen = open;
    render();
    if (open) {
      document.addEventListener("pointerdown", outside, true);
      (items().find((item) => item.getAttribute("aria-checked") === "true") ?? items()[0])?.focus();
    } else {
      document.removeEventListener("pointerdown", outside, true);
      if (focus) node.querySelector("button")?.focus();
    }
  }

  function outside(event) {
    if (!node.contains(event.target)) show(false, { focus: false });
  }

  function walk(event) {
    if (!isOpen) return;
    const all = items();
    const here = all.indexOf(document.activeElement);
    const step = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      all.at(step % all.length)?.focus();
    } else if (event.key === "Escape") {
      // The menu may stand in a modal, which Escape would close as well.
      event.preventDefault();
      event.stopPropagation();
      show(false);
    } else if (event.key === "Tab") {
      show(false, { focus: false });
    }
  }

  function render() {
    const { button, items: entries, heading, empty, side = "" } = current;
    draw(node, [
      h(
        "button",
        {
          type: "button",
          ...button.props,
          "aria-haspopup": "menu",
          "aria-expanded": String(isOpen),
          onclick: () => show(!isOpen),
        },
        button.content,
      ),
      isOpen &&
        h(
          "div",
          { class: `menu ${side}`, role: "menu", "aria-label": heading ?? null },
          heading && h("p", { class: "menu-heading", role: "presentation" }, heading),
          entries.length === 0 && h("p", { class: "menu-empty" }, empty),
          entries.map((entry) => item(entry)),
        ),
    ]);
  }

  function item({ key, content, choose, selected, disabled }) {
    const role =
      selected === undefined ? { role: "menuitem" } : { role: "menuitemradio", "aria-checked": String(selected) };
    const chosen = () => {
      show(false);
      choose();
    };
    return h("button", { key, type: "button", class: "menu-item", ...role, disabled, onclick: chosen }, content);
  }

  node.addEventListener("keydown", walk);
  render();
  return {
    node,
    update(next) {
      current = next;
      render();
    },
  };
}
