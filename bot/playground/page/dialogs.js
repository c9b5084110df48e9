/** Modals with their view stack, confirmation dialogs, and what both have in common: focus stays inside. */

import { drawBlocks } from "./blocks.js";
import { h, icon } from "./dom.js";
import { textOf, wordsOf } from "./mrkdwn.js";
import { APP_NAME } from "./page.js";
import { appIcon } from "./sidebar.js";

const FOCUSABLE =
  "a[href], button:not(:disabled), input:not(:disabled), select:not(:disabled), textarea:not(:disabled), [tabindex='0']";

/** The layers above the workspace, lowest first. */
export function dialogs(page) {
  const view = page.state.modals.at(-1);
  return [view && modal(page, view), page.question && confirmation(page.question)].filter(Boolean);
}

/** Keep the focus in the topmost dialog, close it with Escape, and give the focus back at the end. */
export function guardDialogs(page) {
  const topmost = () => [...document.querySelectorAll("[role=dialog], [role=alertdialog]")].at(-1);
  document.addEventListener("keydown", (event) => {
    const dialog = topmost();
    if (!dialog || event.defaultPrevented) return;
    if (event.key === "Escape") {
      event.preventDefault();
      if (page.question) page.question.answer(false);
      else page.actions.close(page.state.modals.at(-1));
    } else if (event.key === "Tab") {
      keepInside(dialog, event);
    }
  });
  let before = null;
  // The view below is drawn anew when the one above it closes: which stop was left there, by the dialog's title.
  const left = new Map();
  document.addEventListener("focusin", ({ target }) => {
    const dialog = topmost();
    if (!dialog) before = target;
    else if (dialog.contains(target)) left.set(titleOf(dialog), stopsIn(dialog).indexOf(target));
  });
  new MutationObserver(() => {
    const dialog = topmost();
    if (dialog && !dialog.contains(document.activeElement)) {
      startIn(dialog, left.get(titleOf(dialog)));
    } else if (!dialog && before && document.activeElement === document.body) {
      if (before.isConnected) before.focus();
      before = null;
    }
  }).observe(document.getElementById("page"), { childList: true, subtree: true });
}

function titleOf(dialog) {
  return dialog.getAttribute("aria-labelledby");
}

function stopsIn(dialog) {
  return [...dialog.querySelectorAll(FOCUSABLE)].filter((stop) => stop.checkVisibility());
}

/** At its first field, or at the stop that was left when another view covered it. */
function startIn(dialog, left) {
  const field =
    dialog.querySelector("[data-start]") ?? dialog.querySelector(".modal-body :is(input, select, textarea)");
  // Once people are past the beginning, a redrawn view must not throw them back to its first field.
  if (dialog.dataset.begun) return dialog.focus();
  dialog.dataset.begun = "yes";
  const stop = left === undefined ? field : stopsIn(dialog)[left];
  return (stop ?? dialog).focus();
}

function keepInside(dialog, event) {
  const stops = stopsIn(dialog);
  const [first, last] = [stops[0], stops.at(-1)];
  const here = document.activeElement;
  const leaves = event.shiftKey ? here === first || here === dialog : here === last;
  if (!leaves && dialog.contains(here)) return;
  event.preventDefault();
  (event.shiftKey ? last : first)?.focus();
}

function modal(page, view) {
  const { actions } = page;
  const isSubmitting = actions.isSubmitting(view);
  const trouble = page.troubleOf(view.id);
  const titleId = `${view.id}-title`;
  const depth = page.state.modals.length;
  const surface = {
    name: view.id,
    where: { view_id: view.id },
    values: view.values ?? {},
    errors: page.errorsOf(view.id),
    reader: page.reader,
    heading: "h3",
    page,
  };
  return h(
    "div",
    { key: view.id, class: "dialog-layer" },
    h(
      "form",
      {
        class: "modal",
        role: "dialog",
        "aria-modal": "true",
        "aria-labelledby": titleId,
        "aria-busy": isSubmitting ? "true" : null,
        tabindex: "-1",
        novalidate: true,
        onsubmit: (event) => {
          event.preventDefault();
          if (view.submit) actions.submit(view);
        },
      },
      h(
        "div",
        { class: "modal-head" },
        depth > 1 &&
          h(
            "button",
            {
              key: "back",
              type: "button",
              class: "icon-button",
              "aria-label": "Previous view",
              onclick: () => actions.close(view),
            },
            icon("left"),
          ),
        appIcon("small"),
        h("h2", { id: titleId }, wordsOf(view.title)),
        h(
          "button",
          {
            key: "dismiss",
            type: "button",
            class: "icon-button",
            "aria-label": "Dismiss",
            onclick: () => actions.close(view, depth > 1),
          },
          icon("cross"),
        ),
      ),
      h(
        "div",
        { class: "modal-body", after: (body) => attend(body, view, surface.errors) },
        trouble && h("p", { class: "trouble", role: "alert" }, trouble),
        drawBlocks(view.blocks, surface),
      ),
      h(
        "div",
        { class: "modal-foot" },
        h("span", { class: "modal-app" }, APP_NAME),
        h(
          "button",
          { key: "close", type: "button", class: "button", onclick: () => actions.close(view) },
          view.close ? wordsOf(view.close) : "Close",
        ),
        view.submit &&
          h(
            "button",
            {
              key: "submit",
              type: "submit",
              class: `button is-primary ${isSubmitting ? "is-busy" : ""}`,
              disabled: isSubmitting,
            },
            wordsOf(view.submit),
          ),
      ),
    ),
  );
}

/** Begin at the top where the blocks are other ones, and at the first field that has a new error. */
function attend(body, view, errors) {
  const inputs = JSON.stringify(view.blocks.filter(({ type }) => type === "input").map(({ block_id: id }) => id));
  if (body.dataset.inputs !== undefined && body.dataset.inputs !== inputs && !sharesInput(body.dataset.inputs, inputs))
    body.scrollTop = 0;
  body.dataset.inputs = inputs;
  const shown = JSON.stringify(errors);
  if (
    body.dataset.errors !== shown &&
    Object.keys(errors).length > Object.keys(JSON.parse(body.dataset.errors ?? "{}")).length
  ) {
    body.querySelector("[aria-invalid=true]")?.focus();
  }
  body.dataset.errors = shown;
}

function sharesInput(before, now) {
  const ids = new Set(JSON.parse(before));
  return JSON.parse(now).some((id) => ids.has(id));
}

function confirmation({ texts, answer }) {
  const danger = texts.style === "danger" ? "is-danger is-filled" : "is-primary";
  return h(
    "div",
    { key: "question", class: "dialog-layer is-question" },
    h(
      "div",
      {
        class: "modal question",
        role: "alertdialog",
        "aria-modal": "true",
        "aria-labelledby": "question-title",
        "aria-describedby": "question-text",
        tabindex: "-1",
      },
      h("div", { class: "modal-head" }, h("h2", { id: "question-title" }, wordsOf(texts.title))),
      h(
        "div",
        { class: "modal-body" },
        h(
          "p",
          { id: "question-text" },
          textOf(texts.text, { zone: "UTC", now: new Date(), userName: () => null, channelName: () => null }),
        ),
      ),
      h(
        "div",
        { class: "modal-foot" },
        h(
          "button",
          { type: "button", class: "button", "data-start": true, onclick: () => answer(false) },
          wordsOf(texts.deny),
        ),
        h("button", { type: "button", class: `button ${danger}`, onclick: () => answer(true) }, wordsOf(texts.confirm)),
      ),
    ),
  );
}
