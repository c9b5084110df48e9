/** Instants on a wall clock, in words: Slack's `<!date>` formats and what the page itself says. */

const DAY_MS = 86_400_000;

/** `YYYY-MM-DD` on that zone's wall. */
export function localDate(instant, zone) {
  return new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" }).format(
    instant,
  );
}

/** Minutes since that zone's midnight, as its clock shows them. */
export function minuteOfDay(instant, zone) {
  const clock = new Intl.DateTimeFormat("en-GB", { timeZone: zone, hour: "2-digit", minute: "2-digit" }).format(
    instant,
  );
  const [hours, minutes] = clock.split(":").map(Number);
  return hours * 60 + minutes;
}

/** The date so many days later. */
export function plusDays(date, days) {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

/** A date (not an instant) in words, e.g. `{ weekday: "short", day: "numeric" }`. */
export function dateInWords(date, options) {
  return new Intl.DateTimeFormat(undefined, { timeZone: "UTC", ...options }).format(new Date(`${date}T00:00:00Z`));
}

/** The time of day, by the browser's habit of 12 or 24 hours. */
export function timeOfDay(instant, zone) {
  return new Intl.DateTimeFormat(undefined, { timeZone: zone, hour: "numeric", minute: "2-digit" }).format(instant);
}

/** A full hour on anybody's clock, as `timeOfDay` would say it. */
export function hourInWords(hour) {
  return new Intl.DateTimeFormat(undefined, { timeZone: "UTC", hour: "numeric" }).format(Date.UTC(2000, 0, 1, hour));
}

/** The moment a message's `ts` names. */
export function momentOf(ts) {
  return new Date(Number(ts) * 1000);
}

/** "Today", "Yesterday", "Tomorrow", or null for any other day. */
export function nearDay(date, today) {
  if (date === today) return "Today";
  if (date === plusDays(today, -1)) return "Yesterday";
  return date === plusDays(today, 1) ? "Tomorrow" : null;
}

/** How a conversation heads a day. */
export function dayHeading(date, today) {
  return nearDay(date, today) ?? dateInWords(date, { weekday: "long", month: "long", day: "numeric" });
}

/** Slack's date template (`{date_short_pretty} at {time}`) filled in for a reader in `zone`. */
export function slackDate(template, instant, zone, now) {
  const date = localDate(instant, zone);
  const today = localDate(now, zone);
  // Slack leaves the year out of dates less than about six months away.
  const year = Math.abs(instant - now) < 182 * DAY_MS ? {} : { year: "numeric" };
  const words = (options) => new Intl.DateTimeFormat("en-US", { timeZone: zone, ...options }).format(instant);
  const withOrdinal = (text) => text.replace(/(\d+)(?=,|$)/, (day) => day + ordinalEnding(Number(day)));
  const plain = {
    date_num: () => date,
    date: () => withOrdinal(words({ month: "long", day: "numeric", ...year })),
    date_short: () => words({ month: "short", day: "numeric", ...year }),
    date_long: () => withOrdinal(words({ weekday: "long", month: "long", day: "numeric", ...year })),
    date_slash: () => words({ month: "2-digit", day: "2-digit", year: "numeric" }),
    time: () => timeOfDay(instant, zone),
    time_secs: () => new Intl.DateTimeFormat(undefined, { timeZone: zone, timeStyle: "medium" }).format(instant),
    ago: () => elapsed(instant - now),
  };
  return template.replace(/\{(\w+?)(_pretty)?\}/g, (token, name, pretty) => {
    if (!(name in plain)) return token;
    const near = pretty && nearDay(date, today);
    // In the middle of a sentence Slack writes "today", at its beginning "Today".
    if (near) return template.startsWith(token) ? near : near.toLowerCase();
    return plain[name]();
  });
}

function ordinalEnding(day) {
  if (day % 100 >= 11 && day % 100 <= 13) return "th";
  return { 1: "st", 2: "nd", 3: "rd" }[day % 10] ?? "th";
}

function elapsed(differenceMs) {
  const minutes = Math.round(differenceMs / 60_000);
  const words = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
  if (Math.abs(minutes) < 60) return words.format(minutes, "minute");
  if (Math.abs(minutes) < 24 * 60) return words.format(Math.round(minutes / 60), "hour");
  return words.format(Math.round(minutes / (24 * 60)), "day");
}
