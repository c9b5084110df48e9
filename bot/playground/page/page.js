/** What the browser knows: the server's last state, what is open, and what the person is in the middle of. */

import { Actions } from "./actions.js";
import { localDate } from "./dates.js";
import { routeOf } from "./routes.js";
import { ConnectionError, listen, readCalendar, readMail, readState } from "./server.js";

export const APP_NAME = "InviteOnce";
const TOAST_MS = 6000;
const WELCOME_KEY = "playground.welcome";

export class Page {
  /** The server's answer to `readState`; null until the first one. */
  state = null;
  route = null;
  isReachable = true;
  isDrawerOpen = false;
  toast = null;
  /** A confirmation being asked: `{ texts, answer }`. */
  question = null;
  actions = new Actions(this);
  /** What stands in the message boxes: conversation or thread → text. */
  composed = new Map();

  #render;
  #redrawAsked = false;
  #isStale = false;
  #refreshing = null;
  #errors = new Map();
  #troubles = new Map();
  #reading = new Set();
  #letters = new Map();
  #weeks = new Map();
  #toastTimer = 0;

  constructor(render) {
    this.#render = render;
    this.user = new URLSearchParams(location.search).get("user");
    this.isWelcoming = localStorage.getItem(WELCOME_KEY) !== "done";
  }

  /** Read the state for the first time, then follow its changes and the address. */
  async start() {
    await this.refresh();
    listen(
      this.user,
      () => this.refresh(),
      (isReachable) => {
        if (this.isReachable === isReachable) return;
        this.isReachable = isReachable;
        this.redraw();
      },
    );
    addEventListener("hashchange", () => this.#arrive());
    document.addEventListener("visibilitychange", () => this.#follow());
    // Words like "today" and "in 5 minutes" grow old.
    setInterval(() => this.redraw(), 60_000);
    this.#arrive();
  }

  /** A promise that the page has seen a state read after this call (or could not reach the server). */
  refresh() {
    this.#isStale = true;
    this.#refreshing ??= this.#read().finally(() => {
      this.#refreshing = null;
    });
    return this.#refreshing;
  }

  async #read() {
    while (this.#isStale) {
      this.#isStale = false;
      try {
        const state = await readState(this.user);
        this.state = state;
        this.user = state.me;
      } catch (error) {
        if (!(error instanceof ConnectionError)) throw error;
        if (!this.state) throw error;
      }
      this.#follow();
      this.redraw();
    }
  }

  /** The route again, since what it names may have come or gone, and the open conversation is read. */
  #follow() {
    this.route = routeOf(location.hash, this.state);
    const { channel, tab } = this.route;
    const isHidden = tab === "home" || document.hidden;
    if (channel && !isHidden && this.unreadIn(channel) > 0) this.#markRead(channel);
  }

  async #markRead(channel) {
    if (this.#reading.has(channel)) return;
    this.#reading.add(channel);
    await this.actions.perform("read", { channel });
    this.#reading.delete(channel);
  }

  #arrive() {
    this.isDrawerOpen = false;
    this.#follow();
    if (this.route.place === "app") this.actions.perform("open_home", { tab: this.route.tab });
    this.redraw();
  }

  /** Draw soon; many calls draw once. */
  redraw() {
    if (this.#redrawAsked) return;
    this.#redrawAsked = true;
    queueMicrotask(() => {
      this.#redrawAsked = false;
      if (this.state) this.#render(this);
    });
  }

  get me() {
    return this.state.users.find((user) => user.id === this.state.me);
  }

  get today() {
    return localDate(new Date(), this.me.time_zone);
  }

  /** How texts refer to people, channels and times for the present reader. */
  get reader() {
    const { users, channels } = this.state;
    return {
      zone: this.me.time_zone,
      now: new Date(),
      userName: (id) => users.find((user) => user.id === id)?.real_name ?? null,
      channelName: (id) => channels.find((channel) => channel.id === id)?.name ?? null,
    };
  }

  unreadIn(channel) {
    return channel === this.state.dm.id ? this.state.dm.unread : (this.state.unread[channel] ?? 0);
  }

  /** Become somebody else: a new page, so that nothing half typed changes hands. */
  become(user) {
    const address = new URL(location.href);
    address.searchParams.set("user", user);
    location.assign(address);
  }

  say(text) {
    clearTimeout(this.#toastTimer);
    this.toast = text;
    this.#toastTimer = setTimeout(() => this.say(null), text ? TOAST_MS : 0);
    if (text === null) clearTimeout(this.#toastTimer);
    this.redraw();
  }

  /** Ask as Slack's confirmation dialogs do; a promise of the answer. */
  ask(texts) {
    const asker = document.activeElement;
    return new Promise((resolve) => {
      const answer = (isConfirmed) => {
        this.question = null;
        this.redraw();
        queueMicrotask(() => asker?.focus());
        resolve(isConfirmed);
      };
      this.question = { texts, answer };
      this.redraw();
    });
  }

  errorsOf(viewId) {
    return this.#errors.get(viewId) ?? {};
  }

  setErrors(viewId, errors) {
    this.#errors.set(viewId, errors);
    this.redraw();
  }

  forgiveErrors(viewId) {
    this.#errors.delete(viewId);
    this.#troubles.delete(viewId);
    this.redraw();
  }

  /** The field is being mended: its error goes. */
  forgiveError({ surface, block_id: blockId }) {
    const errors = this.#errors.get(surface.where.view_id);
    if (!errors || !(blockId in errors)) return;
    const { [blockId]: _mended, ...others } = errors;
    this.setErrors(surface.where.view_id, others);
  }

  troubleOf(viewId) {
    return this.#troubles.get(viewId) ?? null;
  }

  setTrouble(viewId, text) {
    if (text) this.#troubles.set(viewId, text);
    else this.#troubles.delete(viewId);
    this.redraw();
  }

  /** The mail as `readMail` gives it, `{ trouble }`, or null while it is being read. */
  letter(id) {
    return this.#kept(this.#letters, id, 0, () => readMail(id));
  }

  /** The week's events as `readCalendar` gives them, `{ trouble }`, or null while they are being read. */
  week(from) {
    return this.#kept(this.#weeks, from, this.state.version, () => readCalendar(this.user, from, 7));
  }

  /** What was read under that key; read again, with the old answer still shown, where the version is another one. */
  #kept(store, key, version, read) {
    const entry = store.get(key) ?? { answer: null, version: null };
    if (entry.version === version) return entry.answer;
    store.set(key, { ...entry, version });
    read()
      .catch((error) => {
        if (!(error instanceof ConnectionError)) throw error;
        return { trouble: error.message };
      })
      .then((answer) => {
        // A trouble is not kept: opening the place again asks again.
        store.set(key, { answer, version: answer.trouble ? null : store.get(key).version });
        this.redraw();
      });
    return entry.answer;
  }

  endWelcome() {
    localStorage.setItem(WELCOME_KEY, "done");
    this.isWelcoming = false;
    this.redraw();
  }
}
