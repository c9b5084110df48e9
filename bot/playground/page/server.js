/** What the page asks of the playground's server. Every failure is a `ConnectionError` with a sentence for a person. */

const BASE = "/playground";

export const TROUBLE = "We had some trouble connecting. Try again?";

export class ConnectionError extends Error {}

/** Everything that `user` sees; without a user, what the playground's first user sees. */
export function readState(user) {
  return ask(`/state${query({ user })}`);
}

/** Do something as `user`: `{ ok: true, … }`, or `{ ok: false, error, errors? }` with texts for the person. */
export function act(user, name, details) {
  return ask("/act", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ ...details, user, do: name }),
  });
}

/** One mail: `{ headers, text, html, attachments, ics }`. */
export function readMail(id) {
  return ask(`/mail/${encodeURIComponent(id)}`);
}

/** Where the HTML part of a mail can be framed. */
export function mailPage(id) {
  return `${BASE}/mail/${encodeURIComponent(id)}/html`;
}

/** The user's events from the local date `from` on: `{ events, time_zone }`. */
export function readCalendar(user, from, days) {
  return ask(`/calendar${query({ user, from, days })}`);
}

/**
 * Call `changed` whenever the user's state may have changed, also after the connection was lost and found again;
 * `reachable(false)` while it is lost. Returns a function that stops listening.
 */
export function listen(user, changed, reachable) {
  let source = null;
  let retry = 0;
  const open = () => {
    source = new EventSource(`${BASE}/stream${query({ user })}`);
    source.onopen = () => {
      reachable(true);
      changed();
    };
    source.onmessage = changed;
    source.onerror = () => {
      reachable(false);
      // The browser reconnects by itself unless the server answered with an error: then it gives up.
      if (source.readyState === EventSource.CLOSED) retry = setTimeout(open, 2000);
    };
  };
  open();
  return () => {
    clearTimeout(retry);
    source.close();
  };
}

async function ask(path, options) {
  let response;
  try {
    response = await fetch(BASE + path, options);
  } catch (cause) {
    throw new ConnectionError(TROUBLE, { cause });
  }
  let answer;
  try {
    answer = await response.json();
  } catch (cause) {
    throw new ConnectionError(TROUBLE, { cause });
  }
  if (!response.ok && answer.ok !== false) throw new ConnectionError(answer.error ?? TROUBLE);
  return answer;
}

function query(parameters) {
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined && value !== null);
  return given.length ? `?${new URLSearchParams(given)}` : "";
}
