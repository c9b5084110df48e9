/**
 * What people do, sent to the server in the order in which they did it.
 *
 * Typed text waits here until its field is left; it is always sent before the next button or submission, because
 * the app reads the whole form with every action.
 */

import { act, ConnectionError, TROUBLE } from "./server.js";

/** Slack gives an app three seconds to answer; a little more, so that the server's own answer comes first. */
const PATIENCE_MS = 3400;
const TYPING_PAUSE_MS = 250;

export class Actions {
  #page;
  /** What was typed and not sent yet: key → { target, value, dispatch, timer }. */
  #waiting = new Map();
  /** The end of the line of requests. */
  #last = Promise.resolve();
  #busy = new Set();

  constructor(page) {
    this.#page = page;
  }

  /** Do it, show the person what went wrong, and bring the page up to date. Never rejects. */
  async perform(name, details) {
    const answer = await this.#send(name, details);
    if (!answer.ok) this.#page.say(answer.error ?? TROUBLE);
    await this.#page.refresh();
    return answer;
  }

  /** A value was chosen in a field that the app hears of only at submission. */
  keep(target, value) {
    this.#page.forgiveError(target);
    return this.#inOrder(async () => {
      const answer = await this.#send("input", { ...named(target), view_id: target.surface.where.view_id, value });
      if (answer.ok) return;
      this.#page.say(answer.error ?? TROUBLE);
      // It goes again with the next button or submission, unless something newer was typed meanwhile.
      const key = keyOf(target);
      if (answer.unreachable && !this.#waiting.has(key))
        this.#waiting.set(key, { target, value, dispatch: false, timer: null });
    });
  }

  /** A value was chosen in a field whose changes the app follows. */
  dispatch(target, value) {
    this.#page.forgiveError(target);
    this.#flush({ besides: keyOf(target) });
    return this.#inOrder(() => this.perform("block_action", { ...named(target), where: target.surface.where, value }));
  }

  /** A character was typed. */
  typed(target, value, { dispatch }) {
    this.#page.forgiveError(target);
    const key = keyOf(target);
    clearTimeout(this.#waiting.get(key)?.timer);
    const timer = dispatch ? setTimeout(() => this.settle(target), TYPING_PAUSE_MS) : null;
    this.#waiting.set(key, { target, value, dispatch, timer });
  }

  /** The field was left: what waits in it is sent. */
  settle(target) {
    const waiting = this.#waiting.get(keyOf(target));
    if (!waiting) return;
    this.#waiting.delete(keyOf(target));
    clearTimeout(waiting.timer);
    if (waiting.dispatch) this.dispatch(target, waiting.value);
    else this.keep(target, waiting.value);
  }

  /** A button or menu was pressed: asked again where it has a confirmation, links opened at once. */
  async press(target, element, value) {
    if (element.confirm && !(await this.#page.ask(element.confirm))) return;
    if (element.url) window.open(element.url, "_blank", "noopener");
    const key = keyOf(target);
    if (this.#busy.has(key)) return;
    this.#mark(key, true);
    await this.dispatch(target, value);
    this.#mark(key, false);
  }

  isBusy(target) {
    return this.#busy.has(keyOf(target));
  }

  isSubmitting(view) {
    return this.#busy.has(view.id);
  }

  async submit(view) {
    if (this.isSubmitting(view)) return;
    this.#page.forgiveErrors(view.id);
    this.#flush({});
    this.#mark(view.id, true);
    const slow = setTimeout(() => this.#page.setTrouble(view.id, TROUBLE), PATIENCE_MS);
    const answer = await this.#inOrder(() => this.#send("submit", { view_id: view.id }));
    clearTimeout(slow);
    await this.#page.refresh();
    const hasErrors = Object.keys(answer.errors ?? {}).length > 0;
    this.#page.setTrouble(view.id, answer.ok || hasErrors ? null : (answer.error ?? TROUBLE));
    if (hasErrors) this.#page.setErrors(view.id, answer.errors);
    this.#mark(view.id, false);
  }

  /** Close the view, or with `clear` the whole stack. */
  close(view, clear = false) {
    this.#flush({});
    return this.#inOrder(() => this.perform("close", { view_id: view.id, clear }));
  }

  /** Options that the app proposes for what was typed. Rejects with `ConnectionError`. */
  async suggest(target, query) {
    const answer = await act(this.#page.user, "suggest", { ...named(target), where: target.surface.where, query });
    if (!answer.ok) throw new ConnectionError(answer.error ?? TROUBLE);
    return answer;
  }

  #flush({ besides }) {
    for (const [key, { target }] of [...this.#waiting]) if (key !== besides) this.settle(target);
    // What is dispatched now is newer than what was still waiting in the same field.
    if (besides) {
      clearTimeout(this.#waiting.get(besides)?.timer);
      this.#waiting.delete(besides);
    }
  }

  #inOrder(step) {
    const turn = this.#last.then(step);
    this.#last = turn.then(() => undefined);
    return turn;
  }

  async #send(name, details) {
    try {
      return await act(this.#page.user, name, details);
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      return { ok: false, unreachable: true, error: error.message };
    }
  }

  #mark(key, busy) {
    if (busy) this.#busy.add(key);
    else this.#busy.delete(key);
    this.#page.redraw();
  }
}

function keyOf({ surface, block_id, action_id }) {
  return `${surface.name} ${block_id} ${action_id}`;
}

function named({ block_id, action_id }) {
  return { block_id, action_id };
}
